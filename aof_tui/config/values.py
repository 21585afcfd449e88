"""The types of single settings: each checks a value and says in plain words what is wrong with it."""

from __future__ import annotations

import errno
import ipaddress
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError
from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, Strict, ValidationInfo, WithJsonSchema

from aof_tui.base.durations import parse_duration
from aof_tui.config.secrets import ADVICE, REFERENCE_PATTERN, SecretRef

DURATION_PATTERN = r"^[0-9]{1,9}(\.[0-9]{1,6})?\s*[smhd]$"
LONGEST = 3650 * 86400.0
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\"\\]{1,64}@[A-Za-z0-9.-]{1,253}")
WORKSPACE_NAME_PATTERN = r"^[a-z0-9_-]{1,64}$"
_WORKSPACE_NAME = re.compile(WORKSPACE_NAME_PATTERN)


def _folder(info: ValidationInfo) -> Path | None:
    """The folder of the file the value stands in; None when the value comes from Python."""
    return info.context["folder"] if isinstance(info.context, Mapping) else None


class Seconds(float):
    """A duration already read: a default that is checked again together with its neighbours."""


def _not_empty(value: object) -> None:
    if value is None:
        raise ValueError("must not be empty")


def _duration(value: object, info: ValidationInfo) -> float:
    _not_empty(value)
    seconds = LONGEST + 1
    if isinstance(value, Seconds) or (_folder(info) is None and isinstance(value, int | float)):
        seconds = float(value)
    elif isinstance(value, str):
        with suppress(ValueError):
            seconds = parse_duration(value)
    if not 0 <= seconds <= LONGEST:
        raise ValueError("must be a duration: a number and s, m, h or d, like 90s or 10m")
    return seconds


def _positive(value: float) -> float:
    if value <= 0:
        raise ValueError("must be longer than nothing")
    return value


def _text(value: str) -> str:
    if not value.strip():
        raise ValueError("must not be empty")
    if _CONTROL.search(value):
        raise ValueError("must be one line of plain text")
    return value


