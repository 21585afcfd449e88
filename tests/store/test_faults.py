"""A disk that fails, a file that is damaged, copies, the mark and the reserve: with real files."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from aof_tui.base.clock import SystemClock
from aof_tui.base.errors import StoreError, StoreFault, StoreFaultError
from aof_tui.store import database
from aof_tui.store.database import prepare
from aof_tui.store.faults import fault_of
from aof_tui.store.port import Tx
from aof_tui.store.read_only import open_reader
from aof_tui.store.sqlite_store import SqliteStore, open_store
from tests.store.conftest import AnyStore

CLOCK = SystemClock()
LIMITED = """
import asyncio, resource, signal, sys
from pathlib import Path
from aof_tui.base.errors import StoreFaultError
from aof_tui.store.sqlite_store import open_store

async def main():
    store = await open_store(Path(sys.argv[1]))
    await store.write(lambda tx: tx.execute("meta_put", {"key": "k", "value": "before"}))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
    try:
        await store.write(lambda tx: tx.execute("meta_put", {"key": "k", "value": "x" * 3_000_000}))
    except StoreFaultError as error:
        print(error.fault, end=" ")
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    await store.renew()
    print((await store.read("meta_get", {"key": "k"}))[0]["value"], end=" ")
    await store.write(lambda tx: tx.execute("meta_put", {"key": "k", "value": "after"}))
    print((await store.read("meta_get", {"key": "k"}))[0]["value"])
    await store.close()

