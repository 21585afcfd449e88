"""Judges the truth log: pure checks of what a client of the API may never do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from aof_tui.simulator.truth import Fate, RepeatTruth, RunTruth, StartTruth, Truth

GUARD_AGE_S = 10.0
"""What the API showed for no longer than this, a client may not have seen yet when it sent."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """One job of a repeat request that was carried out."""

    at: float
    correlation: str | None
    fate: Fate


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the engine did, and what it did wrong; the tuples after `accepted_by` name offending lineages."""

    accepted: int
    """Repeats that the engine caused."""
    accepted_by: dict[str, dict[str, int]]
    """Repeats per lineage, by who caused them: engine, api or human."""
    over_budget: tuple[str, ...]
    """More repeats than allowed were caused, or one although so many were listed already, whoever made them."""
    after_success: tuple[str, ...]
    while_running: tuple[str, ...]
    doubled: tuple[str, ...]
    races: tuple[str, ...]
    """Somebody else acted, or a run succeeded, too short a time before the request to be seen. No fault."""
    quota_violations: int
    fallbacks: int = 0
    """Starts of recipes from outside that were carried out."""
    fallbacks_doubled: tuple[str, ...] = ()
    """Lineages for which a recipe was started more than once, or by one request id twice."""
    fallbacks_of_fallbacks: tuple[str, ...] = ()
    """Lineages of a recipe that was itself started so, for which one was started all the same."""

    @property
    def clean(self) -> bool:
        repeats = (self.over_budget, self.after_success, self.while_running, self.doubled)
        starts = (self.fallbacks_doubled, self.fallbacks_of_fallbacks)
        return not any((*repeats, *starts)) and not self.quota_violations


def judge(truth: Truth, max_attempts: int, forced: Collection[str] = (), guard_age_s: float = GUARD_AGE_S) -> Verdict:
    """The verdict over a truth log. Repeats with a correlation id in `forced` were asked for by a person: they count
    neither against the budget nor as repeats after a success."""
    families = _families(truth)
    sent = [accepted for accepted in _accepted(truth.repeats) if accepted.correlation not in forced]
    after, running, races, over = [], [], [], []
    for accepted in sent:
        earlier = [run for run in families[str(accepted.fate.master)] if run.job_id != accepted.fate.run_id]
        master = str(accepted.fate.master)
        listed = sum(run.number > 0 and run.listed_from < accepted.at - guard_age_s for run in earlier)
        if listed >= max_attempts:
            over.append(master)
        known_after, raced_after = _after_success(earlier, accepted.at, guard_age_s)
        known_running, raced_running = _while_running(earlier, accepted.at, guard_age_s)
        if known_after:
            after.append(master)
        if known_running:
            running.append(master)
        if (raced_after or raced_running) and not (known_after or known_running):
            races.append(master)
    caused = Counter(str(accepted.fate.master) for accepted in sent)
    over += [master for master, count in caused.items() if count > max_attempts]
    return Verdict(
        accepted=len(sent),
        accepted_by=_accepted_by(families),
        over_budget=tuple(dict.fromkeys(over)),
        after_success=tuple(after),
        while_running=tuple(running),
        doubled=_doubled(sent),
        races=tuple(races),
        quota_violations=len(truth.violations),
        fallbacks=sum(start.run_id is not None for start in truth.starts),
        fallbacks_doubled=_started_twice(truth.starts, forced),
        fallbacks_of_fallbacks=_without_fuse(truth.starts),
    )


def shown_failures(truth: Truth, before: float | None = None) -> tuple[str, ...]:
    """Lineages of which an answer showed a failed run, up to a time: a client may not lose any of them."""
    limit = truth.now if before is None else before
    found = dict.fromkeys(run.master for run in truth.runs if run.first_shown.get("failed", limit + 1) <= limit)
    return tuple(found)


def listable_failures(truth: Truth, before: float | None = None) -> tuple[str, ...]:
    """Lineages that have a failed run which the API would have listed by a time, whether it was asked or not."""
    limit = truth.now if before is None else before
    found = dict.fromkeys(run.master for run in truth.runs if run.status == "failed" and run.end_listed_from <= limit)
    return tuple(found)


def final_status(truth: Truth) -> dict[str, str]:
    """How the newest run of each lineage ends or ended."""
    return {run.master: run.status for run in truth.runs}


def _families(truth: Truth) -> dict[str, list[RunTruth]]:
    families: dict[str, list[RunTruth]] = {}
    for run in truth.runs:
        families.setdefault(run.master, []).append(run)
    return families


def _accepted(repeats: Collection[RepeatTruth]) -> list[Accepted]:
    return [
        Accepted(repeat.arrived_at, repeat.correlation, fate)
        for repeat in repeats
        for fate in repeat.fates
        if fate.run_id is not None
    ]


def _accepted_by(families: dict[str, list[RunTruth]]) -> dict[str, dict[str, int]]:
    counts = {master: Counter(run.by for run in runs if run.number) for master, runs in families.items()}
    return {master: dict(count) for master, count in counts.items() if count}


def _after_success(earlier: list[RunTruth], at: float, guard_age_s: float) -> tuple[bool, bool]:
    """Whether a success was listed long enough to be known, and whether there was one that was not."""
    successes = [run for run in earlier if run.status == "succeeded" and run.ended_at <= at]
    known = any(run.end_listed_from < at - guard_age_s for run in successes)
    return known, bool(successes) and not known


def _while_running(earlier: list[RunTruth], at: float, guard_age_s: float) -> tuple[bool, bool]:
    """Whether a repeat was under way and listed long enough to be known, and whether one was that was not."""
    under_way = [run for run in earlier if run.number and run.created_at < at < run.ended_at]
    known = any(run.listed_from < at - guard_age_s for run in under_way)
    return known, bool(under_way) and not known


def _started_twice(starts: Collection[StartTruth], forced: Collection[str]) -> tuple[str, ...]:
    """Those that say for which lineage they are; what a person forced is counted apart."""
    made = [start for start in starts if start.run_id is not None and start.correlation not in forced]
    by_lineage = Counter(str(start.told["job_id"]) for start in made if "job_id" in start.told)
    by_request = Counter(start.correlation or start.run_id or "" for start in made)
    return tuple(name for name, count in (*by_lineage.items(), *by_request.items()) if count > 1)


def _without_fuse(starts: Collection[StartTruth]) -> tuple[str, ...]:
    started = {str(start.recipe_id) for start in starts if start.run_id is not None}
    return tuple(str(start.told.get("job_id")) for start in starts if str(start.told.get("recipe_id")) in started)


def _doubled(sent: list[Accepted]) -> tuple[str, ...]:
    """Lineages repeated twice by one request id, or twice from the same run: one attempt sent two times."""
    by_request = Counter((str(one.fate.master), one.correlation) for one in sent)
    by_base = Counter((str(one.fate.master), one.fate.job_id) for one in sent)
    twice = [master for (master, _), count in (*by_request.items(), *by_base.items()) if count > 1]
    return tuple(dict.fromkeys(twice))
