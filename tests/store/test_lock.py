"""One engine per store."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from aof_tui.base.clock import SystemClock
from aof_tui.base.errors import StoreError, StoreHeldError
from aof_tui.store.lock import StoreLock
from aof_tui.store.mounts import file_system, innermost, is_network, parse_mount_command, parse_mountinfo

CLOCK = SystemClock()
HOLDER = """
import sys
from pathlib import Path
from aof_tui.base.clock import SystemClock
from aof_tui.store.lock import StoreLock
lock = StoreLock(Path(sys.argv[1]), SystemClock())
lock.acquire()
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_engine_learns_who_holds_the_store(tmp_path: Path) -> None:
    store = tmp_path / "state" / "aof.db"
    with StoreLock(store, CLOCK) as held:
        holder = json.loads(held.path.read_text(encoding="utf-8"))
        assert holder["pid"] == os.getpid()
        with pytest.raises(StoreHeldError, match=f"process {os.getpid()}, started {holder['started_at']}") as refused:
            StoreLock(store, CLOCK).acquire()
        assert refused.value.exit_code == 3
        assert stat.S_IMODE(held.path.stat().st_mode) == 0o600
        assert stat.S_IMODE(store.parent.stat().st_mode) == 0o700
    with StoreLock(store, CLOCK):
        pass


def test_another_process_holds_it_until_it_dies(tmp_path: Path) -> None:
    store = tmp_path / "aof.db"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(store)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(StoreHeldError, match=f"process {holder.pid}, started 20"):
            StoreLock(store, CLOCK).acquire()
        holder.send_signal(signal.SIGKILL)
        holder.wait(timeout=30)
    with StoreLock(store, CLOCK):
        pass


def test_a_store_reached_through_a_link_has_the_same_lock(tmp_path: Path) -> None:
    store, link = tmp_path / "aof.db", tmp_path / "link.db"
    store.touch()
    link.symlink_to(store)
    with StoreLock(store, CLOCK), pytest.raises(StoreHeldError):
        StoreLock(link, CLOCK).acquire()


def test_a_link_in_the_locks_place_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious", encoding="utf-8")
    (tmp_path / "aof.db.lock").symlink_to(victim)
    with pytest.raises(StoreError, match="cannot be taken"):
        StoreLock(tmp_path / "aof.db", CLOCK).acquire()
    assert victim.read_text(encoding="utf-8") == "precious"


def test_a_lock_that_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "aof.db.lock")
    with pytest.raises(StoreError, match="is not a file"):
        StoreLock(tmp_path / "aof.db", CLOCK).acquire()


def test_an_unreadable_holder_is_still_a_holder(tmp_path: Path) -> None:
    with StoreLock(tmp_path / "aof.db", CLOCK) as held:
        for content in ("", "[]", '{"pid": "x", "started_at": 1}', '{"pid": 1, "started_at": "\\u001b[2J"}'):
            held.path.write_text(content, encoding="utf-8")
            with pytest.raises(StoreHeldError, match="held by another process"):
                StoreLock(tmp_path / "aof.db", CLOCK).acquire()


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs"])
def test_network_file_systems_are_refused(tmp_path: Path, kind: str) -> None:
    with pytest.raises(StoreError, match=f"network file system .{kind}."):
        StoreLock(tmp_path / "aof.db", CLOCK, probe=lambda path: kind).acquire()
    assert not (tmp_path / "aof.db.lock").exists()


def test_local_and_unknown_file_systems_are_taken(tmp_path: Path) -> None:
    for kind in ("ext4", "apfs", "tmpfs", "overlay", "fuse.fuse-overlayfs"):
        assert not is_network(kind)
    with StoreLock(tmp_path / "aof.db", CLOCK, probe=lambda path: None):
        pass


def test_the_innermost_mount_counts() -> None:
    text = (
        "22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw\n"
        "23 22 0:40 / /srv/my\\040data rw shared:7 - nfs4 server:/x rw\n"
        "24 22 0:41 / /srv rw - xfs /dev/sdb rw\n"
        "broken line\n"
    )
    mounts = list(parse_mountinfo(text))
    assert innermost(Path("/srv/my data/deep"), mounts) == "nfs4"
    assert innermost(Path("/srv/my database"), mounts) == "xfs"
    assert innermost(Path("/var/lib"), mounts) == "ext4"
    assert innermost(Path("/var/lib"), []) is None


def test_the_mount_command_of_macos_is_understood() -> None:
    text = (
        "/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)\n"
        "//ana@nas/share on /Volumes/share on disk (smbfs, nodev, nosuid)\n"
        "map auto_home on /System/Volumes/Data/home (autofs, automounted)\n"
    )
    mounts = list(parse_mount_command(text))
    assert ("/", "apfs") in mounts
    assert innermost(Path("/System/Volumes/Data/home/ana"), mounts) == "autofs"
    assert "smbfs" in {kind for _, kind in mounts}


def test_this_machines_mounts_can_be_read(tmp_path: Path) -> None:
    assert not is_network(file_system(tmp_path))
