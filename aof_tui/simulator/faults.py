"""Faults that a test switches on while a simulator runs: which requests they meet and what they do."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from pydantic import Field

from aof_tui.simulator.kinds import Plain, Seconds
from aof_tui.simulator.messages import (
    BAD_GATEWAY_PAGE,
    DROPPED,
    HTML_TYPE,
    SimRequest,
    SimResponse,
    html_answer,
    message_answer,
)

_LOGIN_PAGE = (
    "<!DOCTYPE html>\n<html><head><title>Sign in</title></head>"
    "<body><form action='/users/sign_in'></form></body></html>"
)


class Fault(Plain):
    """A fault and the requests that meet it."""

    kind: Literal[
        "status", "html", "login_page", "login_redirect", "replace", "truncate", "wrong_types", "drop", "reset", "drip",
        "delay", "refuse",
    ]  # fmt: skip
    method: str | None = None
    path: str = ""
    """A regular expression found anywhere in the path."""
    when: Literal["before", "after"] = "before"
    """Before or after the request is carried out; `after` is what makes an answer ambiguous."""
    status: int = 502
    body: str | None = None
    at: int = Field(default=0, ge=0)
    """Bytes of the body that still come before a `reset` or a `truncate`."""
    seconds: Seconds = 0.0
    """Of a `delay`, or between two bytes of a `drip`."""
    headers: dict[str, str] = Field(default_factory=dict)
    skip: int = Field(default=0, ge=0)
    """Requests that pass before it begins."""
    times: int | None = Field(default=None, ge=1)
    """Requests that meet it; without it all."""

    def meets(self, request: SimRequest) -> bool:
        return self.method in (None, request.method) and re.search(self.path, request.path) is not None


class FaultBoard:
    """The faults that are switched on, first one first."""

    def __init__(self) -> None:
        self._faults: list[tuple[Fault, list[int]]] = []

    def set(self, faults: Sequence[Fault]) -> None:
        """Switch these on, and everything else off."""
        self._faults = [(fault, [0]) for fault in faults]

    def match(self, request: SimRequest) -> Fault | None:
        """The fault that this request meets; counts it as met."""
        for fault, met in self._faults:
            if not fault.meets(request):
                continue
            met[0] += 1
            last = None if fault.times is None else fault.skip + fault.times
            if met[0] > fault.skip and (last is None or met[0] <= last):
                return fault
        return None


def replacement(fault: Fault) -> SimResponse | None:
    """What comes instead of an answer; None for a fault that only harms one."""
    match fault.kind:
        case "status":
            made = message_answer(fault.status, fault.body or "Simulated fault")
            return replace(made, headers=(*made.headers, *fault.headers.items()))
        case "html":
            return html_answer(fault.status, fault.body or BAD_GATEWAY_PAGE)
        case "login_page":
            return html_answer(200, _LOGIN_PAGE)
        case "login_redirect":
            return SimResponse(302, (("Location", "/users/sign_in"), ("Content-Type", HTML_TYPE)), b"")
        case "drop":
            return DROPPED
        case "refuse":
            return replace(DROPPED, refused=True)
        case _:
            return None


def spoil(fault: Fault, answer: SimResponse) -> SimResponse:
    """What the fault makes of an answer."""
    body = answer.body or b""
    match fault.kind:
        case "replace":
            return replace(answer, status=200, body=(fault.body or "").encode())
        case "truncate":
            return replace(answer, body=body[: fault.at or len(body) // 2])
        case "wrong_types":
            return replace(answer, body=_twist_text(body))
        case "reset":
            return replace(answer, cut_at=fault.at)
        case "drip":
            return replace(answer, drip_s=fault.seconds)
        case "delay":
            return replace(answer, delay_s=answer.delay_s + fault.seconds)
        case _:
            return replacement(fault) or answer


def _twist_text(body: bytes) -> bytes:
    try:
        return json.dumps(_twist(json.loads(body))).encode()
    except ValueError:
        return body


def _twist(value: object) -> object:
    """The same content in other types."""
    if isinstance(value, dict):
        return {name: _twist(item) for name, item in value.items()}
    if isinstance(value, list):
        return {str(number): _twist(item) for number, item in enumerate(value)}
    if isinstance(value, str):
        return [value]
    return str(value)
