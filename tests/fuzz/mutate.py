"""Spoils JSON as a broken server, a proxy or an attacker would: values, structure, and then bytes."""

from __future__ import annotations

import json
import random
from copy import deepcopy
from typing import Any

Json = Any
STRANGE: tuple[Json, ...] = (
    None, True, False, 0, -1, 10**30, 1.5, -0.0, "", " ", "0", "null", "\u0000", "\ud800", "\x1b]0;x\x07", "\u202e",
    "<b>[red]&amp;", "' OR 1=1 --", "${x}", "2026-13-45T99:99:99Z", "2026-01-01T00:00:00+99:00", "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59-14:00", [], {}, [[]], [None], {"": None}, {"items": []}, {"message": "x"}, "x" * 3000,
    "failed", "succeeded", "enqueued", "j-a", 10**400,
)  # fmt: skip
FRAGMENTS = (
    b"",
    b"\x00",
    b"\xff\xfe",
    b"{",
    b"}",
    b"[",
    b"]",
    b'"',
    b",",
    b":",
    b"\\u",
    b"NaN",
    b"1e999",
    b"<html>",
    b" ",
)
DEEP = b"[" * 3000
MOST_CHANGES = 4


def mutate(value: Json, chance: random.Random) -> bytes:
    """The body of an answer; now and then an unspoiled one."""
    holder = [deepcopy(value)]
    for _ in range(chance.randrange(MOST_CHANGES + 1)):
        _change(holder, chance)
    body = json.dumps(holder[0]).encode()
    return _spoil(body, chance) if chance.random() < 0.3 else body


def _change(holder: list[Json], chance: random.Random) -> None:
    """Replace, drop, double or rename one part, anywhere."""
    places: list[tuple[Json, Json]] = [(holder, 0)]
    level: list[Json] = [holder[0]]
    while level:
        inner = level.pop()
        if isinstance(inner, dict | list):
            keys = list(inner) if isinstance(inner, dict) else range(len(inner))
            places += [(inner, key) for key in keys]
            level += [inner[key] for key in keys]
    where, key = chance.choice(places)
    if isinstance(where, dict):
        _alter_object(where, key, chance)
    elif chance.random() < 0.3:
        where.insert(key, deepcopy(where[key]))
    else:
        where[key] = deepcopy(chance.choice(STRANGE))


def _alter_object(where: dict[str, Json], key: str, chance: random.Random) -> None:
    match chance.randrange(4):
        case 0:
            del where[key]
        case 1:
            where[chance.choice(("id", "status", "items", key.upper()))] = where.pop(key)
        case _:
            where[key] = deepcopy(chance.choice(STRANGE))


def _spoil(body: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(body) + 1)
    match chance.randrange(6):
        case 0:
            return body[:at]
        case 1:
            return body + body
        case 2:
            return body[:at] + DEEP + body[at:]
        case 3:
            return body.decode("latin-1").encode(chance.choice(("utf-16", "utf-8")))
        case _:
            return body[:at] + chance.choice(FRAGMENTS) + body[at + chance.randrange(4) :]
