"""What every world is judged by: the simulator's truth and the store that is left."""

from __future__ import annotations

import math
import sqlite3
from collections import Counter
from collections.abc import Container, Iterator, Sequence
from dataclasses import replace

from aof_tui.base.errors import StoreFaultError
from aof_tui.engine.recovery_conclude import SETTLE_LEAST_S
from aof_tui.simulator.oracle import Verdict, judge, listable_failures
from aof_tui.simulator.truth import RunTruth, Truth
from aof_tui.workato.client import REPEAT_DEADLINE_S
from tests.crash.check import Remains, intent_missing, lost, remains_of
from tests.harness.invariants import check_raw
from tests.harness.mortal import Household
from tests.years.channel import Sent
from tests.years.climate import Year

MOST_TEXT = 100_000
"""Characters; no column of the store holds more from outside."""
MOST_TASKS = 120
FOUND_WITHIN_S = 1_800.0
"""A counter that moved has its recipe read within ten minutes, and again after one and four."""
HIDDEN_WITHIN_S = 12 * 3_600.0
"""What the counters hide is found by the slow pass: every six hours, later where no engine was alive."""
NOTICE_AGE_S = 2 * 86_400.0
TEXTS = {
    "failure": "SELECT MAX(LENGTH(title) + LENGTH(error)) AS longest FROM failure",
    "event": "SELECT MAX(LENGTH(text) + LENGTH(data)) AS longest FROM event",
    "incident": "SELECT MAX(LENGTH(title)) AS longest FROM incident",
    "outbox": "SELECT MAX(LENGTH(body) + LENGTH(summary)) AS longest FROM outbox",
    "recipe": "SELECT MAX(LENGTH(name)) AS longest FROM recipe",
}
STOPS = {"workspace.paused": "workspace.resumed", "acting.stopped": "acting.allowed"}
TURNS = """SELECT kind, dispatch_id FROM event
    WHERE kind IN ('workspace.paused', 'workspace.resumed', 'acting.stopped', 'acting.allowed', 'repeat.sent')
    ORDER BY sequence"""


def judge_world(year: Year, household: Household, sent: Sequence[Sent]) -> tuple[list[str], Verdict]:
    """Every violated promise, in words, and the verdict over the repeats."""
    truth = household.simulator.truth()
    remains = remains_of(household.raw)
    forced = {
        str(row["dispatch_id"]) for row in household.raw.execute("SELECT dispatch_id FROM dispatch WHERE forced = 1")
    }
    verdict = judge(as_client_sees(truth, remains, in_place=year.in_place), year.max_attempts, forced)
    late = shown_late(truth)
    household.auditor.end()
    present = household.simulator.world.place.recipes
    seen = without_taken_rows(truth) if year.in_place else truth
    found = [
        *(f"1 budget: {master} was repeated too often" for master in verdict.over_budget),
        *(f"2 single flight: {master} was repeated while it ran" for master in verdict.while_running),
        *(f"2 single flight: {one} was repeated twice by one attempt" for one in verdict.doubled if one not in late),
        *(f"3 intent: {what}" for what in intent_missing(truth, remains)),
        *(f"4 lost: {master} was shown" for master in lost(truth, remains.failures)),
        *(f"4 lost: {master} could be listed" for master in overlooked(seen, remains, found_within(year), present)),
        *(f"5 after success: {master}" for master in verdict.after_success),
        *(f"6 told: {what}" for what in untold(household.raw, sent, truth.now)),
        *(f"7 audit: {what}" for what in household.auditor.findings),
        *(f"8 quotas: {one.path} at {one.at - truth.start:.3f}" for one in truth.violations),
        *(f"9 direction: {what}" for what in acted_while_forbidden(household.raw)),
        *(f"10 bounded: {what}" for what in unbounded(household.raw)),
        *(f"11 secret: the token is in {what}" for what in leaks(household)),
        *(
            f"engine: {row['text']}"
            for row in household.raw.execute("SELECT text FROM event WHERE kind = 'engine.failed'")
            # A loop that the disk has ended begins again when the disk works.
            if not (year.extras.disk and StoreFaultError.__name__ in row["text"])
        ),
    ]
    return found, verdict


def rows_hold(raw: sqlite3.Connection) -> Iterator[str]:
    """What must hold in the store at any time, as one line where it does not."""
    try:
        check_raw(raw)
    except AssertionError as broken:
        yield f"rows: {broken}"


