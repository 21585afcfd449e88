"""A text without what differs between two failures of one cause: ids, numbers, dates, names of records, inputs."""

from __future__ import annotations

import re

from aof_tui.base.redaction import redact
from aof_tui.base.text import clean
from aof_tui.policy.http_codes import code_spans
from aof_tui.policy.quoted import DATA, without_quoted_data

MAX_CHARACTERS = 3_000
"""A cause is told at the beginning; a stack or a body that follows would only make equal causes differ."""

_HIDDEN_DIGITS = 0xE000

# Linear although `.*` follows an open beginning: the first match takes the rest of the text.
_TAIL = re.compile(r"[;,.]?\s{0,4}\binput:\s*(?:\{|\"|<|\.\.\.|$).*", re.DOTALL)
_NAMED_ID = re.compile(
    r"\b((?:request|correlation|trace|transaction|error|job|activity|session|incident|support|reference|tracking|ray"
    r"|event|message|batch|execution|operation|log|case|ticket|record|object|client[ _-]request)"
    r"[ _-]?(?:id|uuid|guid|number|reference)s?)[\"']?\s{0,3}(?:[:=#]|is\b)?\s{0,3}[\"'(\[]?[\w.:/+=-]*\d[\w.:/+=-]*",
    re.IGNORECASE,
)

# Codes that name the error rather than a record: vendors' prefixes, SQLSTATE, results, replies of mail servers.
_ERROR_CODES = (
    re.compile(
        r"\b(?:ORA|TNS|PLS|RMAN|AADSTS|SQL|SQLCODE|DB2|E(?=11000|000)|CS|JBO|IDX|HTTP|ERR|BAPI|KB)[-_]?(\d{2,7})[NCWE]?\b"
    ),
    re.compile(r"\bSQL_?STATE\b\W{0,4}(\w{5})\b", re.IGNORECASE),
    re.compile(
        r"\b(?:errno|errorcode|(?:error|status|response|result|return|exit|fault|reason|failure|vendor|native|sql|with)"
        r"[ _-]?code|alert number|error number|exit status|sqlcode|msg)[\"']?\s{0,2}[:=]?\s{0,2}[\"'(\[]?(-?\d{1,10})\b"
        r"(?!\s[a-z]+s\b)",
        re.IGNORECASE,
    ),
    re.compile(r"(?:[(\[,;:{\"']\s?|^)code[\"']?\s{0,2}[:=]?\s{0,2}[\"']?(-?\d{1,10})\b", re.IGNORECASE),
    re.compile(r"\berror[ #(-]{1,2}(\d{1,6})\b(?!\s[a-z]+s\b)", re.IGNORECASE),
    re.compile(r"\b(0x8[0-9a-f]{7})\b", re.IGNORECASE),
    re.compile(r"^\s*(\d{5,6})\s\(\w{5}\):"),
    re.compile(r"\b\d{4,6}\s\((\w{5})\)"),
    re.compile(r"\b[45]\d\d[ -]([245]\.\d{1,2}\.\d{1,2})\b"),
)

_DATED = (
    re.compile(
        r"\b\d{4}-\d{1,2}-\d{1,2}(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?)?"
        r"(?:\s?(?:Z|UTC|GMT)\b|\s?[+-]\d{2}:?\d{2}\b)?"
    ),
    re.compile(r"\b\d{1,2}[/.]\d{1,2}[/.]\d{2,4}\b(?:,?\s\d{1,2}:\d{2}(?::\d{2})?)?(?:\s?[AP]M\b)?", re.IGNORECASE),
    re.compile(
        r"\b(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6},?\s)?(?:\d{1,2}[ -])?"
        r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}[ -]\d{1,2}(?:\d\d)?(?:,?\s\d{4})?"
        r"(?:\s\d{1,2}:\d{2}(?::\d{2})?)?(?:\s(?:[A-Z]{3,4}|[+-]\d{4})\b)?(?:\s\d{4}\b)?",
        re.IGNORECASE,
    ),
    re.compile(r"\b\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:\s?[AP]M\b)?(?:\s?(?:Z|UTC|GMT)\b)?", re.IGNORECASE),
)