def id_as_text(value: object) -> object:
    """An id that is written as a number, as the text that it is."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _workspace_name(value: str) -> str:
    if not _WORKSPACE_NAME.fullmatch(value):
        raise ValueError("must be 1 to 64 lower-case letters, digits, - or _")
    return value


def _secret_ref(value: object, info: ValidationInfo) -> SecretRef:
    if isinstance(value, SecretRef):
        return value
    _not_empty(value)
    if not isinstance(value, str):
        raise ValueError(ADVICE)
    return SecretRef.parse(value, _folder(info))


def _path(value: object, info: ValidationInfo) -> Path:
    _not_empty(value)
    if not isinstance(value, str | Path) or not str(value).strip() or _CONTROL.search(str(value)):
        raise ValueError("must be a path")
    try:
        path = Path(value).expanduser()
    except RuntimeError:
        raise ValueError("names a home folder that is not known") from None
    folder = _folder(info)
    path = folder / path if folder else path
    try:
        path.stat()
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise ValueError("is a loop of symbolic links") from None
    return path


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine, without asking a name server."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _parts(value: str) -> SplitResult | None:
    """The parts of a URL with a host and, if any, a possible port; None for anything else."""
    try:
        parts = urlsplit(value)
        return parts if parts.hostname and parts.port != 0 else None
    except ValueError:
        return None


def _split(value: str) -> SplitResult:
    parts = None if _CONTROL.search(value) or " " in value or "\\" in value else _parts(value)
    if parts is None or parts.scheme not in ("https", "http"):
        raise ValueError("must be a URL that begins with https://")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not hold a user name or password")
    if parts.query or parts.fragment or value.endswith(("?", "#")):
        raise ValueError("must end before any ? or #")
    return parts


def _encrypted(parts: SplitResult) -> None:
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        raise ValueError("must begin with https:// (http:// is only for this machine)")


def _origin(value: str) -> str:
    parts = _split(value)
    _encrypted(parts)
    if parts.path not in ("", "/"):
        raise ValueError("must be the origin alone, without a path such as /api: like https://www.workato.com")
    return f"{parts.scheme}://{parts.netloc}"


def _base_url(value: str) -> str:
    parts = _split(value)
    _encrypted(parts)
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}/"


def secure_url(value: str, *, query: bool = False) -> str:
    """A URL that is called as it is, a `query` included. Raises ValueError, which never shows it."""
    plain, mark, asked = value.partition("?") if query else (value, "", "")
    _encrypted(_split(plain))
    if _CONTROL.search(asked) or any(character in asked for character in " #\\"):
        raise ValueError("must be a URL that begins with https://")
    return f"{plain}{mark}{asked}"


def _proxy(value: str) -> str:
    # http:// is right for a proxy anywhere: what goes through it is encrypted from end to end.
    parts = _split(value)
    return f"{parts.scheme}://{parts.netloc}"


def _ping_url(value: object, info: ValidationInfo) -> SecretRef | str:
    """A URL that often is a secret itself, so it may lie where secrets do."""
    if isinstance(value, SecretRef):
        return value
    _not_empty(value)
    if isinstance(value, str) and value.startswith(("env:", "file:")):
        return SecretRef.parse(value, _folder(info))
    if not isinstance(value, str):
        raise ValueError("must be a URL that begins with https://, or env:NAME or file:/path")
    return secure_url(value, query=True)


def _address(value: str) -> str:
    if not _ADDRESS.fullmatch(value):
        raise ValueError("must be a mail address like name@example.com")
    return value


def _cron(value: str) -> str:
    try:
        if len(value.split()) != 5:
            raise CronSimError("CronSim would read a sixth field as seconds")
        CronSim(value, datetime(2024, 1, 1, tzinfo=UTC))
    except CronSimError:
        raise ValueError('must be a cron schedule of five fields, like "0 8 * * *"') from None
    return value


def _timezone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ValueError("must be a time zone like UTC or Europe/Berlin") from None
    return value


def _schema(**words: Any) -> WithJsonSchema:
    return WithJsonSchema(words)


_DURATION_SCHEMA = _schema(type="string", pattern=DURATION_PATTERN, description="a duration: a number and s, m, h or d")

Duration = Annotated[float, PlainValidator(_duration), _DURATION_SCHEMA]
"""Seconds; written as a number with s, m, h or d."""

PositiveDuration = Annotated[float, PlainValidator(_duration), AfterValidator(_positive), _DURATION_SCHEMA]

Text = Annotated[str, Field(min_length=1, max_length=255), AfterValidator(_text)]

IdOrName = Annotated[
    Text,
    BeforeValidator(id_as_text),
    _schema(anyOf=[{"type": "string", "minLength": 1, "maxLength": 255}, {"type": "integer"}]),
]

WorkspaceName = Annotated[str, AfterValidator(_workspace_name), _schema(type="string", pattern=WORKSPACE_NAME_PATTERN)]

SecretReference = Annotated[
    SecretRef,
    PlainValidator(_secret_ref),
    _schema(type="string", pattern=REFERENCE_PATTERN, description="where the secret lies: env:NAME or file:/path"),
]

PlainPath = Annotated[Path, PlainValidator(_path), _schema(type="string", minLength=1)]

PingUrl = Annotated[
    SecretRef | str,
    PlainValidator(_ping_url),
    _schema(
        type="string", minLength=1, description="a URL, or where one that nobody may see lies: env:NAME or file:/path"
    ),
]

Origin = Annotated[str, AfterValidator(_origin)]
BaseUrl = Annotated[str, AfterValidator(_base_url)]
ProxyUrl = Annotated[str, AfterValidator(_proxy)]
MailAddress = Annotated[str, AfterValidator(_address)]
CronSchedule = Annotated[str, AfterValidator(_cron)]
TimeZone = Annotated[str, AfterValidator(_timezone)]

Flag = Annotated[bool, Strict()]
Count = Annotated[int, Strict(), Field(ge=1, le=1_000_000)]
Port = Annotated[int, Strict(), Field(ge=1, le=65535)]
Rate = Annotated[float, Strict(), Field(gt=0, le=1000)]
Share = Annotated[float, Strict(), Field(gt=0, le=1)]
HttpCode = Annotated[int, Strict(), Field(ge=100, le=599)]
