"""The file as plain data with the line of every key and value; refuses what a configuration does not need."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from aof_tui.base.errors import ConfigError
from aof_tui.base.redaction import redact
from aof_tui.base.text import one_line
from aof_tui.base.wording import counted

MAX_BYTES = 1_000_000
MAX_DEPTH = 32
MAX_PROBLEMS = 50

Loc = tuple[str | int, ...]
"""Where a value stands: keys and list positions from the top."""

_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,17}")
_DECIMAL = re.compile(r"-?[0-9]{1,17}\.[0-9]{1,17}")
_FRAME = (yaml.StreamStartEvent, yaml.StreamEndEvent, yaml.DocumentStartEvent, yaml.DocumentEndEvent)
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong at one place of the file, in words for a person."""

    loc: Loc
    message: str
    line: int | None = None
    """Known where the file cannot be read as data; elsewhere it follows from `loc`."""


@dataclass(frozen=True, slots=True)
class Source:
    """A configuration file as read: its data, and on which lines (from 1) its keys and list entries begin."""

    name: str
    data: object
    lines: dict[Loc, int]
    problems: tuple[Problem, ...]

    def line(self, loc: Loc) -> int:
        """The line of what stands at `loc`, or of what would hold it."""
        return next((self.lines[loc[:length]] for length in range(len(loc), 0, -1) if loc[:length] in self.lines), 1)

    def explain(self, problems: Iterable[Problem]) -> tuple[str, ...]:
        """Each problem as `file:line: message`, in the order of the file, without repetition."""
        lines = {(problem.line or self.line(problem.loc), problem.message) for problem in problems}
        return tuple(f"{self.name}:{line}: {message}" for line, message in sorted(lines))

    def error(self, problems: Iterable[Problem]) -> ConfigError:
        """The refusal that tells the first of these problems, up to a readable number."""
        told = self.explain(problems)
        rest = len(told) - MAX_PROBLEMS
        more = (f"{told[MAX_PROBLEMS]} (and {counted(rest - 1, 'more problem')})",) if rest > 1 else told[MAX_PROBLEMS:]
        return ConfigError((*told[:MAX_PROBLEMS], *more))


def show(loc: Loc) -> str:
    """The place as people write it: `workspaces[0].token`, safe to print."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{_printable(part)}" for part in loc)
    return text.removeprefix(".")


def _printable(key: str) -> str:
    text = one_line(redact(key))
    return text if len(text) <= 64 else f"{text[:63]}…"


class _UnreadableError(Exception):
    """Message and line of a file that is YAML, but not one we read."""


@dataclass(slots=True)
class _Reader:
    """Turns the events of a YAML parser into plain data, noting lines and what is not allowed on the way."""

    events: Iterator[yaml.Event]
    lines: dict[Loc, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    forbidden: list[Problem] = field(default_factory=list)

    def read(self, event: yaml.Event, loc: Loc, depth: int = 1) -> object:
        """The data that begins with this event."""
        self.lines.setdefault(loc, _line(event))
        self._inspect(event)
        if depth > MAX_DEPTH:
            raise _UnreadableError(f"nested deeper than {MAX_DEPTH} levels", _line(event))
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(loc, depth + 1)
        if isinstance(event, yaml.SequenceStartEvent):
            return [self.read(entry, (*loc, place), depth + 1) for place, entry in enumerate(self._until_end())]
        return _scalar(event) if isinstance(event, yaml.ScalarEvent) else None

    def _until_end(self) -> Iterator[yaml.Event]:
        for event in self.events:
            if isinstance(event, yaml.CollectionEndEvent):
                return
            yield event

    def _mapping(self, loc: Loc, depth: int) -> dict[str, object]:
        data: dict[str, object] = {}
        for key in self._until_end():
            name = key.value if isinstance(key, yaml.ScalarEvent) else None
            self._inspect(key)
            if name is None:
                self.problems.append(Problem(loc, f"{show(loc) or 'the file'}: a key must be a plain word", _line(key)))
                self._skip(key, loc, depth)
            elif name in data:
                first = self.lines[(*loc, name)]
                message = f"{show((*loc, name))}: is given twice, first on line {first}"
                self.problems.append(Problem((*loc, name), message, _line(key)))
            else:
                self.lines[(*loc, name)] = _line(key)
                data[name] = self.read(next(self.events), (*loc, name), depth)
                continue
            self._skip(next(self.events), loc, depth)
        return data

    def _skip(self, event: yaml.Event, loc: Loc, depth: int) -> None:
        """Read past a value that has no place, still refusing what is forbidden in it."""
        _Reader(self.events, forbidden=self.forbidden).read(event, loc, depth)

    def _inspect(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.AliasEvent):
            self._forbid("aliases (*) are not allowed: write the value out, or put the text in quotes", event)
        elif getattr(event, "anchor", None) is not None:
            self._forbid("anchors (&) are not allowed: leave it out, or put the text in quotes", event)
        if getattr(event, "tag", None) is not None:
            self._forbid("tags (!) are not allowed: leave it out, or put the text in quotes", event)

    def _forbid(self, message: str, event: yaml.Event) -> None:
        self.forbidden.append(Problem((), message, _line(event)))


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _scalar(event: yaml.ScalarEvent) -> object:
    """The value of a scalar by the few rules of YAML 1.2: `no`, `12:30`, `0123` and dates are text."""
    text = str(event.value)
    if event.style is not None:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else text


def read_text(path: Path) -> str:
    """The text of a configuration file. ConfigError if it cannot be read, is too large or no UTF-8."""
    name = one_line(str(path))
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise ConfigError([f"{name}: there is no such file; aof-tui init writes one"]) from None
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "not a path"
        raise ConfigError([f"{name}: cannot be read: {why}"]) from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError([f"{name}:{line}: is not UTF-8 text"]) from None


def parse(text: str, name: str) -> Source:
    """Read YAML text of a file called `name`. ConfigError for what is no YAML or uses aliases, anchors or tags.

    Duplicate keys are kept as problems of the source, to be told together with wrong values.
    """
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise ConfigError([f"{name}:1: is larger than {MAX_BYTES // 1_000_000} MB"])
    source, forbidden = _read(text, name)
    if forbidden:
        raise source.error(forbidden)
    return source


def _read(text: str, name: str) -> tuple[Source, tuple[Problem, ...]]:
    try:
        reader = _Reader(event for event in yaml.parse(text, yaml.SafeLoader) if not isinstance(event, _FRAME))
        first = next(reader.events, None)
        data = reader.read(first, ()) if first else None
        for event in reader.events:
            raise _UnreadableError("holds a second document", _line(event))
        source = Source(name, data, reader.lines, tuple(reader.problems))
        return source, tuple(reader.forbidden)
    except _UnreadableError as error:
        message, line = error.args
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message, line = f"cannot be read as YAML: {_why(error)}", mark.line + 1 if mark else 1
    except yaml.reader.ReaderError as error:
        message, line = "holds a character that YAML does not allow", text.count("\n", 0, error.position) + 1
    except (yaml.YAMLError, ValueError, OverflowError):
        message, line = "cannot be read as YAML: an escape names a character that does not exist", 1
    raise ConfigError([f"{name}:{line}: {message}"])


def _why(error: yaml.MarkedYAMLError) -> str:
    why = one_line(redact(error.problem or "it ends too early"))
    if r"'\t'" in why:
        return "a tab stands where only blanks may"
    return "it ends too early" if r"'\x00'" in why or "stream" in why else why
