"""HTTP codes that a text speaks of, told from numbers that only look like one."""

from __future__ import annotations

import re
from http import HTTPStatus

_OWN_REASONS = (
    "payload too large",
    "request entity too large",
    "unprocessable content",
    "unprocessable entity",
    "uri too long",
    "request uri too long",
    "slow down",
    "enhance your calm",
    "site is overloaded",
    "web server",
    "server error",
    "client error",
    "internal error",
    "error",
    "service",
    "gateway",
    "forbidden",
    "access denied",
    "invalid",
    "missing",
    "rate limit",
    "quota",
    "time out",
    "timeout",
    "timed out",
    "ssl",
    "origin",
    "overloaded",
    "over",
    "resource",
    "the",
    "from",
    "for",
    "on",
    "when",
    "while",
    "status",
    "response",
)
_REASONS = sorted({status.phrase.lower() for status in HTTPStatus if status >= 400} | set(_OWN_REASONS))
_REASON = "|".join(re.escape(reason).replace(r"\ ", r"[\s_-]{0,3}") for reason in _REASONS)
_CODE = r"[45]\d\d"

# At the beginning: alone, before punctuation or markup, before its reason, a mail server's reply, or the capital letter
# of a sentence (but not "404 Records": a count goes with a plural).
_LEADING = re.compile(
    rf"\s*({_CODE})(?:\s*$|\s*[:;,|({{\[<\"'–—]|\s+[-–—]|\.\s|\s+[245]\.\d|\s+(?i:{_REASON})\b|\s+[A-Z](?!\w*s\b))",
    re.ASCII,
)

_IS = r"[\"']?\s*(?:was|is|of|:|=|=>)?\s*[\"'(\[]?"
_SPOKEN = re.compile(
    r"(?:\bhttps?(?:/\d(?:\.\d)?)?[\s_-]?(?:status|response|error|request)?[\s_-]?(?:status|failed|error)?[\s_-]?(?:code)?"
    rf"{_IS}|\bstatus[\s_-]?(?:code)?{_IS}|\b(?:response|error|server|failure|fault|result)[\s_-]?code{_IS}"
    r"|[\"']code[\"']\s*(?::|=>)\s*[\"']?"
    r"|\b(?:returned|responded|replied|answered|got|received|respond|return|failed|rejected|response|error)"
    r"(?:\s(?:a|an|the|with|by|of|error|status|code|response|http)){0,4}:?\s*[(\[]?)"
    rf"({_CODE})(?![\w-]|\.\d|\s+[a-z]+s\b)",
    re.IGNORECASE | re.ASCII,
)
_PHRASES = "|".join(re.escape(status.phrase).replace(r"\ ", r"\s+") for status in HTTPStatus if status >= 400)
_WITH_REASON = re.compile(rf"(?<![\w#-])({_CODE})\)?\s*[:\-–]?\s*(?i:{_PHRASES})\b", re.ASCII)
_SEARCHED = 2_000


def leading_code(text: str) -> int | None:
    """The HTTP error code at the beginning of a text ("502 Bad Gateway"), not a count ("404 records were skipped")."""
    match = _LEADING.match(text[:200])
    return int(match[1]) if match else None


def spoken_code(text: str) -> int | None:
    """The first HTTP error code the text names as such ("failed with status code 503", "HTTP 429")."""
    beginning = text[:_SEARCHED]
    leading = leading_code(beginning)
    if leading is not None:
        return leading
    found = [match for match in (_SPOKEN.search(beginning), _WITH_REASON.search(beginning)) if match]
    return int(min(found, key=lambda match: match.start(1))[1]) if found else None


def code_spans(text: str) -> list[tuple[int, int]]:
    """Where the text names HTTP error codes: begin and end of each."""
    leading = _LEADING.match(text[:200])
    found = [leading] if leading else []
    found += [*_SPOKEN.finditer(text[:_SEARCHED]), *_WITH_REASON.finditer(text[:_SEARCHED])]
    return [match.span(1) for match in found]
