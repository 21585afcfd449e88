"""Where the control socket lies, who may reach it, and how it is taken and given back.

An engine binds only while it holds its store's lock, so a socket of that store that nobody answers is left over. One
that is answered belongs to an engine on another store, and is never taken away.
"""

from __future__ import annotations

import hashlib
import os
import socket
import stat
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_state_path

from aof_tui.base.errors import AofError, UsageError

MOST_PATH_BYTES = 100
"""Some kernels take no more than 104 with the closing zero; the others little more."""
OWN_DIRECTORY, OWN_SOCKET = 0o700, 0o600
GROUP_DIRECTORY, GROUP_SOCKET = 0o750, 0o660
BACKLOG = 64
ANSWER_S = 1.0


class SocketError(AofError):
    """The control socket cannot be opened."""

    exit_code = 2


def socket_places(store: Path, environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Where the socket of a store may lie, the best place first. Sessions of one user can see different places."""
    name = f"{hashlib.sha256(str(store.resolve()).encode()).hexdigest()[:16]}.sock"
    runtime = environ.get("XDG_RUNTIME_DIR", "")
    folders = [Path(runtime) / "aof-tui"] if runtime.startswith("/") and Path(runtime).is_dir() else []
    return tuple(folder / name for folder in (*folders, user_state_path("aof-tui", appauthor=False) / "run"))


def check_length(path: Path) -> None:
    """Raises UsageError for a path that no kernel can bind."""
    length = len(os.fsencode(path))
    if length > MOST_PATH_BYTES:
        raise UsageError(
            f"the socket's path {path} has {length} bytes; it may have {MOST_PATH_BYTES}: "
            "name a shorter one (socket.path)"
        )


def answers(path: Path) -> bool:
    """Whether somebody takes connections there."""
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(ANSWER_S)
        probe.connect(str(path))
        return True
    return False


@dataclass(frozen=True, slots=True)
class ListeningSocket:
    """A socket that is bound, with what tells it from one that took its place."""

    path: Path
    listener: socket.socket
    identity: tuple[int, int, int]

    def remove(self) -> None:
        """Take the file away if it is still this socket's; the listener is its server's to close."""
        with suppress(OSError):
            if _identity(self.path) == self.identity:
                self.path.unlink()


def listen(path: Path, gid: int | None = None) -> ListeningSocket:
    """Bind and listen; with a group its members may connect as well. Raises UsageError, SocketError."""
    check_length(path)
    try:
        _prepare_directory(path.parent, gid)
        _clear(path)
        return _bound(path, gid)
    except OSError as error:
        raise SocketError(f"the socket {path} cannot be opened: {error.strerror}") from error


def _prepare_directory(folder: Path, gid: int | None) -> None:
    wanted = OWN_DIRECTORY if gid is None else GROUP_DIRECTORY
    try:
        folder.mkdir(mode=OWN_DIRECTORY, parents=True)
    except FileExistsError:
        _check_directory(folder, wanted, gid)
        return
    if gid is not None:
        _give_to_group(folder, gid)
    folder.chmod(wanted)


def _give_to_group(path: Path, gid: int) -> None:
    # A hardened service may not change owners at all, not even to what they are.
    if path.lstat().st_gid != gid:
        os.chown(path, -1, gid)


def _check_directory(folder: Path, wanted: int, gid: int | None) -> None:
    """A directory that is there is never changed: it may have other uses."""
    found = folder.stat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise SocketError(f"the socket's directory {folder} must be a directory of the engine's user")
    if stat.S_IMODE(found.st_mode) & ~wanted & 0o777:
        mode = stat.S_IMODE(found.st_mode)
        raise SocketError(
            f"the socket's directory {folder} is open to others (mode {mode:04o}): "
            f"name one of its own, or chmod {wanted:04o} {folder}"
        )
    if gid is not None and (found.st_gid != gid or not found.st_mode & stat.S_IXGRP):
        raise SocketError(f"the socket's directory {folder} must have mode {wanted:04o} and the socket's group")


def _clear(path: Path) -> None:
    """Remove a socket that an engine left behind."""
    try:
        there = os.lstat(path)
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(there.st_mode):
        raise SocketError(f"{path} is in the way of the socket: it is no socket")
    if answers(path):
        raise SocketError(f"another engine answers at {path}: name another socket for this one")
    path.unlink()


def _bound(path: Path, gid: int | None) -> ListeningSocket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.setblocking(False)
        listener.bind(str(path))
        # Until it listens nobody can connect, whatever the mode was at first.
        path.chmod(OWN_SOCKET)
        if gid is not None:
            _give_to_group(path, gid)
            path.chmod(GROUP_SOCKET)
        listener.listen(BACKLOG)
        return ListeningSocket(path, listener, _identity(path))
    except BaseException:
        listener.close()
        raise


def _identity(path: Path) -> tuple[int, int, int]:
    """What tells a file from one that took its place; a number of a removed file is soon used again."""
    there = path.lstat()
    return there.st_dev, there.st_ino, there.st_ctime_ns
