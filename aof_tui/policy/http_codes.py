"""HTTP codes that a text speaks of, told from numbers that only look like one."""

from __future__ import annotations

import re

# Reason phrases as servers and their gateways send them (RFC 9110 and what came before and after it).
_REASONS = {
    400: ("bad request",),
    401: ("unauthorized", "unauthorised", "authorization required"),
    402: ("payment required",),
    403: ("forbidden", "access denied", "access forbidden"),
    404: ("not found", "resource not found", "page not found"),
    405: ("method not allowed",),
    406: ("not acceptable",),
    407: ("proxy authentication required",),
    408: ("request timeout", "request time-out"),
    409: ("conflict",),
    410: ("gone",),
    411: ("length required",),
    412: ("precondition failed",),
    413: ("payload too large", "content too large", "request entity too large"),
    414: ("uri too long", "request-uri too long"),
    415: ("unsupported media type",),
    416: ("range not satisfiable", "requested range not satisfiable"),
    417: ("expectation failed",),
    420: ("enhance your calm",),
    421: ("misdirected request",),
    422: ("unprocessable entity", "unprocessable content", "unprocessable"),
    423: ("locked",),
    424: ("failed dependency",),
    425: ("too early",),
    426: ("upgrade required",),
    428: ("precondition required",),
    429: ("too many requests", "rate limit"),
    431: ("request header fields too large",),
    451: ("unavailable for legal reasons",),
    500: ("internal server error", "internal error", "server error"),
    501: ("not implemented",),
    502: ("bad gateway", "proxy error"),
    503: ("service unavailable", "service temporarily unavailable", "slow down"),
    504: ("gateway timeout", "gateway time-out"),
    505: ("http version not supported",),
    507: ("insufficient storage",),
    508: ("loop detected",),
    511: ("network authentication required",),
    520: ("web server",),
    521: ("web server is down",),
    522: ("connection timed out",),
    524: ("a timeout occurred",),
    525: ("ssl handshake failed",),
    529: ("site is overloaded",),
}
_CODE = r"[45]\d\d"


def _spaced(reason: str) -> str:
    return re.sub(r"[ -]", r"[\\s_-]{0,3}", reason)


_CODE_WITH_REASON = "|".join(
    rf"{code}(?=\)?\s{{0,3}}[:–-]?\s{{0,3}}(?i:{'|'.join(map(_spaced, reasons))})\b)"
    for code, reasons in _REASONS.items()
)
_WITH_REASON = re.compile(rf"(?<![\w#-])({_CODE_WITH_REASON})", re.ASCII)

# At the beginning: with its reason; alone; before punctuation or markup; before a mail server's reply; before the
# capital letter or a usual word of what follows a code (but not "404 Records": a count goes with a plural).
_FOLLOWS = r"error|client error|server|service|from|for|on|when|while|status|response|invalid|missing|quota|the"
_LEADING = re.compile(
    rf"\s*(?:({_CODE_WITH_REASON})|({_CODE})(?:\s*$|\s*[:;,|({{\[<\"'–—]|\s+[-–—]|\.\s|\s+[245]\.\d"
    rf"|\s+(?i:{_FOLLOWS})\b(?!s)|\s+[A-Z](?!\w*s\b)))",
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
# Alone in brackets only what is hardly ever a number of anything else.
_BRACKETED = re.compile(r"\((40[1389]|42[29]|50[234])\)")
_SEARCHED = 2_000


def leading_code(text: str) -> int | None:
    """The HTTP error code at the beginning of a text ("502 Bad Gateway"), not a count ("404 records were skipped")."""
    match = _LEADING.match(text[:200])
    return int(match[match.lastindex or 0]) if match else None


def spoken_code(text: str) -> int | None:
    """The first HTTP error code the text names as such ("failed with status code 503", "HTTP 429")."""
    leading = leading_code(text)
    if leading is not None:
        return leading
    spans = sorted(code_spans(text[:_SEARCHED]))
    return int(text[slice(*spans[0])]) if spans else None


def code_spans(text: str) -> list[tuple[int, int]]:
    """Where the text names HTTP error codes: begin and end of each."""
    leading = _LEADING.match(text[:200])
    found = [leading.span(leading.lastindex or 0)] if leading else []
    return found + [
        match.span(1) for pattern in (_SPOKEN, _WITH_REASON, _BRACKETED) for match in pattern.finditer(text[:_SEARCHED])
    ]
