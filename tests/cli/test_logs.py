"""Log lines: their form, no secret and no control character in them, and a reader that stands still."""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from aof_tui.base.secret import Secret
from aof_tui.cli import logs
from aof_tui.cli.known_secrets import MOST, KnownSecrets
from aof_tui.cli.logs import FIELDS, LineWriter, LogFormat, logging_to
from aof_tui.config.secrets import SecretError, SecretRef
from tests.cli.processes import until

SECRET = 'p"ss\\wörd-1'
logger = logging.getLogger("aof_tui.test")


@contextmanager
def log_file(path: Path, secrets: KnownSecrets, form: LogFormat = LogFormat.JSON) -> Iterator[None]:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        with logging_to(descriptor, secrets.scrub, form):
            yield
    finally:
        os.close(descriptor)


def known() -> KnownSecrets:
    secrets = KnownSecrets({"A": SECRET})
    assert secrets.read(SecretRef("env", "A")) == Secret(SECRET)
    return secrets


def objects(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_line_has_what_is_promised(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with log_file(path, known()):
        logger.warning("three %s", "words", extra={FIELDS: {"kind": "failure.recorded", "sequence": 3, "level": "x"}})
        logger.debug("not told")
        logging.getLogger("elsewhere").info("not told")
    (line,) = objects(path)
    assert line.pop("ts").endswith("Z")
    assert line == {
        "level": "warning",
        "logger": "aof_tui.test",
        "message": "three words",
        "kind": "failure.recorded",
        "sequence": 3,
    }


@pytest.mark.parametrize("form", LogFormat)
def test_no_secret_and_no_control_character(tmp_path: Path, form: LogFormat) -> None:
    path = tmp_path / "log"
    with log_file(path, known(), form):
        logger.error("a %s b\nc \x1b[2J \u202e", SECRET, extra={FIELDS: {"workspace": "prod", "text": f"<{SECRET}>"}})
        logger.error("x" * 50_000)
    text = path.read_text(encoding="utf-8")
    assert SECRET not in text
    assert json.dumps(SECRET)[1:-1] not in text
    assert "‹secret›" in text
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert len(text.splitlines()) == 2
    assert len(text) < 10_000


def test_an_error_tells_type_and_places_and_no_value(tmp_path: Path) -> None:
    path = tmp_path / "log"
    try:
        raise ValueError("a customer's name")
    except ValueError as error:
        with log_file(path, known()):
            logger.error("it failed", exc_info=error)
        with log_file(path, known(), LogFormat.CONSOLE):
            logger.error("it failed", exc_info=error)
    text = path.read_text(encoding="utf-8")
    assert "customer" not in text
    first = json.loads(text.splitlines()[0])
    assert first["error"] == "ValueError"
    assert first["where"][0].startswith("test_logs.py:")
    assert "ValueError; test_logs.py:" in text.splitlines()[1]


def test_a_reader_that_stands_still_delays_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "MOST_WAITING", 10)
    monkeypatch.setattr(logs, "FLUSH_S", 0.05)
    reader, writer = os.pipe()
    done = threading.Event()

    def work() -> None:
        with logging_to(writer, str):
            for _ in range(200):
                logger.info("x" * 4000)
        done.set()

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    assert done.wait(30)
    taken = bytearray()

    def finished() -> bool:
        os.set_blocking(reader, False)
        with suppress(BlockingIOError):
            taken.extend(os.read(reader, 1_000_000))
        return b"lines were left out" in taken

    until(finished, "the reader was not told what it missed")
    os.close(reader)
    os.close(writer)


@pytest.mark.parametrize(("number", "said"), [(1, "1 line was left out"), (1_200, "1,200 lines were left out")])
def test_what_is_left_out_is_counted_in_words(number: int, said: str) -> None:
    with Path(os.devnull).open("wb") as nowhere:
        writer = LineWriter(nowhere.fileno())
        assert writer._note(number).startswith(said)
        writer.close()


def test_the_settings_of_logging_come_back() -> None:
    root, ours = logging.getLogger(), logging.getLogger("aof_tui")
    before = root.handlers[:], root.level, ours.level
    with logging_to(2, str):
        assert root.handlers[:] != before[0]
    assert (root.handlers[:], root.level, ours.level) == before


def test_short_secrets_and_old_ones_are_let_go() -> None:
    secrets = KnownSecrets({})
    secrets.note(Secret("abc"))
    assert secrets.scrub("abc") == "abc"
    for number in range(MOST + 1):
        secrets.note(Secret(f"secret-{number:03d}"))
    assert secrets.scrub("secret-000 secret-001 secret-064") == "secret-000 ‹secret› ‹secret›"
    with pytest.raises(SecretError):
        secrets.read(SecretRef("env", "NOWHERE"))


def test_a_secret_within_another() -> None:
    secrets = KnownSecrets({})
    secrets.note(Secret("token"))
    secrets.note(Secret("token-longer"))
    assert secrets.scrub("token-longer token") == "‹secret› ‹secret›"
