"""Mending a store, what a monitor is told, and what systemd hears."""

from __future__ import annotations

import errno
import json
import os
import socket
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from aof_tui.base.clock import SystemClock
from aof_tui.base.errors import StoreFaultError, StoreHeldError, UsageError
from aof_tui.cli.main import main
from aof_tui.cli.recover import recover
from aof_tui.cli.service import SystemdService
from aof_tui.store.copies import copy_into
from aof_tui.store.lock import StoreLock
from tests.cli.processes import ROOT, command, environment
from tests.store.seed import seeded

CLOCK = SystemClock()
RECIPE = "INSERT INTO recipe (workspace, recipe_id, name, running, failed_count, succeeded_count, marked_at"
OUTBOX = "INSERT INTO outbox (workspace, kind, receiver, channel, reference, summary, body, state, created_at)"
Asked = Callable[..., tuple[int, str, str]]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store that an engine made, which is no longer there."""
    path = tmp_path / "aof.db"
    with seeded(path) as seed:
        seed.put("workspace", name="prod", swept_at=CLOCK.wall() - 5)
        seed.put("engine_run", epoch=1, started_at=CLOCK.wall() - 100, pid=os.getpid(), boot_id=CLOCK.boot_id)
    return path


@pytest.fixture
def config(store: Path) -> Path:
    path = store.with_name("config.yaml")
    workspace = {"name": "prod", "url": "http://127.0.0.1:1", "token": "env:NOPE"}
    path.write_text(json.dumps({"store": str(store), "workspaces": [workspace]}), encoding="utf-8")
    return path


@pytest.fixture
def ask(config: Path, capfd: pytest.CaptureFixture[str]) -> Asked:
    def run(*words: str) -> tuple[int, str, str]:
        code = main([*words, "--config", str(config)])
        return code, *capfd.readouterr()

    return run


def change(store: Path, sql: str) -> None:
    with closing(sqlite3.connect(store)) as connection:
        connection.execute(sql)
        connection.commit()


def test_a_status_without_trouble_is_zero(ask: Asked) -> None:
    code, out, _ = ask("status", "--json")
    assert (code, json.loads(out)["troubles"]) == (0, [])
    assert ask("status")[1].endswith("\nthe engine is well; nothing waits for people\n")


@pytest.mark.parametrize(
    ("sql", "check", "said"),
    [
        ("UPDATE engine_run SET ended_at = 1, ended_how = 'in order'", "engine", "the engine is absent"),
        ("UPDATE workspace SET acting_stopped = 'rival_engine'", "acting", "stopped: rival engine"),
        ("UPDATE workspace SET paused_by = 'cli:ana', paused_at = 1", "pause", "paused by cli:ana"),
        ("UPDATE engine_run SET started_at = 1", "collation", None),
        (
            f"{RECIPE}, mark_count) VALUES ('prod', '1', 'r', 1, 1, 1, 5.0, 1)",
            "collation",
            "recipes with new failures wait",
        ),
        (
            f"{OUTBOX} VALUES ('prod', 'alarm', 'oncall', 'slack', 'r', 's', '{{}}', 'dead', unixepoch())",
            "outbox",
            "a notice to oncall",
        ),
    ],
)
def test_what_is_wrong_is_named_and_fails_only_where_it_is_asked_about(
    ask: Asked, store: Path, sql: str, check: str, said: str | None
) -> None:
    change(store, sql)
    if said is None:
        change(store, "UPDATE workspace SET swept_at = NULL")
        said = "no sweep was completed"
    code, out, _ = ask("status", "--json")
    (trouble,) = json.loads(out)["troubles"]
    assert (code, trouble["check"]) == (1, check)
    assert said in trouble["text"]
    assert said in ask("status")[1]
    assert ask("status", "--fail-on", check)[0] == 1
    others = ",".join({"engine", "acting", "pause", "collation", "outbox", "store"} - {check})
    assert ask("status", "--fail-on", others)[0] == 0
    assert ask("status", "--fail-on", "none")[0] == 0


def test_recipes_that_were_never_read_are_no_delay(ask: Asked, store: Path) -> None:
    change(store, f"{RECIPE}) VALUES ('prod', '1', 'r', 1, 1, 1, 5.0)")
    code, out, _ = ask("status")
    assert code == 0
    assert "1, 1 of them for the first time" in out


def test_a_store_near_its_cap_is_told(ask: Asked, config: Path, store: Path) -> None:
    settings = json.loads(config.read_text(encoding="utf-8"))
    config.write_text(json.dumps(settings | {"retention": {"max_size_mb": 1}}), encoding="utf-8")
    change(store, "INSERT INTO meta VALUES ('big', hex(zeroblob(600000)))")
    code, out, _ = ask("status", "--fail-on", "store")
    assert code == 1
    assert "of at most 1" in out


def test_a_check_that_does_not_exist_is_named(ask: Asked) -> None:
    code, _, err = ask("status", "--fail-on", "engine,colation")
    assert code == 2
    assert "did you mean collation?" in err


def test_a_damaged_store_is_put_aside_untouched(store: Path) -> None:
    content = b"\xa5" * 8192
    store.write_bytes(content)
    store.with_name("aof.db-wal").write_bytes(b"log")
    done = recover(store, None, CLOCK)
    aside = {path.name.partition("corrupt-")[2][16:]: path for path in store.parent.glob("aof.db.corrupt-*")}
    assert aside[""].read_bytes() == content
    assert aside["-wal"].read_bytes() == b"log"
    assert not store.exists()
    assert str(aside[""]) in done[0]
    with pytest.raises(UsageError, match="nothing to put aside"):
        recover(store, None, CLOCK)


def test_a_copy_takes_the_stores_place_when_it_is_whole(store: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    with closing(sqlite3.connect(store, isolation_level=None)) as connection:
        copy_into(connection, copy)
    store.write_bytes(b"damaged")
    broken = tmp_path / "broken.db"
    broken.write_bytes(copy.read_bytes()[:-4096])
    for unfit in (broken, store):
        with pytest.raises(StoreFaultError, match=r"cannot be used|damaged"):
            recover(store, unfit, CLOCK)
        assert store.read_bytes() == b"damaged"
    with pytest.raises(UsageError, match="there is no file"):
        recover(store, tmp_path / "none.db", CLOCK)
    assert len(recover(store, copy, CLOCK)) == 2
    with closing(sqlite3.connect(store)) as connection:
        assert connection.execute("SELECT name FROM workspace").fetchall() == [("prod",)]
    assert copy.exists()


def test_nothing_is_put_aside_under_a_running_engine(store: Path, ask: Asked) -> None:
    with StoreLock(store, CLOCK), pytest.raises(StoreHeldError):
        recover(store, None, CLOCK)
    code, out, _ = ask("store", "recover")
    assert (code, store.exists()) == (0, False)
    assert "put aside" in out


def test_systemd_hears_how_the_program_is(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(5)
        service = SystemdService({"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "30000000"})
        service.ready()
        service.feed()
        service.stopping()
        assert [listening.recv(99) for _ in range(3)] == [b"READY=1", b"WATCHDOG=1", b"STOPPING=1"]
    service.feed()
    assert service.watchdog_s == 30.0


@pytest.mark.parametrize(
    ("more", "watchdog_s"),
    [({}, None), ({"WATCHDOG_USEC": "x"}, None), ({"WATCHDOG_USEC": "5", "WATCHDOG_PID": "1"}, None)],
)
def test_systemd_that_does_not_watch_is_not_fed(more: dict[str, str], watchdog_s: float | None) -> None:
    assert SystemdService({"NOTIFY_SOCKET": "@aof-tui-test", **more}).watchdog_s is watchdog_s
    assert SystemdService({"WATCHDOG_USEC": "5000000"}).watchdog_s is None


def test_a_full_disk_behind_the_output_is_one_line(config: Path, tmp_path: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            command("status", "--config", str(config)),
            cwd=ROOT,
            env=environment(tmp_path),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr == "aof-tui: standard output cannot be written: No space left on device\n"


@pytest.mark.parametrize(("token", "said"), [("", "not set"), ("  ", "blank")])
def test_a_token_that_cannot_be_one_names_file_and_line(
    ask: Asked, config: Path, token: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOPE", token)
    code, out, err = ask("headless")
    assert (code, out) == (2, "")
    assert err == f"{config}:1: workspaces[0].token: env:NOPE: is {said}\n"


def test_a_place_that_cannot_hold_a_store_fails_the_check(ask: Asked, config: Path) -> None:
    settings = json.loads(config.read_text(encoding="utf-8"))
    for place in ("/proc/aof/aof.db", "/dev/null/aof.db"):
        config.write_text(json.dumps(settings | {"store": place}), encoding="utf-8")
        code, out, _ = ask("check")
        assert code == 1
        assert "cannot be made" in out or "Not a directory" in out


def test_a_damaged_store_ends_a_start_with_one_line_and_stays_as_it_is(
    ask: Asked, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOPE", "a-token-of-a-test")
    content = store.read_bytes()[:4096] + b"\xa5" * (len(store.read_bytes()) - 4096)
    store.write_bytes(content)
    code, out, err = ask("headless")
    assert (code, out) == (3, "")
    assert err.count("\n") == 1
    assert "run: aof-tui store recover" in err
    assert store.read_bytes() == content


def test_a_store_on_a_disk_that_may_not_be_written_ends_a_start_with_one_line(
    ask: Asked, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOPE", "a-token-of-a-test")
    genuine = os.open

    def read_only(path: str | Path, flags: int, *more: int) -> int:
        if str(path) == str(store) and flags & os.O_RDWR:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        return genuine(path, flags, *more)

    monkeypatch.setattr(os, "open", read_only)
    code, _, err = ask("headless")
    assert code == 3
    assert err == f"aof-tui: the store {store} cannot be opened: Read-only file system\n"
    assert ask("status", "--fail-on", "none")[0] == 0


def test_a_store_on_a_network_file_system_ends_a_start_with_one_line(
    ask: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOPE", "a-token-of-a-test")
    monkeypatch.setattr(StoreLock.__init__, "__defaults__", (lambda _path: "nfs4",))
    code, _, err = ask("headless")
    assert code == 2
    assert "lies on a network file system (nfs4); use a local disk\n" in err
    assert err.count("\n") == 1