_URL = re.compile(
    r"\b([a-z][a-z\d+.-]{1,15}://)([^\s/?#\"'<>)\]]{1,255})([^\s?#\"'<>)\]]{0,2000})(?:[?#][^\s\"'<>)\]]{0,2000})?",
    re.IGNORECASE,
)
_PATH_QUERY = re.compile(r"(?<=[\w/])\?[\w%.\[\]-]{1,64}=[^\s\"'<>)]{0,2000}")
_IDENTIFIER_WITH_DIGITS = re.compile(
    r"(?:custom_?field|custentity|custbody|custcol|custrecord|custitem|cf|udf|attribute|attr|field|column|col|line|address"
    r"|street|phone|email|param|arg|option|level|tier)_?\d{1,6}\w{0,40}"
    r"|[A-Za-z][A-Za-z_]{1,60}_[A-Za-z]{0,30}\d{1,2}|[A-Za-z]\w{0,60}__[crxe]|[a-z]{2,30}(?:[A-Z][a-z]{1,30}){0,6}\d",
    re.IGNORECASE | re.ASCII,
)
_TECHNICAL = re.compile(
    r"o?auth\d|sha-?\d{1,3}|md5|utf-?\d{1,2}|iso-?\d{4}(?:-\d)?|rfc\d{4}|base64|x\.?509|int\d{1,2}|float\d\d|varchar2"
    r"|n?varchar\d?|tls(?:v?\d(?:\.\d)?)?|ssl(?:v?\d)?|http/?\d(?:\.\d)?|ipv\d|s3|ec2|db2|log4j|as2|b2b|k8s|3ds?|mp4"
    r"|oauth_?\d|win32|64-?bit|32-?bit|v\d{1,2}|sqlite3|python3|boto3|urllib3|rest2|soap\d|edi\d{3}|x12|pkcs\d{1,2}|hl7",
    re.IGNORECASE | re.ASCII,
)
_TOKEN = re.compile(r"[#‹]?\w[\w.:/+@~=%$-]*", re.ASCII)
_JOB_ID = re.compile(r"\bj-[A-Za-z0-9]{6,12}-[A-Za-z0-9]{4,8}(?:-[A-Z]{2})?\b", re.ASCII)
_ASSIGNED_VALUE = re.compile(r"\)\s?=\s?\([^)]{0,500}\)")
_NAMED_VALUE = re.compile(
    r"\b(picklist field|email address|e-?mail|phone number|no such \w+|file not found"
    r"|invalid (?:integer|number|date|currency|decimal|boolean|id|uuid|url)|actual(?: value)?|got|received|found"
    r"|but was)\s?:\s{0,3}[^;,)\]\n]{1,300}",
    re.IGNORECASE,
)
_UNIT = (
    r"(?:ms|msecs?|milliseconds?|millis|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|days?|weeks?|kb|mb|gb|tb|kib|mib"
    r"|gib|bytes?|%|percent)"
)
_NUMBER_UNIT = re.compile(rf"(?<=\d)\s?{_UNIT}(?![\w-])", re.IGNORECASE)
_RUN = re.compile(rf"{DATA}(?:(?:[\s,;/.:|&+()\[\]-]|\band\b|\bor\b){{0,6}}{DATA})+")
_SPACE = re.compile(r"\s+")


def normalise(text: str) -> str:
    """The cause a text tells, in lower case on one line, with `#` for data; HTTP and error codes stay."""
    text = _TAIL.sub("", redact(clean(text[: MAX_CHARACTERS * 2])))[:MAX_CHARACTERS]
    text = _hide_codes(text)
    text = _NAMED_ID.sub(rf"\1 {DATA}", text)
    text = _URL.sub(_address, text)
    text = _PATH_QUERY.sub("", text)
    for pattern in _DATED:
        text = pattern.sub(DATA, text)
    text = _ASSIGNED_VALUE.sub(f")=({DATA})", text)
    text = _NAMED_VALUE.sub(rf"\1: {DATA}", text)
    text = without_quoted_data(text)
    text = _JOB_ID.sub(DATA, text)
    text = _NUMBER_UNIT.sub("", text)
    text = _TOKEN.sub(_token, text)
    text = _RUN.sub(DATA, text)
    return _show_codes(_SPACE.sub(" ", text).strip(" .;:,!").lower())


def _hide_codes(text: str) -> str:
    """Digits of codes as private characters, which no later step takes for a number."""
    spans = [match.span(1) for pattern in _ERROR_CODES for match in pattern.finditer(text)]
    characters = list(text)
    for start, end in [*spans, *code_spans(text)]:
        for position in range(start, end):
            if characters[position].isascii() and characters[position].isdigit():
                characters[position] = chr(_HIDDEN_DIGITS + int(characters[position]))
    return "".join(characters)


def _show_codes(text: str) -> str:
    return text.translate({_HIDDEN_DIGITS + digit: str(digit) for digit in range(10)})


def _address(match: re.Match[str]) -> str:
    """A URL's scheme, host and those parts of its path that hold no digit."""
    parts = match[3].rstrip(".,;:").split("/")
    path = "/".join(DATA if _is_data(part) else part for part in parts)
    return f"{match[1]}{match[2]}{path}"


def _has_digit(text: str) -> bool:
    return any(char.isdigit() and char.isascii() for char in text)


def _is_data(part: str) -> bool:
    return _has_digit(part) and not _TECHNICAL.fullmatch(part)


def _token(match: re.Match[str]) -> str:
    token = match[0]
    kept = token.rstrip(".:/+=%-")
    if not _has_digit(kept):
        return token
    if _TECHNICAL.fullmatch(kept) or _IDENTIFIER_WITH_DIGITS.fullmatch(kept):
        return token
    return _by_parts(kept) + token[len(kept) :]


_SEPARATOR = re.compile(r"([:/=@])")


def _by_parts(token: str) -> str:
    """Names and data that are only joined (`123:Fixnum`, `port:8080`, `orders/17`) told apart."""
    return "".join(
        DATA if _is_data(part) and not _IDENTIFIER_WITH_DIGITS.fullmatch(part) else part
        for part in _SEPARATOR.split(token)
    )
