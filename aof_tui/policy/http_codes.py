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
_REASON = "|".join(re.escape(reason).replace(r"\ ", "[ _-]?") for reason in _REASONS)
_CODE = r"[45]\d\d"

# At the beginning: alone, before punctuation or markup, before its reason, or before a capital letter of a sentence
# (but not "404 records": a count goes with a plural in lower case).
_LEADING = re.compile(
    rf"\s*({_CODE})(?:\s*$|\s*[:;,|({{\[<\"'–—]|\s+[-–—]|\.\s|\s+(?i:{_REASON})\b|\s+[A-Z](?![\w]*s\b))", re.ASCII
)

_SPOKEN = re.compile(
    rf"(?:\bhttps?(?:/\d(?:\.\d)?)?[\s_-]?(?:status|response|error|request)?[\s_-]*(?:status|failed|error)?[\s_-]*(?:code)?[\"']?\s*(?:was|is|of|:|=|=>)?\s*[\"'(\[]?"
    rf"|\bstatus[\s_-]*(?:code)?[\"']?\s*(?:was|is|of|:|=|=>)?\s*[\"'(\[]?"
    rf"|\b(?:response|error|server|failure|fault|result)[\s_-]*code[\"']?\s*(?:was|is|of|:|=|=>)?\s*[\"'(\[]?"
    rf"|[\"']code[\"']\s*(?::|=>)\s*[\"']?"
    rf"|\b(?:returned|responded|replied|answered|got|received|respond|return|failed|rejected|response|error)(?:\s+(?:a|an|the|with|by|of|error|status|code|response|http)){{0,4}}:?\s*[(\[]?)"
    rf"({_CODE})(?![\w-]|\.\d)",
    re.IGNORECASE | re.ASCII,
)
_WITH_REASON = re.compile(
    rf"(?<![\w#-])({_CODE})\)?\s*[:\-–]?\s*(?i:{'|'.join(re.escape(s.phrase) for s in HTTPStatus if s >= 400)})\b",
    re.ASCII,
)
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
