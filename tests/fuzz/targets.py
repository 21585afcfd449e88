"""What a mutated answer is given to, and what must be true of whatever comes out."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from pathlib import Path

import httpx

from aof_tui.base.secret import Secret
from aof_tui.base.text import clean
from aof_tui.config.settings import Quotas
from aof_tui.simulator.virtual_time import VirtualClock
from aof_tui.workato import answers, jobs, lists, payload
from aof_tui.workato.answers import JobOutcome, RepeatAnswer
from aof_tui.workato.client import WorkatoClient
from aof_tui.workato.errors import WorkatoError
from aof_tui.workato.families import Pacers

CORPUS = Path(__file__).with_name("corpus")
ASKED = ("j-a", "j-b")
NUMBERED = ("17", "18")
MOST_TEXT = 20_000

Decoder = Callable[[object], object]
Call = Callable[[WorkatoClient], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Target:
    """One kind of answer: how it is decoded, and the call whose answer it is."""

    decode: Decoder
    call: Call


TARGETS: Mapping[str, Target] = {
    "me": Target(lists.identity, lambda client: client.me()),
    "recipes": Target(lists.recipes, lambda client: client.recipes_page(1)),
    "recipe": Target(lambda value: lists.recipe("12389", value), lambda client: client.recipe("12389")),
    "jobs": Target(lambda value: jobs.jobs_page("42", value, 0.0), lambda client: client.jobs_page("42")),
    "job": Target(
        lambda value: jobs.job("42", "j-AbCdEfGh-ijKLmN", value), lambda client: client.job("42", "j-AbCdEfGh-ijKLmN")
    ),
    "connections": Target(lists.connections, lambda client: client.connections()),
    "projects": Target(lists.projects, lambda client: client.projects()),
    "folders": Target(lists.folders, lambda client: client.folders()),
    "tags": Target(lists.tags, lambda client: client.tags()),
    "repeat": Target(lambda value: answers.from_payload(ASKED, value), lambda client: client.repeat("42", ASKED, "d")),
    "repeat-numbers": Target(
        lambda value: answers.from_payload(NUMBERED, value), lambda client: client.repeat("42", NUMBERED, "d")
    ),
}


def corpus() -> dict[str, object]:
    """The unspoiled answers, by file name; what stands before the first dash but for `repeat-numbers` is the target."""
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in sorted(CORPUS.glob("*.json"))}


def target_of(name: str) -> Target:
    """The target of a file of the corpus."""
    return TARGETS[name] if name in TARGETS else TARGETS[name.partition("-")[0]]


def decode(target: Target, body: bytes) -> object | None:
    """What the program reads from a body; None where it refuses it. Raises what should never be raised."""
    try:
        return target.decode(payload.decode(body))
    except WorkatoError:
        return None


def wrong_with(found: object, body: bytes) -> str | None:
    """What is wrong with what was read; None if nothing."""
    if isinstance(found, RepeatAnswer):
        accepted = sum(one.outcome is JobOutcome.ACCEPTED for one in found.jobs)
        if body.count(b"enqueued") < accepted:
            return f"{accepted} jobs count as accepted"
    for text in _texts(found):
        if len(text) > MOST_TEXT:
            return f"a text of {len(text)} characters"
        if clean(text) != text:
            return f"a text that is not clean: {text[:40]!r}"
    return None


def _texts(found: object) -> list[str]:
    """Every text in it, however deep."""
    if isinstance(found, str):
        return [] if isinstance(found, Enum) else [found]
    if isinstance(found, tuple | list | frozenset):
        return [text for one in found for text in _texts(one)]
    if is_dataclass(found):
        return [text for field in fields(found) for text in _texts(getattr(found, field.name))]
    return []


class OneAnswer(httpx.AsyncBaseTransport):
    """Says what it is told to, to everybody."""

    def __init__(self) -> None:
        self.body = b""
        self.status = 200
        self.headers: dict[str, str] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(self.status, headers=self.headers, content=self.body, request=request)


def client_of(answer: OneAnswer, clock: VirtualClock) -> WorkatoClient:
    """A real client that is never made to wait for long."""
    quotas = Quotas(
        jobs_per_minute=60_000,
        recipes_per_minute=60_000,
        connections_per_minute=60_000,
        other_per_minute=60_000,
        repeats_per_second=1000.0,
    )
    return WorkatoClient(
        "http://127.0.0.1:1", lambda: Secret("token"), lambda: answer, clock, Pacers(clock, quotas, 1.0)
    )
