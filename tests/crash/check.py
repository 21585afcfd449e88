"""What the survivors must answer for: the simulator's truth log against the store that is left."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, fields, replace
from pathlib import Path

from aof_tui.base.errors import StoreError
from aof_tui.domain.words import FailureStatus, Reason
from aof_tui.engine.recovery_conclude import SETTLE_LEAST_S
from aof_tui.simulator.oracle import judge, shown_failures
from aof_tui.simulator.truth import Truth
from aof_tui.store.sqlite_store import open_store
from aof_tui.workato.client import REPEAT_DEADLINE_S


@dataclass(frozen=True, slots=True)
class Offences:
    """Lineages and requests with which a promise was broken, by the promise."""

    lost: tuple[str, ...] = ()
    """Shown as failed, but neither final, nor moving, nor resting in an unresolved incident."""
    doubled: tuple[str, ...] = ()
    over_budget: tuple[str, ...] = ()
    repeats_after_success: tuple[str, ...] = ()
    repeats_while_running: tuple[str, ...] = ()
    intent_missing: tuple[str, ...] = ()
    """Repeat requests without a committed dispatch that was marked as sending."""
    corrupt: tuple[str, ...] = ()

    def counts(self) -> dict[str, int]:
        return {field.name: len(getattr(self, field.name)) for field in fields(self)}


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of one world."""

    offences: Offences
    accepted: int = 0
    in_doubt_held: int = 0
    """Failures of which nothing can prove what became of their repeat: they wait for a person. No fault."""
    void: bool = False
    """The machine was too slow for the sped-up clock: the world proves nothing either way."""


@dataclass(frozen=True, slots=True)
class Remains:
    """What the store holds in the end."""

    failures: Mapping[str, Mapping[str, object]]
    """By lineage, each with its incident's status."""
    sent: Mapping[str, float]
    """When each dispatch was marked as sending."""
    intended: frozenset[tuple[str, str]]
    """Dispatch and job of every attempt."""
    runs: frozenset[str]
    """Jobs that were read and written down."""


async def check_world(store: Path, truth: Truth, max_attempts: int, *, in_place: bool) -> Judgement:
    """Judge a world in which no engine is alive any more."""
    corrupt = await damage(store)
    if corrupt:
        return Judgement(Offences(corrupt=corrupt))
    remains = read_remains(store)
    verdict = judge(as_client_sees(truth, remains, in_place=in_place), max_attempts)
    offences = Offences(
        lost=lost(truth, remains.failures),
        doubled=verdict.doubled,
        over_budget=verdict.over_budget,
        repeats_after_success=verdict.after_success,
        repeats_while_running=verdict.while_running,
        intent_missing=intent_missing(truth, remains),
    )
    held = sum(row["reason"] == Reason.STAYED_IN_DOUBT for row in remains.failures.values())
    void = bool(shown_too_late(truth, remains.sent))
    return Judgement(offences, verdict.accepted, held, void)


async def damage(store: Path) -> tuple[str, ...]:
    """What is wrong with the database file; nothing when it is whole and can be opened."""
    try:
        await (await open_store(store)).close()
        with closing(sqlite3.connect(store)) as connection:
            found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]
    except (StoreError, sqlite3.Error) as error:
        return (str(error),)
    return () if found == ["ok"] else tuple(found)


def read_remains(store: Path) -> Remains:
    """Read the store past the program's own queries."""
    with closing(sqlite3.connect(f"{store.as_uri()}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        return remains_of(connection)


def remains_of(connection: sqlite3.Connection) -> Remains:
    """What an open database holds; its rows are read by column name."""
    failures = connection.execute(
        "SELECT failure.*, incident.status AS incident_status FROM failure LEFT JOIN incident USING (incident_id)"
    ).fetchall()
    dispatches = connection.execute("SELECT * FROM dispatch WHERE sending_at IS NOT NULL").fetchall()
    attempts = connection.execute("SELECT dispatch_id, sent_job_id FROM attempt").fetchall()
    runs = connection.execute("SELECT job_id FROM run").fetchall()
    return Remains(
        {row["master_job_id"]: dict(row) for row in failures},
        {row["dispatch_id"]: row["sending_at"] for row in dispatches},
        frozenset((row["dispatch_id"], row["sent_job_id"]) for row in attempts),
        frozenset(row["job_id"] for row in runs),
    )


def as_client_sees(truth: Truth, remains: Remains, *, in_place: bool) -> Truth:
    """The truth as far as a client can know it.

    Each repeat stands at the time when it was sent: what happens while it is on its way nobody can see. Where a list
    keeps repeats in place, a run that lost its row to its successor is listed no more: who had not written it down by
    then, or died while doing so, never learns of it.
    """
    repeats = tuple(
        replace(repeat, arrived_at=remains.sent.get(repeat.correlation or "", repeat.arrived_at))
        for repeat in truth.repeats
    )
    newest = {run.master: run.job_id for run in truth.runs}
    runs = tuple(
        replace(run, listed_from=math.inf)
        if in_place and run.job_id not in remains.runs and run.job_id != newest[run.master]
        else run
        for run in truth.runs
    )
    return replace(truth, repeats=repeats, runs=runs)


def shown_too_late(truth: Truth, sent: Mapping[str, float]) -> tuple[str, ...]:
    """Accepted repeats that were listed only after the shortest settle time.

    No client can tell such a repeat from one that was not accepted, and no Workato of these worlds shows one so late:
    this machine was too slow for the sped-up clock.
    """
    limit = REPEAT_DEADLINE_S + SETTLE_LEAST_S
    return tuple(
        run.job_id for run in truth.runs if run.listed_from > sent.get(run.correlation or "", math.inf) + limit
    )


def lost(truth: Truth, failures: Mapping[str, Mapping[str, object]]) -> tuple[str, ...]:
    """Lineages that an answer showed as failed and that nobody cares for any more.

    One that somebody healed before it was collated is nobody's care: no list of failed jobs holds it.
    """
    healed = _healed(truth)
    return tuple(
        master
        for master in shown_failures(truth)
        if (not _cared_for(failures[master], master in healed) if master in failures else master not in healed)
    )


def _healed(truth: Truth) -> set[str]:
    """Lineages that were shown to have succeeded, or whose caller was: its repeat runs what it calls again."""
    healed = {run.master for run in truth.runs if "succeeded" in run.first_shown}
    master = {run.job_id: run.master for run in truth.runs}
    called = {run.master for run in truth.runs if master.get(run.calling_job_id or "") in healed}
    return healed | called


def _cared_for(failure: Mapping[str, object], healed: bool) -> bool:
    status = FailureStatus(str(failure["status"]))
    if status is FailureStatus.RECOVERED:
        return healed
    if status.moving:
        return failure["next_action_at"] is not None
    return status.final or failure["incident_status"] not in (None, "resolved")


def intent_missing(truth: Truth, remains: Remains) -> tuple[str, ...]:
    """Repeat requests, and jobs in them, of which the store did not know before they were sent."""
    unknown = [
        f"{request.method} {request.path} as {request.correlation}"
        for request in truth.requests
        if request.path.endswith("/repeat_jobs") and request.correlation not in remains.sent
    ]
    strange = [
        f"{fate.job_id} in {repeat.correlation}"
        for repeat in truth.repeats
        for fate in repeat.fates
        if (repeat.correlation, fate.job_id) not in remains.intended
    ]
    return (*unknown, *strange)
