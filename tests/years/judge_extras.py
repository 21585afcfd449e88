"""What every world is judged by beside its jobs: starts, agents, silence, and alarms that no database holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from aof_tui.simulator.oracle import Verdict
from aof_tui.simulator.truth import Truth
from tests.crash.check import Remains, remains_of
from tests.harness.mortal import Household
from tests.years.climate import Year
from tests.years.extras import SILENT_AFTER_S

NOTICED_WITHIN_S = 1_800.0
"""An engine that nothing disturbs has seen by then what it watches."""
ALARMED_WITHIN_S = 900.0
"""A channel that takes nine messages of ten has an alarm by then that is tried each minute."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What the world's keeper saw, in seconds since its start."""

    alive: tuple[tuple[float, float], ...]
    slept: tuple[tuple[float, float], ...]
    """When the machine slept: one sleep may have followed the other at once."""
    unlogged: tuple[float, ...]
    """When a channel took an alarm of a failing store."""


def judge_extras(year: Year, household: Household, watch: Watch, verdict: Verdict) -> list[str]:
    """Every violated promise about what is no job, in words."""
    truth, remains = household.simulator.truth(), remains_of(household.raw)
    return [
        *(f"1 fallback: one was started twice for {master}" for master in verdict.fallbacks_doubled),
        *(f"1 fallback: {master} is a fallback's own failure" for master in verdict.fallbacks_of_fallbacks),
        *(f"3 intent: {what}" for what in starts_not_intended(truth, remains)),
        *(f"2 single flight: {what}" for what in started_twice(truth)),
        *(f"6 told: {what}" for what in unnoticed(year, household, watch)),
        *(f"9 direction: {what}" for what in unalarmed(year, watch)),
    ]


def starts_not_intended(truth: Truth, remains: Remains) -> Iterator[str]:
    """Starts of recipes that the store did not know of before they were sent."""
    asked = [(one.correlation, one.recipe_id) for one in truth.starts]
    asked += [(one.correlation, one.recipe_id) for one in truth.switched]
    yield from (f"recipe {recipe} started as {name}" for name, recipe in asked if name not in remains.sent)


def started_twice(truth: Truth) -> Iterator[str]:
    """Requests to start a recipe that came twice under one id."""
    sent = Counter(one.correlation for one in truth.switched)
    yield from (f"the start {name} was sent {count} times" for name, count in sent.items() if count > 1)


def unnoticed(year: Year, household: Household, watch: Watch) -> Iterator[str]:
    """What an engine had time enough to notice, and did not; and alarms of agents that never ended."""

    def said(kind: str) -> bool:
        return household.raw.execute("SELECT 1 FROM event WHERE kind = ?", [kind]).fetchone() is not None

    extras = year.extras
    if extras.agents_away is not None and extras.agents_shown:
        at, lasts = extras.agents_away
        if any(quiet(year, watch, at, at + lasts, NOTICED_WITHIN_S)) and not said("agent.lost"):
            yield "agents were away, and nobody noticed"
    open_sql = "SELECT COUNT(*) AS n FROM incident WHERE kind = 'agent_down' AND status != 'resolved'"
    if household.raw.execute(open_sql).fetchone()["n"]:
        yield "agents are back, and nobody noticed"
    if extras.silent is not None and not year.jumps:
        at, lasts = extras.silent
        late = at + SILENT_AFTER_S + NOTICED_WITHIN_S
        if any(quiet(year, watch, late, at + lasts, NOTICED_WITHIN_S)) and not said("recipe.missed"):
            yield "a recipe was silent, and nobody noticed"


def unalarmed(year: Year, watch: Watch) -> Iterator[str]:
    """Disks that failed below a living engine for long, of which no channel was told."""
    for fault in year.extras.disk:
        for begin, end in shared(watch, fault.at, fault.at + fault.lasts, ALARMED_WITHIN_S):
            sleeps = any(asleep < end and begin < awake for asleep, awake in watch.slept)
            if not sleeps and not any(begin <= at <= end for at in watch.unlogged):
                yield f"the disk was {fault.fault} for {end - begin:.0f} s, and nobody was told"


def quiet(year: Year, watch: Watch, begin: float, end: float, least: float) -> Iterator[tuple[float, float]]:
    """Spans of a window in which an engine lived and nothing else went wrong."""
    bad = [(trouble.at, trouble.at + trouble.lasts) for trouble in year.troubles]
    bad += [(fault.at, fault.at + fault.lasts) for fault in year.extras.disk]
    bad += watch.slept
    for first, last in shared(watch, begin, end, least):
        if not any(at < last and first < until for at, until in bad):
            yield first, last


def shared(watch: Watch, begin: float, end: float, least: float) -> Iterator[tuple[float, float]]:
    """Spans of a window, none shorter than `least`, in which one engine lived throughout."""
    for born, died in watch.alive:
        first, last = max(begin, born), min(end, died)
        if last - first >= least:
            yield first, last
