"""One portion of mutated answers: most to the decoders, some through the whole client, some to an engine's walks."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field

from aof_tui.simulator.virtual_time import VirtualClock, run_virtual
from aof_tui.workato.errors import WorkatoError
from tests.fuzz.mutate import mutate
from tests.fuzz.targets import OneAnswer, Target, client_of, corpus, decode, target_of, wrong_with
from tests.fuzz.walks import walk

CALLED = 0.08
"""Share that goes through the whole client."""
STATUSES = (200,) * 6 + (201, 204, 301, 302, 304, 400, 401, 403, 404, 409, 418, 422, 429, 500, 502, 599)
HEADERS: tuple[dict[str, str], ...] = (
    {},
    {"Content-Type": "application/json"},
    {"Content-Type": "text/html"},
    {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    {"Retry-After": "-1", "Content-Type": "application/json;charset=x"},
    {"Retry-After": "Fri, 99 X", "Location": "//["},
    {"Location": "/users/sign_in"},
)


@dataclass
class Fed:
    """What a portion showed."""

    counts: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)


def feed(seed: str, size: int, *, walks: bool = True) -> Fed:
    """Mutate and feed `size` answers; the seed says all of them."""
    fed = Fed()
    if walks:
        walked = walk(seed)
        fed.counts.update(walked=walked.pages, bad_pages_walked=walked.bad)
        fed.findings += [f"{seed} walk: {finding}" for finding in walked.findings]
    chance = random.Random(f"{seed}/feed")
    files = [(target_of(name), value) for name, value in corpus().items()]
    called = int(size * CALLED)
    for number in range(max(0, size - called - fed.counts["walked"])):
        target, value = chance.choice(files)
        body = mutate(value, chance)
        fed.counts["decoded"] += 1
        wrong = _judge(target, body, fed)
        if wrong is not None:
            fed.findings.append(f"{seed} #{number}: {wrong}: {body[:300]!r}")
    run_virtual(lambda clock: _call(clock, files, called, chance, fed, seed))
    return fed


def _judge(target: Target, body: bytes, fed: Fed) -> str | None:
    try:
        found = decode(target, body)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    fed.counts["refused" if found is None else "read"] += 1
    return None if found is None else wrong_with(found, body)


async def _call(
    clock: VirtualClock, files: list[tuple[Target, object]], count: int, chance: random.Random, fed: Fed, seed: str
) -> None:
    """The same through the whole client, with strange statuses and headers."""
    answer = OneAnswer()
    async with client_of(answer, clock) as client:
        for number in range(count):
            target, value = chance.choice(files)
            answer.body, answer.status, answer.headers = (
                mutate(value, chance),
                chance.choice(STATUSES),
                chance.choice(HEADERS),
            )
            fed.counts["called"] += 1
            try:
                await target.call(client)
            except WorkatoError:
                fed.counts["refused"] += 1
            except Exception as error:
                fed.findings.append(f"{seed} call {number}: {type(error).__name__}: {error}: {answer.body[:300]!r}")
