"""Who is told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from aof_tui.policy.match import ANYTHING, Match, Subject


@dataclass(frozen=True, slots=True)
class Route:
    """Names of receivers for the subjects that match; `goes_on` lets later routes add theirs."""

    receivers: tuple[str, ...]
    match: Match = ANYTHING
    goes_on: bool = False


def route(routes: Iterable[Route], subject: Subject) -> tuple[str, ...]:
    """The receivers of the first matching route, and of those after it while it goes on; each once, in order."""
    found: dict[str, None] = {}
    for candidate in routes:
        if candidate.match.fits(subject):
            found |= dict.fromkeys(candidate.receivers)
            if not candidate.goes_on:
                break
    return tuple(found)
