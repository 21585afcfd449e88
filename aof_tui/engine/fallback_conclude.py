"""What came of the start of a fallback: one place for the answer, and for a start that an ended engine left open."""

from __future__ import annotations

from dataclasses import dataclass, replace

from aof_tui.domain.event_kinds import EventKind
from aof_tui.domain.fallback import Fallback, FallbackState
from aof_tui.domain.words import DispatchState, IncidentKind, Severity
from aof_tui.engine.fallback_plan import known_fallback, put_fallback
from aof_tui.engine.incidents import Incidents
from aof_tui.engine.unit import Unit
from aof_tui.store.mapping import integer
from aof_tui.workato.answers import RequestOutcome
from aof_tui.workato.starts import StartAnswer

FIRST_LOOK_S = 15.0
"""From a start to the first look for its job."""
UNSENT_FIRST_S = 15.0
UNSENT_MOST_S = 600.0
UNSENT_TOLD = 5
"""Starts in a row that did not leave before people are told."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a kind of answer makes of a fallback."""

    state: FallbackState
    dispatch: DispatchState
    kind: EventKind
    words: str


ACCEPTED = Outcome(
    FallbackState.STARTED, DispatchState.ANSWERED, EventKind.FALLBACK_ACCEPTED, "fallback {name} is started"
)
REJECTED = Outcome(
    FallbackState.REJECTED, DispatchState.ANSWERED, EventKind.FALLBACK_REJECTED, "fallback {name} was not started"
)
DOUBTED = Outcome(
    FallbackState.DOUBTED,
    DispatchState.UNKNOWN,
    EventKind.FALLBACK_DOUBTED,
    "it is not known whether fallback {name} was started: it is not started again by itself",
)
WITHHELD = Outcome(
    FallbackState.PLANNED, DispatchState.NOT_SENT, EventKind.FALLBACK_WITHHELD, "fallback {name} waits: not started"
)


def outcome_of(answer: StartAnswer) -> Outcome:
    """What the answer means; only what is proven not to have started anything is tried again."""
    match answer.outcome:
        case RequestOutcome.ANSWERED:
            return ACCEPTED
        case RequestOutcome.AMBIGUOUS:
            return DOUBTED
        case RequestOutcome.REJECTED if not answer.passing:
            return REJECTED
    return WITHHELD


async def conclude_start(
    unit: Unit, incidents: Incidents, workspace: str, master_job_id: str, dispatch_id: str, answer: StartAnswer
) -> None:
    """Commit what came of a start, and what people are told of it."""
    outcome = outcome_of(answer)
    settled: dict[str, str | float | None] = {
        "dispatch_id": dispatch_id,
        "state": outcome.dispatch,
        "answered_at": None if answer.http_status is None else unit.now,
        "http_status": answer.http_status,
        "outcome": answer.why or answer.outcome,
        "settle_until": None,
    }
    await unit.tx.execute("dispatch_outcome", settled)
    fallback = await known_fallback(unit, workspace, master_job_id)
    failure = await unit.failure(workspace, master_job_id)
    if fallback is None or failure is None:
        raise RuntimeError(f"the start {dispatch_id} is of no known failure")
    concluded = _concluded(fallback, outcome, unit.now)
    await put_fallback(unit, concluded)
    said = outcome.words.format(name=fallback.name)
    await unit.failure_event(
        outcome.kind,
        failure,
        f"{said}: {answer.why}" if answer.why else said,
        dispatch_id=dispatch_id,
        data={"fallback": fallback.name, "http_status": answer.http_status, "why": answer.why},
    )
    await _tell(unit, incidents, concluded, outcome)


def _concluded(fallback: Fallback, outcome: Outcome, now: float) -> Fallback:
    if outcome is WITHHELD:
        pause = min(UNSENT_MOST_S, UNSENT_FIRST_S * 2.0 ** min(fallback.unsent, 10))
        return replace(fallback, state=outcome.state, next_at=now + pause, unsent=fallback.unsent + 1, sent_at=None)
    next_at = None if outcome is REJECTED else now + FIRST_LOOK_S
    return replace(fallback, state=outcome.state, next_at=next_at, unsent=0)


async def _tell(unit: Unit, incidents: Incidents, fallback: Fallback, outcome: Outcome) -> None:
    """One incident for each fallback that cannot be started, and its end when one was."""
    if outcome is ACCEPTED:
        await end_fallback_alarm(unit, incidents, fallback)
    elif outcome is not WITHHELD or fallback.unsent >= UNSENT_TOLD:
        title = f"Fallback {fallback.name} {'may not have been' if outcome is DOUBTED else 'is not'} started"
        await incidents.raise_alarm(
            unit,
            fallback.workspace,
            IncidentKind.FALLBACK_FAILED,
            title,
            scope=_scope(fallback),
            severity=Severity.ERROR,
        )


async def end_fallback_alarm(unit: Unit, incidents: Incidents, fallback: Fallback) -> None:
    """The fallback can be started; the alarm stays while another start of it is in doubt."""
    rows = await unit.tx.fetch("fallbacks_in_doubt", {"workspace": fallback.workspace, "name": fallback.name})
    if not integer(rows[0], "amount"):
        kind = IncidentKind.FALLBACK_FAILED
        await incidents.end_alarm(unit, fallback.workspace, kind, _scope(fallback))


def _scope(fallback: Fallback) -> str:
    return f"fallback:{fallback.name}"
