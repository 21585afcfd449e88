"""Requests and answers without a web framework: the same API serves sockets and in-process clients."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

JSON_TYPE = "application/json; charset=utf-8"
HTML_TYPE = "text/html; charset=utf-8"

BAD_GATEWAY_PAGE = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n"
    "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)


@dataclass(frozen=True, slots=True)
class SimRequest:
    """A request as it arrived; header names in lower case, query keys as sent, a repeated key with its last value."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def correlation(self) -> str | None:
        return self.headers.get("x-correlation-id")


@dataclass(frozen=True, slots=True)
class SimResponse:
    """An answer, or how the connection fails instead."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes | None
    """None: the connection is closed without an answer."""
    delay_s: float = 0.0
    """Clock seconds from arrival to the first byte."""
    cut_at: int | None = None
    """The connection is reset after so many bytes of the body."""
    drip_s: float = 0.0
    """Clock seconds between two bytes of the body."""
    refused: bool = False
    """The connection is not even made (in process; over sockets it is closed)."""


def json_text(content: object) -> str:
    """JSON as the API writes it."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def json_answer(status: int, content: object, headers: tuple[tuple[str, str], ...] = ()) -> SimResponse:
    """An answer in JSON."""
    return text_answer(json_text(content), status, headers)


def text_answer(text: str, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> SimResponse:
    """An answer of which the JSON is written already."""
    return SimResponse(status, (("Content-Type", JSON_TYPE), *headers), text.encode())


def message_answer(status: int, message: str) -> SimResponse:
    """The API's usual error: `{"message": …}`."""
    return json_answer(status, {"message": message})


def html_answer(status: int, page: str) -> SimResponse:
    """A page where JSON was expected."""
    return SimResponse(status, (("Content-Type", HTML_TYPE),), page.encode())


DROPPED = SimResponse(0, (), None)


def parse_query(raw: str) -> dict[str, str]:
    """The query string's pairs, decoded."""
    return dict(parse_qsl(raw, keep_blank_values=True))