asyncio.run(main())
"""


async def set_k(store: AnyStore, value: str) -> None:
    await store.write(lambda tx: tx.execute("meta_put", {"key": "k", "value": value}))


async def fill(store: AnyStore, rows: int, size: int) -> None:
    async def put(tx: Tx) -> None:
        for number in range(rows):
            await tx.execute("meta_put", {"key": f"k{number}", "value": "v" * size})

    await store.write(put)


async def k_of(store: AnyStore) -> object:
    rows = await store.read("meta_get", {"key": "k"})
    return rows[0]["value"] if rows else None


def test_a_write_that_the_system_refuses_is_told_and_the_store_opened_anew_goes_on(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path / "aof.db")],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.split() == ["io", "before", "after"]


async def test_a_full_database_is_told_as_full(tmp_path: Path) -> None:
    store = await open_store(tmp_path / "aof.db")
    await store._writing.execute_fetchall("PRAGMA max_page_count = 1")
    with pytest.raises(StoreFaultError, match="full") as refused:
        await set_k(store, "x" * 1_000_000)
    assert (refused.value.fault, refused.value.exit_code) == (StoreFault.FULL, 3)
    await store.close()


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        (sqlite3.SQLITE_IOERR_FSYNC, StoreFault.IO),
        (sqlite3.SQLITE_READONLY_DBMOVED, StoreFault.READ_ONLY),
        (sqlite3.SQLITE_CORRUPT_INDEX, StoreFault.CORRUPT),
        (sqlite3.SQLITE_NOTADB, StoreFault.CORRUPT),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, StoreFault.BUSY),
        (sqlite3.SQLITE_TOOBIG, StoreFault.OTHER),
        (None, StoreFault.OTHER),
    ],
)
def test_extended_codes_are_their_primary_ones(code: int | None, fault: StoreFault) -> None:
    error = sqlite3.OperationalError("x")
    if code is not None:
        error.sqlite_errorcode = code
    assert fault_of(error) is fault


def test_errors_of_the_system_are_kinds_too() -> None:
    found = [fault_of(OSError(number, "x")) for number in (28, 5, 30, 13, 9999)]
    assert found == [StoreFault.FULL, StoreFault.IO, StoreFault.READ_ONLY, StoreFault.READ_ONLY, StoreFault.OTHER]


async def test_a_renewed_store_reads_and_writes_on_what_was_committed(store: AnyStore) -> None:
    await set_k(store, "1")
    await store.renew()
    assert await k_of(store) == "1"
    await set_k(store, "2")
    assert await k_of(store) == "2"


async def test_a_store_damaged_meanwhile_is_found_when_it_is_renewed(tmp_path: Path) -> None:
    store = await open_store(tmp_path / "aof.db")
    await fill(store, 300, 500)
    await store._writing.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray((tmp_path / "aof.db").read_bytes())
    content[len(content) // 2 :] = b"\xa5" * (len(content) - len(content) // 2)
    (tmp_path / "aof.db").write_bytes(content)
    with pytest.raises(StoreFaultError, match="aof-tui store recover") as refused:
        await store.renew()
    assert refused.value.fault is StoreFault.CORRUPT
    await store.close()


async def test_a_store_that_is_gone_is_not_made_anew_behind_the_engine(tmp_path: Path) -> None:
    store = await open_store(tmp_path / "aof.db")
    (tmp_path / "aof.db").unlink()
    with pytest.raises(StoreFaultError, match="cannot be used"):
        await store.renew()
    assert not (tmp_path / "aof.db").exists()
    await store.close()


def damage_in(path: Path) -> str | None:
    """What a start says of a damaged store; None when the damage touched nothing in use."""
    try:
        prepare(path)
    except StoreFaultError as error:
        return str(error) if error.fault is StoreFault.CORRUPT else "not taken for damage"
    return None


async def test_damage_at_any_place_is_noticed_or_harmless_and_never_changed(tmp_path: Path) -> None:
    whole = tmp_path / "whole.db"
    store = await open_store(whole)
    await fill(store, 40, 700)
    await store.close()
    content = whole.read_bytes()
    noticed = 0
    for place in range(4096, len(content) - 4096, 4096 * 8):
        broken = bytearray(content)
        broken[place : place + 4096] = bytes(byte ^ 0xFF for byte in content[place : place + 4096])
        path = tmp_path / f"{place}.db"
        path.write_bytes(broken)
        said = damage_in(path)
        if said is not None:
            noticed += 1
            assert "not taken" not in said
            assert "\n" not in said
            assert path.read_bytes() == bytes(broken)
    assert noticed >= 5


def test_a_store_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "aof.db").touch()
    monkeypatch.setattr(os, "geteuid", lambda: (tmp_path / "aof.db").stat().st_uid + 1)
    with pytest.raises(StoreFaultError, match="belongs to another user") as refused:
        prepare(tmp_path / "aof.db")
    assert refused.value.exit_code == 3


async def test_a_store_in_a_folder_that_may_not_be_written_can_still_be_viewed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await open_store(tmp_path / "aof.db")
    await store.close()
    genuine = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK and genuine(path, mode))
    assert "immutable=1" in database.reader_uri(tmp_path / "aof.db")
    reader = await open_reader(tmp_path / "aof.db", CLOCK)
    assert (await reader.status()).engine == "absent"
    await reader.close()
    (tmp_path / "aof.db-wal").touch()
    assert "immutable" not in database.reader_uri(tmp_path / "aof.db")


async def test_renewing_waits_for_the_transaction_and_holds_back_the_next(tmp_path: Path) -> None:
    store = await open_store(tmp_path / "aof.db")
    order: list[str] = []

    async def slow(tx: Tx) -> None:
        await tx.execute("meta_put", {"key": "k", "value": "1"})
        order.append("first")

    async def after(tx: Tx) -> None:
        order.append("second")
        await tx.execute("meta_put", {"key": "k", "value": "2"})

    await asyncio.gather(store.write(slow), store.renew(), store.write(after), *(k_of(store) for _ in range(9)))
    assert order == ["first", "second"]
    assert isinstance(store, SqliteStore)
    assert await k_of(store) == "2"
    await store.close()
    with pytest.raises(StoreError, match="closed"):
        await store.renew()


KILLED = """
import os, signal, sqlite3, sys
from aof_tui.store.migrate import Migration, migrate
steps = [Migration(1, "one", "CREATE TABLE a (x);\\n")]
steps += [Migration(2, "two", "CREATE TABLE b (x);\\nCREATE TABLE c (x);\\n")]
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA journal_mode = WAL")
left = int(sys.argv[2])
def kill(*_):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
connection.set_trace_callback(kill)
migrate(connection, "m", steps)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_migration_killed_at_any_statement_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    whole = {0: [], 1: ["a"], 2: ["a", "b", "c"]}
    seen = set()
    for left in (5, 8, 11, 14, 17, 99):
        path = tmp_path / f"{left}.db"
        subprocess.run([sys.executable, "-c", KILLED, str(path), str(left)], check=False, timeout=60)
        with closing(sqlite3.connect(path)) as connection:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema ORDER BY name")]
        assert tables == whole[version]
        seen.add(version)
    assert seen == {0, 1, 2}
