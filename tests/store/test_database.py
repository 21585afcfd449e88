"""The file of the store: made private, checked, migrated; what is not a store is left alone."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

import pytest

from aof_tui.base.clock import SystemClock
from aof_tui.base.errors import StoreError
from aof_tui.store.database import BUSY_TIMEOUT_MS, prepare
from aof_tui.store.migrate import Migration, load_migrations, migrate, schema_version, split_script
from aof_tui.store.port import Tx
from aof_tui.store.read_only import open_reader
from aof_tui.store.sqlite_store import open_store
from tests.store.seed import seeded

CLOCK = SystemClock()
Open = Callable[[Path], Awaitable[object]]


async def read_only(path: Path) -> object:
    return await open_reader(path, CLOCK)


BOTH = pytest.mark.parametrize("open_it", [open_store, read_only])


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


async def test_everything_the_store_makes_is_private(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        store = await open_store(tmp_path / "state" / "aof.db")
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "state").iterdir()}
    await store.close()
    assert modes == {"aof.db": 0o600, "aof.db-wal": 0o600, "aof.db-shm": 0o600}
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700
    assert set(files(tmp_path / "state")) == {"aof.db"}


def test_a_file_that_others_may_read_is_closed_to_them(tmp_path: Path) -> None:
    (tmp_path / "aof.db").touch()
    (tmp_path / "aof.db").chmod(0o644)
    prepare(tmp_path / "aof.db")
    assert stat.S_IMODE((tmp_path / "aof.db").stat().st_mode) == 0o600


async def test_the_writer_is_durable_and_the_readers_cannot_write(tmp_path: Path) -> None:
    store = await open_store(tmp_path / "aof.db")

    async def pragma(name: str) -> object:
        return next(iter(await store._writing.execute_fetchall(f"PRAGMA {name}")))

    try:
        assert await pragma("journal_mode") == {"journal_mode": "wal"}
        assert await pragma("synchronous") == {"synchronous": 2}
        assert await pragma("foreign_keys") == {"foreign_keys": 1}
        assert await pragma("trusted_schema") == {"trusted_schema": 0}
        assert await pragma("busy_timeout") == {"timeout": BUSY_TIMEOUT_MS}
        with pytest.raises(StoreError, match="readonly"):
            await store.select("DELETE FROM meta", {})
    finally:
        await store.close()


async def test_two_reads_run_beside_each_other_and_beside_a_transaction(tmp_path: Path) -> None:
    store = await open_store(tmp_path / "aof.db")
    inside, go_on = asyncio.Event(), asyncio.Event()

    async def wait(tx: Tx) -> None:
        await tx.execute("meta_put", {"key": "k", "value": "v"})
        inside.set()
        await go_on.wait()

    writing = asyncio.create_task(store.write(wait))
    await inside.wait()
    assert await asyncio.gather(*(store.read("meta_get", {"key": "k"}) for _ in range(8))) == [[]] * 8
    go_on.set()
    await writing
    assert await store.read("meta_get", {"key": "k"}) == [{"value": "v"}]
    await store.close()


async def test_a_cancelled_close_still_closes(tmp_path: Path) -> None:
    store = await open_store(tmp_path / "aof.db")
    closing_it = asyncio.create_task(store.close())
    await asyncio.sleep(0)
    closing_it.cancel()
    await asyncio.gather(closing_it, return_exceptions=True)
    await store.close()
    assert set(files(tmp_path)) == {"aof.db"}


@BOTH
@pytest.mark.parametrize("content", [b"certainly not a database\n" * 200, b"SQLite format 3\0" + b"\xff" * 4096])
async def test_a_file_that_is_no_database_is_refused_and_left_alone(
    tmp_path: Path, open_it: Open, content: bytes
) -> None:
    (tmp_path / "aof.db").write_bytes(content)
    with pytest.raises(StoreError, match=r"the store .*aof\.db cannot be") as refused:
        await open_it(tmp_path / "aof.db")
    assert "\n" not in str(refused.value)
    assert files(tmp_path) == {"aof.db": content}


@BOTH
async def test_another_programs_database_is_refused_and_left_alone(tmp_path: Path, open_it: Open) -> None:
    with closing(sqlite3.connect(tmp_path / "aof.db")) as other:
        other.execute("CREATE TABLE cats (name TEXT)")
        other.execute("PRAGMA user_version = 1")
        other.commit()
    before = files(tmp_path)
    with pytest.raises(StoreError, match="another program"):
        await open_it(tmp_path / "aof.db")
    assert files(tmp_path) == before


@BOTH
async def test_a_newer_schema_is_refused(tmp_path: Path, open_it: Open) -> None:
    prepare(tmp_path / "aof.db")
    with closing(sqlite3.connect(tmp_path / "aof.db")) as connection:
        connection.execute("PRAGMA user_version = 999")
    with pytest.raises(StoreError, match=r"newer aof-tui .schema 999, this program knows \d"):
        await open_it(tmp_path / "aof.db")


async def test_a_damaged_store_is_refused(tmp_path: Path) -> None:
    with seeded(tmp_path / "aof.db") as seed:
        for number in range(2_000):
            seed.put("failure", master_job_id=f"j-{number:05}", error="x" * 500)
    content = bytearray((tmp_path / "aof.db").read_bytes())
    middle = len(content) // 2
    content[middle : middle + 20_000] = b"\xa5" * 20_000
    (tmp_path / "aof.db").write_bytes(content)
    with pytest.raises(StoreError, match=r"damaged|malformed") as refused:
        await open_store(tmp_path / "aof.db")
    assert "\n" not in str(refused.value)


async def test_a_place_that_cannot_hold_a_store_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder.db").mkdir()
    os.link(tmp_path / "file", tmp_path / "other name")
    for place, message in (("file/aof.db", "cannot be opened"), ("folder.db", "cannot be opened"), ("file", "links")):
        with pytest.raises(StoreError, match=message):
            await open_store(tmp_path / place)


async def test_a_missing_store_is_not_made_by_a_reader(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no store at"):
        await read_only(tmp_path / "aof.db")
    (tmp_path / "empty.db").touch()
    with pytest.raises(StoreError, match="not up to date"):
        await read_only(tmp_path / "empty.db")
    assert files(tmp_path) == {"empty.db": b""}


def test_a_full_disk_is_one_clear_line_and_undoes_the_transaction(tmp_path: Path) -> None:
    async def fill() -> None:
        store = await open_store(tmp_path / "aof.db")
        pages = next(iter(await store._writing.execute_fetchall("PRAGMA page_count")))["page_count"]
        await store._writing.execute_fetchall(f"PRAGMA max_page_count = {pages}")

        async def put(tx: Tx) -> None:
            await tx.execute("meta_put", {"key": "small", "value": "v"})
            await tx.execute("meta_put", {"key": "big", "value": "v" * 1_000_000})

        try:
            with pytest.raises(StoreError, match=r"the store .*aof\.db cannot be written: .*full"):
                await store.write(put)
            assert await store.read("meta_get", {"key": "small"}) == []
            await store.write(lambda tx: tx.execute("meta_put", {"key": "small", "value": "v"}))
        finally:
            await store.close()

    asyncio.run(fill())


def test_the_packaged_migrations_apply_and_apply_only_once() -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        migrate(connection, "m")
        migrate(connection, "m")
        assert schema_version(connection) == len(load_migrations())
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def test_a_step_that_fails_leaves_nothing_of_itself() -> None:
    good = Migration(1, "good", "CREATE TABLE a (x);\nCREATE TABLE b (x);\n")
    bad = Migration(2, "bad", "CREATE TABLE c (x);\nINSERT INTO nowhere VALUES (1);\n")
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        with pytest.raises(sqlite3.OperationalError, match="nowhere"):
            migrate(connection, "m", [good, bad])
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema ORDER BY name")]
        assert (schema_version(connection), tables, connection.in_transaction) == (1, ["a", "b"], False)
        migrate(connection, "m", [good, Migration(2, "mended", "CREATE TABLE c (x);\n")])
        assert schema_version(connection) == 2


def test_a_script_is_split_at_its_statements() -> None:
    script = (
        "-- why\nCREATE TABLE a (x);\nCREATE TRIGGER t AFTER INSERT ON a\nBEGIN\n  DELETE FROM a;\n  SELECT 1;\nEND;\n"
    )
    first, second = split_script(script)
    assert first.endswith("CREATE TABLE a (x);")
    assert second.startswith("CREATE TRIGGER")
    assert second.endswith("END;")
    with pytest.raises(StoreError, match="inside a statement"):
        list(split_script("CREATE TABLE a (x);\nCREATE TABLE b (\n"))
