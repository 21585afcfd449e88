"""What Workato says of a job's error, taken apart and made harmless."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from aof_tui.base.redaction import redact
from aof_tui.base.text import clean, cut, one_line
from aof_tui.domain.model import ErrorParts
from aof_tui.policy.http_codes import leading_code

MAX_JSON = 200_000
MAX_NAME = 200

# Workato docs: jobs — "Type: message; Error ID <uuid>; input: {…}".
_INPUT = re.compile(r";\s{0,4}input:\s{0,4}(?:\{|\"|<|\.\.\.|$)")
_ERROR_ID = re.compile(r";\s{0,4}Error ID:?\s{1,4}([0-9A-Za-z-]{8,64})", re.IGNORECASE)
_TYPE = re.compile(r"([A-Za-z][\w.-]{0,80}(?:::\w{1,80}){0,6}(?: [A-Za-z][\w-]{0,40}){0,3}):\s+(?=\S)", re.ASCII)
_WRAPPED = re.compile(r"#<[\w:]+: (.*)>", re.DOTALL)
_OWN_KEYS = ("error_type", "error_id", "error_at", "adapter", "inner_message", "line_number")


def parse_error(text: str | None, parts: Mapping[str, object] | None = None) -> ErrorParts:
    """The parts of a job's `error` and `error_parts`, cleaned, redacted and cut.

    `text` is plain or a JSON string of the parts; a field of `parts` stands above the same one in `text`. An HTTP
    code at the beginning of the text or message counts as the failed step's. Inputs of the step are dropped.
    """
    given = dict(_json_parts(text or "")) or _plain_parts(text or "")
    given.update({key: value for key, value in (parts or {}).items() if value not in (None, "")})
    error_type, message = _name(given.get("error_type")), _message(given)
    line = "" if message is None else message
    shown = line if error_type is None or line.startswith(error_type) else f"{error_type}: {line}".rstrip(": ")
    return ErrorParts(
        text=shown,
        error_type=error_type,
        adapter=_name(given.get("adapter")),
        message=message,
        http_code=leading_code(line) or leading_code(shown),
        line_number=_line_number(given.get("line_number")),
        action=_name(given.get("action")),
        error_id=_name(given.get("error_id")),
    )


def _json_parts(text: str) -> Mapping[str, object]:
    """The parts Workato wrote as a JSON string; empty for plain text, also for JSON that some other service wrote."""
    if len(text) > MAX_JSON or not text.lstrip().startswith("{"):
        return {}
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    is_own = isinstance(value, dict) and "message" in value and any(key in value for key in _OWN_KEYS)
    return value if is_own else {}


def _plain_parts(text: str) -> dict[str, object]:
    found_input = _INPUT.search(text)
    body = text[: found_input.start()] if found_input else text
    found_id = _ERROR_ID.search(body)
    if found_id:
        body = body[: found_id.start()] + body[found_id.end() :]
    parts: dict[str, object] = {"message": body, "error_id": found_id[1] if found_id else None}
    found_type = _TYPE.match(body)
    if found_type:
        parts |= {"error_type": found_type[1], "message": body[found_type.end() :]}
    return parts


def _message(given: Mapping[str, object]) -> str | None:
    message, inner = _text(given.get("message")), _text(given.get("inner_message"))
    if inner:
        wrapped = _WRAPPED.fullmatch(inner.strip())
        core = wrapped[1] if wrapped else inner
        if core.strip() not in (message or ""):
            message = f"{message}; {inner}" if message else inner
    return None if message is None else cut(redact(clean(message))).strip()


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value or None
    return json.dumps(value, ensure_ascii=False, default=str)


def _name(value: object) -> str | None:
    return redact(one_line(value))[:MAX_NAME] or None if isinstance(value, str) else None


def _line_number(value: object) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= 9:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
