"""One engine per store: an advisory lock on `STORE.lock`, held for the life of the process."""

from __future__ import annotations

import fcntl
import json
import os
import stat
from pathlib import Path
from types import TracebackType

from aof_tui.base.clock import Clock, parse_rfc3339, rfc3339
from aof_tui.base.errors import StoreError, StoreHeldError
from aof_tui.store.mounts import Probe, file_system, is_network

MOST_HOLDER_BYTES = 4096


class StoreLock:
    """Take it before the store is opened. The kernel releases it when the process ends, however it ends."""

    def __init__(self, store: Path, clock: Clock, probe: Probe = file_system) -> None:
        # The same store reached through a symbolic link must be the same lock.
        self._store = store.resolve()
        self.path = self._store.with_name(self._store.name + ".lock")
        self._clock = clock
        self._probe = probe
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Raises StoreHeldError naming the holder, StoreError when the place of the store cannot be used."""
        try:
            self._store.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._refuse_network()
            self._descriptor = self._locked_file()
            self._write_holder(self._descriptor)
        except OSError as error:
            self.release()
            raise StoreError(f"the lock {self.path} cannot be taken: {error.strerror}") from error

    def release(self) -> None:
        """Give the lock back; the file stays, because removing it would let two engines lock two files of one name."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> StoreLock:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.release()

    def _refuse_network(self) -> None:
        kind = self._probe(self._store.parent)
        if is_network(kind):
            raise StoreError(f"the store {self._store} lies on a network file system ({kind}); use a local disk")

    def _locked_file(self) -> int:
        while True:
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            try:
                self._lock(descriptor)
                if self._is_current(descriptor):
                    return descriptor
            except BaseException:
                os.close(descriptor)
                raise
            os.close(descriptor)

    def _lock(self, descriptor: int) -> None:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise StoreError(f"the lock {self.path} is not a file")
        os.fchmod(descriptor, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreHeldError(
                f"the store {self._store} is held by {_holder(os.pread(descriptor, MOST_HOLDER_BYTES, 0))}"
            ) from None

    def _is_current(self, descriptor: int) -> bool:
        """False when somebody removed or replaced the file between our opening and locking it."""
        ours = os.fstat(descriptor)
        try:
            there = os.stat(self.path, follow_symlinks=False)
        except FileNotFoundError:
            return False
        return (ours.st_dev, ours.st_ino) == (there.st_dev, there.st_ino)

    def _write_holder(self, descriptor: int) -> None:
        line = json.dumps({"pid": os.getpid(), "started_at": rfc3339(self._clock.wall())}) + "\n"
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, line.encode(), 0)


def _holder(content: bytes) -> str:
    try:
        holder = json.loads(content)
        return f"process {int(holder['pid'])}, started {rfc3339(parse_rfc3339(holder['started_at']))}"
    except (ValueError, TypeError, KeyError):
        return "another process"


def lock_holder(store: Path) -> str | None:
    """Who holds the store's lock, in words; None when nobody does. Changes nothing. Raises StoreError."""
    path = store.resolve()
    path = path.with_name(path.name + ".lock")
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(f"the lock {path} cannot be read: {error.strerror}") from error
    try:
        # A shared lock for a moment: an engine that starts in this very moment is told that the store is held.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _holder(os.pread(descriptor, MOST_HOLDER_BYTES, 0))
    finally:
        os.close(descriptor)
    return None
