"""On which kind of file system a path lies: SQLite's locks and shared memory do not hold on network file systems."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeAlias

NETWORK_FILE_SYSTEMS = frozenset(
    {
        "nfs", "nfs4", "cifs", "smb2", "smb3", "smbfs", "afpfs", "afs", "webdav", "davfs", "ncpfs", "ceph", "glusterfs",
        "lustre", "beegfs", "gpfs", "gfs2", "ocfs2", "orangefs", "pvfs2", "moosefs", "vboxsf", "vmhgfs", "prl_fs",
    }
)  # fmt: skip
NETWORK_FUSE = re.compile(
    r"fuse\.(sshfs|rclone|s3fs|gcsfuse|glusterfs|ceph|curlftpfs|davfs|moosefs|mfs\w*|juicefs|goofys)"
)

Probe: TypeAlias = Callable[[Path], str | None]


def file_system(path: Path) -> str | None:
    """The type of the file system that holds the path, None when it cannot be told."""
    folder = path.resolve()
    mounts = _linux_mounts() if sys.platform == "linux" else _bsd_mounts()
    return innermost(folder, mounts)


def is_network(kind: str | None) -> bool:
    """Whether files of this type are shared between machines; an unknown type counts as local."""
    return kind is not None and (kind in NETWORK_FILE_SYSTEMS or NETWORK_FUSE.fullmatch(kind) is not None)


def innermost(folder: Path, mounts: Iterable[tuple[str, str]]) -> str | None:
    """The type of the deepest mount above the folder; of mounts at one place the last one counts."""
    found: tuple[int, str | None] = (-1, None)
    for place, kind in mounts:
        depth = len(Path(place).parts)
        if depth >= found[0] and folder.is_relative_to(place):
            found = (depth, kind)
    return found[1]


def parse_mountinfo(text: str) -> Iterable[tuple[str, str]]:
    """(mount point, type) pairs of `/proc/self/mountinfo` (see proc_pid_mountinfo(5)), octal escapes undone."""
    for line in text.splitlines():
        before, separator, after = line.partition(" - ")
        fields = before.split(" ")
        if separator and len(fields) > 4:
            yield re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), fields[4]), after.split(" ")[0]


def parse_mount_command(text: str) -> Iterable[tuple[str, str]]:
    """(mount point, type) pairs of what `mount` prints on macOS: `server:/x on /Volumes/x (nfs, nodev)`."""
    for line in text.splitlines():
        match = re.fullmatch(r".+? on (/.*) \((\w+).*\)", line)
        if match is not None:
            yield match[1], match[2]


def _linux_mounts() -> Iterable[tuple[str, str]]:
    try:
        return parse_mountinfo(Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape"))
    except OSError:
        return ()


def _bsd_mounts() -> Iterable[tuple[str, str]]:
    try:
        answer = subprocess.run(["/sbin/mount"], capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.SubprocessError):
        return ()
    return parse_mount_command(answer.stdout)
