"""The log on stderr or in a file: one line per record, free of secrets, and never a reason for the engine to wait."""

from __future__ import annotations

import json
import logging
import os
import queue
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

from aof_tui.base.clock import rfc3339
from aof_tui.base.text import clean, cut, one_line
from aof_tui.base.wording import counted
from aof_tui.cli.journal import is_journal, priority_mark

MOST_WAITING = 10_000
"""Lines kept while nobody reads; what comes on top is counted and left out."""
FLUSH_S = 2.0
LONGEST_TEXT = 4_000
ABOUT = ("workspace", "kind", "recipe", "master_job_id")
"""Which of them a line for people begins with."""
FIELDS = "fields"
"""Name of a record's attribute with further fields of the line."""


class LogFormat(StrEnum):
    """How log lines look."""

    JSON = "json"
    CONSOLE = "console"


Scrub = Callable[[str], str]


class JsonLines(logging.Formatter):
    """One JSON object per line: ts, level, logger, message, and the record's own fields."""

    def __init__(self, scrub: Scrub) -> None:
        super().__init__()
        self._scrub = scrub

    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, object] = {
            "ts": rfc3339(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": self._text(record.getMessage()),
        }
        for name, value in getattr(record, FIELDS, {}).items():
            fields.setdefault(name, self._text(value) if isinstance(value, str) else value)
        if record.exc_info and record.exc_info[1] is not None:
            fields |= {"error": type(record.exc_info[1]).__name__, "where": where(record.exc_info[1])}
        return json.dumps(fields, ensure_ascii=False)

    def _text(self, text: str) -> str:
        return clean(_harmless(text, self._scrub))


class ConsoleLines(logging.Formatter):
    """One line for people: time, level, workspace, kind, recipe and job, text."""

    def __init__(self, scrub: Scrub) -> None:
        super().__init__()
        self._scrub = scrub

    def format(self, record: logging.LogRecord) -> str:
        return f"{rfc3339(record.created)} {record.levelname:<7} {self.told(record)}"

    def told(self, record: logging.LogRecord) -> str:
        """The line without its time and level."""
        fields = getattr(record, FIELDS, {})
        about = " ".join(str(fields[name]) for name in ABOUT if fields.get(name)) or record.name
        text = one_line(_harmless(record.getMessage(), self._scrub))
        if record.exc_info and record.exc_info[1] is not None:
            text += f" ({type(record.exc_info[1]).__name__}; {' < '.join(where(record.exc_info[1]))})"
        return one_line(f"{self._scrub(about)}: {text}")


class JournalLines(ConsoleLines):
    """The same line for systemd's journal, which has the time itself and takes the level from a mark in front."""

    def format(self, record: logging.LogRecord) -> str:
        return f"{priority_mark(record.levelno)}{self.told(record)}"


def _harmless(text: str, scrub: Scrub) -> str:
    # Loaded with the first line: a screen begins without any, and its patterns take as long as ten modules.
    from aof_tui.base.redaction import redact

    # Scrubbed before it is redacted and cut: a half of a secret would not be recognised.
    return cut(redact(scrub(text)), LONGEST_TEXT, 0)


def _formatter(scrub: Scrub, form: LogFormat, *, journal: bool) -> logging.Formatter:
    if form is LogFormat.JSON:
        return JsonLines(scrub)
    return JournalLines(scrub) if journal else ConsoleLines(scrub)


def where(error: BaseException) -> list[str]:
    """The places an error went through, innermost first, without any value: values can be secrets."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames[-12:])]


class LineWriter(logging.Handler):
    """Hands lines to a thread that writes them: a reader that stands still delays nobody."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._lines: queue.Queue[str | None] = queue.Queue(MOST_WAITING)
        self._left_out = 0
        self._thread = threading.Thread(target=self._write_all, name="log", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._lines.put_nowait(self.format(record))
        except queue.Full:
            self._left_out += 1

    def close(self) -> None:
        """Write what waits, as long as somebody reads it."""
        with suppress(queue.Full):
            self._lines.put_nowait(None)
            self._thread.join(FLUSH_S)
        super().close()

    def _write_all(self) -> None:
        while (line := self._lines.get()) is not None:
            left_out, self._left_out = self._left_out, 0
            if left_out:
                self._write(self._note(left_out))
            self._write(line)

    def _note(self, left_out: int) -> str:
        lines = f"{counted(left_out, 'line')} {'was' if left_out == 1 else 'were'}"
        text = f"{lines} left out, because nobody read the log"
        return self.format(logging.LogRecord(__name__, logging.WARNING, "", 0, text, None, None))

    def _write(self, line: str) -> None:
        rest = f"{line}\n".encode("utf-8", "replace")
        # A log that nobody can read any more must not end the engine.
        with suppress(OSError):
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]


@contextmanager
def logging_to(
    descriptor: int,
    scrub: Scrub,
    form: LogFormat = LogFormat.JSON,
    level: int = logging.INFO,
    environ: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[None]:
    """Let our own log from `level` on, and warnings of libraries, go to a descriptor while the body runs.

    `environ` says whether the descriptor is systemd's journal, for which lines for people look different.
    """
    handler = LineWriter(descriptor)
    handler.setFormatter(_formatter(scrub, form, journal=is_journal(descriptor, environ)))
    root, ours = logging.getLogger(), logging.getLogger("aof_tui")
    before = root.handlers[:], root.level, ours.level
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    ours.setLevel(level)
    try:
        yield
    finally:
        root.handlers[:], root.level, ours.level = before
        handler.close()
