"""Log lines in systemd's journal: the level in front, and no time, which the journal has itself."""

from __future__ import annotations

import logging
import os
import subprocess
from pathlib import Path

import pytest

from aof_tui.cli.journal import is_journal, priority_mark
from aof_tui.cli.logs import FIELDS, LogFormat, logging_to
from tests.cli.processes import ROOT, command, environment

logger = logging.getLogger("aof_tui.test")


def lines(path: Path, stream: str | None, form: LogFormat = LogFormat.CONSOLE) -> list[str]:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        there = os.fstat(descriptor)
        environ = {} if stream is None else {"JOURNAL_STREAM": stream.format(dev=there.st_dev, ino=there.st_ino)}
        with logging_to(descriptor, lambda text: text.replace("hunter2", "***"), form, logging.DEBUG, environ):
            for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL):
                logger.log(level, "a\nb hunter2", extra={FIELDS: {"workspace": "prod", "kind": "failure.held"}})
    finally:
        os.close(descriptor)
    return path.read_text(encoding="utf-8").splitlines()


def test_the_journal_gets_levels_that_it_understands(tmp_path: Path) -> None:
    told = "prod failure.held: a b ***"
    assert lines(tmp_path / "log", "{dev}:{ino}") == [f"<{priority}>{told}" for priority in (7, 6, 4, 3, 2)]


@pytest.mark.parametrize("stream", [None, "", "{dev}", "{dev}:{ino}1", "0:{ino}"])
def test_elsewhere_lines_have_time_and_level(tmp_path: Path, stream: str | None) -> None:
    found = lines(tmp_path / "log", stream)
    assert len(found) == 5
    assert all(line[0].isdigit() and "Z " in line for line in found)


def test_json_is_the_same_everywhere(tmp_path: Path) -> None:
    assert all(line.startswith('{"ts": ') for line in lines(tmp_path / "log", "{dev}:{ino}", LogFormat.JSON))


def test_what_ends_a_start_is_an_error_in_the_journal(tmp_path: Path) -> None:
    """Also before there is a log, and though its own log is JSON."""
    config = tmp_path / "config.yaml"
    config.write_text("mode: perhaps\nstore: 7\n", encoding="utf-8")
    with (tmp_path / "journal").open("w+", encoding="utf-8") as journal:
        there = os.fstat(journal.fileno())
        stream = {"JOURNAL_STREAM": f"{there.st_dev}:{there.st_ino}"}
        done = subprocess.run(
            command("headless", "--config", str(config)),
            cwd=ROOT,
            env=environment(tmp_path, **stream),
            stderr=journal,
            timeout=60,
            check=False,
        )
        journal.seek(0)
        found = journal.read().splitlines()
    assert done.returncode == 2
    assert len(found) >= 2
    assert all(line.startswith(f"<3>{config}:") for line in found)


def test_a_pipe_is_told_by_its_device_and_inode() -> None:
    reader, writer = os.pipe()
    there = os.fstat(writer)
    stream = {"JOURNAL_STREAM": f"{there.st_dev}:{there.st_ino}"}
    assert is_journal(writer, stream)
    os.close(reader)
    os.close(writer)
    assert not is_journal(writer, stream), "a descriptor that is closed is no journal"


def test_levels_between_the_named_ones_count_as_the_one_below() -> None:
    assert [priority_mark(level) for level in (5, 25, 39, 60)] == ["<7>", "<6>", "<4>", "<2>"]
