"""SIGHUP reads the configuration again: what comes of it is used or refused, logged, recorded, and told to systemd."""

from __future__ import annotations

import json
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from aof_tui.cli.service import SystemdService
from tests.cli.processes import DEADLINE_S, Running, SimulatedWorkato, few_failures, running, simulated
from tests.cli.processes import write_config as config_file
from tests.control.served import short_folder

SLACK = "xoxb-for-the-tests-only"
KEPT = "the configuration stays as it was: "


@pytest.fixture
def workato(tmp_path: Path) -> Iterator[SimulatedWorkato]:
    with simulated(tmp_path, *few_failures(tmp_path)) as found:
        yield found


@pytest.fixture
def short() -> Iterator[Path]:
    with short_folder() as folder:
        yield folder


class Manager:
    """What stands in for systemd: it is told things, and asks for reloads."""

    def __init__(self, folder: Path) -> None:
        self._told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.address = folder / "notify"
        self._told.bind(str(self.address))
        self._told.settimeout(DEADLINE_S)

    def hears(self) -> dict[str, str]:
        """The next message but those that only feed the watchdog."""
        while True:
            words = self._told.recv(100_000).decode().split("\n")
            message = dict(line.split("=", 1) for line in words)
            if message.keys() != {"WATCHDOG"}:
                return message

    def reload(self, engine: Running) -> str:
        """Ask for it as `Type=notify-reload` does; the state that is told at its end."""
        asked_at = time.monotonic_ns() // 1_000
        engine.send(signal.SIGHUP)
        begun = self.hears()
        assert begun.keys() == {"RELOADING", "MONOTONIC_USEC", "WATCHDOG_USEC"}
        assert int(begun["MONOTONIC_USEC"]) >= asked_at
        ended = self.hears()
        assert (ended["READY"], ended["WATCHDOG_USEC"]) == ("1", "30000000")
        return ended["STATUS"]

    def close(self) -> None:
        self._told.close()


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[Manager]:
    manager = Manager(tmp_path)
    yield manager
    manager.close()


def test_each_reload_is_answered_and_recorded(
    tmp_path: Path, short: Path, workato: SimulatedWorkato, systemd: Manager
) -> None:
    # Serving takes its time, in which an engine that begins works already.
    config = config_file(tmp_path, workato, socket={"path": str(short / "run" / "a.sock")})
    good = json.loads(config.read_text(encoding="utf-8"))

    def write(**changes: object) -> None:
        config.write_text(json.dumps(good | changes), encoding="utf-8")

    given = {"WORKATO_TOKEN": workato.token, "SLACK_TOKEN": SLACK, "NOTIFY_SOCKET": str(systemd.address)}
    with running(tmp_path, "headless", "--config", str(config), **given, WATCHDOG_USEC="30000000") as engine:
        assert systemd.hears() == {"READY": "1"}
        config.write_text("mode: perhaps", encoding="utf-8")
        told = systemd.reload(engine)
        assert told.startswith(f"{KEPT}{config}:1: ")
        assert "mode" in told
        refused = engine.says_kind("configuration.refused")
        assert (refused["level"], refused["message"]) == ("error", told)
        assert "the configuration cannot be used" in str(engine.says_kind("incident.opened")["message"])

        # Only an engine that begins finds this out; then one with the settings before begins again.
        write(workspaces=[good["workspaces"][0] | {"ca_file": str(config)}])
        assert systemd.reload(engine).startswith(f"{KEPT}ca_file {config}: no usable certificates")

        write(mode="act", store=str(tmp_path / "other.db"))
        told = systemd.reload(engine)
        assert told == "the configuration was read again: mode changed; store changes at a restart"
        engine.says(lambda line: "in mode act" in str(line["message"]))
        assert engine.says_kind("configuration.applied")["message"] == told
        engine.says_kind("incident.resolved")
        assert not (tmp_path / "other.db").exists()
        engine.send(signal.SIGTERM)
        assert systemd.hears() == {"STOPPING": "1"}
        assert engine.ends() == 0
        kinds = [line["kind"] for line in engine.lines() if "kind" in line and "configuration" in str(line["message"])]
        # People are told once, however often it is refused, and that it is mended only when it is.
        assert kinds == [
            *("configuration.refused", "incident.opened", "configuration.refused"),
            *("incident.resolved", "configuration.applied"),
        ]


def test_a_service_that_nobody_watches_keeps_its_patience_to_itself(tmp_path: Path) -> None:
    manager = Manager(tmp_path)
    service = SystemdService({"NOTIFY_SOCKET": str(manager.address)})
    service.reloading()
    assert manager.hears().keys() == {"RELOADING", "MONOTONIC_USEC"}
    service.ready("as it\nwas")
    assert manager.hears() == {"READY": "1", "STATUS": "as it was"}
    manager.close()
