"""Copies, the mark and the reserve: what lies beside a store."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from aof_tui.base.clock import SystemClock
from aof_tui.base.errors import StoreFaultError
from aof_tui.base.randomness import Randomness
from aof_tui.store.copies import Copies
from aof_tui.store.mark import BesideStore, Mark
from aof_tui.store.reserve import Reserve
from aof_tui.store.sqlite_store import open_store
from aof_tui.store.sync_store import open_sync_store
from tests.store.conftest import AnyStore

CLOCK = SystemClock()
DAY = 86_400.0


async def set_k(store: AnyStore, value: str) -> None:
    await store.write(lambda tx: tx.execute("meta_put", {"key": "k", "value": value}))


async def k_of(store: AnyStore) -> object:
    rows = await store.read("meta_get", {"key": "k"})
    return rows[0]["value"] if rows else None


async def test_a_copy_is_whole_private_and_complete_under_its_name(store: AnyStore, tmp_path: Path) -> None:
    await set_k(store, "kept")
    target = tmp_path / "copies" / "a.db"
    await store.copy(target)
    await set_k(store, "later")
    await store.copy(tmp_path / "copies" / "b.db")
    assert [path.name for path in sorted(target.parent.iterdir())] == ["a.db", "b.db"]
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert stat.S_IMODE(target.parent.stat().st_mode) == 0o700
    restored = await open_store(target)
    assert await k_of(restored) == "kept"
    await restored.close()


async def test_a_copy_that_fails_leaves_the_older_ones(store: AnyStore, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreFaultError, match="cannot be written"):
        await Copies(tmp_path / "file" / "x", 3).make(store, DAY)


async def test_only_the_newest_copies_are_kept(tmp_path: Path) -> None:
    store = open_sync_store(None, CLOCK, Randomness("c"))
    copies = Copies(tmp_path / "copies", 3)
    copies.folder.mkdir()
    (copies.folder / "notes.txt").touch()
    for day in range(6):
        await copies.make(store, day * DAY)
    await store.close()
    assert [path.name for path in sorted(copies.folder.iterdir())] == [
        "aof-19700104T000000Z.db",
        "aof-19700105T000000Z.db",
        "aof-19700106T000000Z.db",
        "notes.txt",
    ]


async def test_the_mark_is_kept_in_place(tmp_path: Path) -> None:
    file = BesideStore(tmp_path / "aof.db")
    assert await file.read() is None
    await file.write(Mark("a" * 32, 7))
    size = file.path.stat().st_size
    await file.write(Mark("a" * 32, 123_456_789))
    assert await BesideStore(tmp_path / "aof.db").read() == Mark("a" * 32, 123_456_789)
    assert file.path.stat().st_size == size
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    for content in (b"", b"[]", b'{"store_id": "x"}', b"\xff\xfe"):
        file.path.write_bytes(content)
        assert await file.read() is None


async def test_a_mark_that_cannot_be_kept_is_told(tmp_path: Path) -> None:
    (tmp_path / "aof.db.mark").mkdir()
    with pytest.raises(StoreFaultError, match="cannot be written"):
        await BesideStore(tmp_path / "aof.db").write(Mark("a", 1))
    with pytest.raises(StoreFaultError, match="cannot be read"):
        await BesideStore(tmp_path / "aof.db").read()


def test_the_reserve_takes_its_space_and_gives_it_back(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    reserve = Reserve(tmp_path / "aof.db", size=2 * 1024 * 1024)
    assert reserve.hold()
    assert reserve.path.stat().st_blocks * 512 >= 2 * 1024 * 1024
    assert reserve.hold()
    reserve.release()
    reserve.release()
    assert not reserve.path.exists()
    assert not Reserve(tmp_path / "nowhere" / "aof.db").hold()
    assert "no reserve" in caplog.text