def as_client_sees(truth: Truth, remains: Remains, *, in_place: bool) -> Truth:
    """The truth as far as a client can know it: a run whose row its successor took over before anybody had read it
    never shows again where lists keep repeats in place. Nothing is on its way in process."""
    newest = {run.master: run.job_id for run in truth.runs}

    def seen(run: RunTruth) -> RunTruth:
        hidden = in_place and run.job_id not in remains.runs and run.job_id != newest[run.master]
        return replace(run, listed_from=math.inf) if hidden else run

    return replace(truth, runs=tuple(map(seen, truth.runs)))


def without_taken_rows(truth: Truth) -> Truth:
    """The truth without runs that some later run of their lineage took the row of: no list shows them any more."""
    newest = {run.master: run.job_id for run in truth.runs}
    return replace(truth, runs=tuple(run for run in truth.runs if run.job_id == newest[run.master]))


def shown_late(truth: Truth) -> set[str]:
    """Lineages of which a repeat was listed only after the shortest settle time: nobody can tell it from a lost one."""
    sent = {fate.run_id: repeat.arrived_at for repeat in truth.repeats for fate in repeat.fates}
    limit = REPEAT_DEADLINE_S + SETTLE_LEAST_S
    return {run.master for run in truth.runs if run.listed_from > sent.get(run.job_id, math.inf) + limit}


def found_within(year: Year) -> float:
    """How long a failure may be listed before an engine at rest knows of it."""
    # Where counters fall when something heals, a new failure may leave them as they were.
    return HIDDEN_WITHIN_S if year.scenario.switches.healed_lowers_failed_count else FOUND_WITHIN_S


def overlooked(truth: Truth, remains: Remains, within: float, present: Container[int]) -> Iterator[str]:
    """Failures of recipes that are still there which the API would have listed for long, and no engine knows."""
    newest = {run.master: run for run in truth.runs}
    succeeded = {run.master for run in truth.runs if run.status == "succeeded"}
    for master in listable_failures(truth, truth.now - within):
        gone = newest[master].erased or master in succeeded or newest[master].recipe_id not in present
        if master not in remains.failures and not gone:
            yield master


def untold(raw: sqlite3.Connection, sent: Sequence[Sent], now: float) -> Iterator[str]:
    """Notices that are neither delivered nor on their way, and copies that nothing excuses."""
    rows = raw.execute("SELECT * FROM outbox WHERE state = 'pending' AND created_at < ?", [now - NOTICE_AGE_S])
    yield from (f"notice {row['notification_id']} is still pending" for row in rows)
    taken: Counter[tuple[str, str, int]] = Counter(
        (one.receiver, one.reference, one.life) for one in sent if one.taken and not one.ambiguous
    )
    yield from (f"{reference} was sent {count} times" for (_, reference, _), count in taken.items() if count > 1)
    dead = raw.execute("SELECT COUNT(*) AS n FROM outbox WHERE state = 'dead' AND kind != 'alarm'").fetchone()["n"]
    alarms = raw.execute("SELECT COUNT(*) AS n FROM outbox WHERE kind = 'alarm'").fetchone()["n"]
    if dead and not alarms:
        yield f"{dead} notices died and nobody was told"


def acted_while_forbidden(raw: sqlite3.Connection) -> Iterator[str]:
    """Requests sent between a stop and what ended it, as the log has it."""
    forbidden: set[str] = set()
    for row in raw.execute(TURNS).fetchall():
        if row["kind"] in STOPS:
            forbidden.add(STOPS[row["kind"]])
        elif row["kind"] in STOPS.values():
            forbidden.discard(row["kind"])
        elif forbidden and _left(raw, row["dispatch_id"]):
            yield f"{row['dispatch_id']} was sent before {', '.join(sorted(forbidden))}"


def _left(raw: sqlite3.Connection, dispatch_id: str) -> bool:
    """Whether the request left: between the second commit and the guard it may still have been held back."""
    row = raw.execute("SELECT outcome FROM dispatch WHERE dispatch_id = ?", [dispatch_id]).fetchone()
    return row is not None and row["outcome"] not in (None, "not_sent")


def unbounded(raw: sqlite3.Connection) -> Iterator[str]:
    """Texts that are longer than any text may be."""
    for table, sql in TEXTS.items():
        longest = raw.execute(sql).fetchone()["longest"] or 0
        if longest > MOST_TEXT:
            yield f"a text of {longest} characters in {table}"


def leaks(household: Household) -> Iterator[str]:
    """Where the token stands that no file may hold."""
    if household.simulator.token.reveal().encode() in household.raw.serialize():
        yield "the database"
