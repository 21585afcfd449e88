"""What an attempt's outcome means for its failure: one place for the answer, for a crash, and for reconciliation."""

from __future__ import annotations

from dataclasses import dataclass, replace

from aof_tui.domain.event_kinds import EventKind
from aof_tui.domain.lifecycle import move
from aof_tui.domain.model import Attempt, Failure
from aof_tui.domain.words import AttemptState, FailureStatus, Reason, WhenInDoubt
from aof_tui.engine.context import Context
from aof_tui.engine.facts import recipe_facts
from aof_tui.engine.orchestrator import Orchestrator
from aof_tui.engine.ration import give_back
from aof_tui.engine.unit import Unit
from aof_tui.policy.decide import MAX_REJECTIONS
from aof_tui.store.port import Params

SETTLE_LEAST_S = 15.0
SETTLE_MOST_S = 600.0

EVENTS = {
    AttemptState.ACCEPTED: (EventKind.REPEAT_ACCEPTED, "Workato accepted the repeat"),
    AttemptState.REJECTED: (EventKind.REPEAT_REJECTED, "Workato rejected the repeat"),
    AttemptState.NOT_SENT: (EventKind.REPEAT_WITHHELD, "the repeat was not sent"),
    AttemptState.UNKNOWN: (EventKind.REPEAT_DOUBTED, "it is not known whether Workato accepted the repeat"),
    AttemptState.CONFIRMED: (EventKind.REPEAT_CONFIRMED, "a run of the repeat was seen before the answer"),
    AttemptState.ABSENT: (EventKind.REPEAT_MISSED, "no run of the repeat appeared"),
}
DISPATCHED = frozenset({FailureStatus.REPEATING, FailureStatus.IN_DOUBT})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of an attempt, and when to go on (UTC seconds); a rejection that `counts` is about the job itself."""

    state: AttemptState
    why: str
    next_at: float
    counts: bool = True


def settle_after(lag_s: float) -> float:
    """Seconds from the last moment of acceptance until a read shows what came; calibrated by the longest lag seen."""
    return min(SETTLE_MOST_S, max(SETTLE_LEAST_S, 3 * lag_s))


async def conclude(unit: Unit, ctx: Context, orchestrator: Orchestrator, attempt: Attempt, verdict: Verdict) -> Failure:
    """Commit an attempt's outcome and what follows for its failure."""
    if attempt.state is AttemptState.CONFIRMED and verdict.state is not AttemptState.ACCEPTED:
        # Its run was seen while the answer was out: that stands above whatever the answer says.
        verdict = replace(verdict, state=AttemptState.CONFIRMED)
    change: Params = {"attempt_id": attempt.attempt_id, "state": verdict.state, "outcome": verdict.why}
    await unit.tx.execute("attempt_state", change)
    lineage = {"workspace": attempt.workspace, "master_job_id": attempt.master_job_id}
    failure = (await unit.failures("failure_get", **lineage))[0]
    if not verdict.state.uses_budget:
        failure = _give_back(failure, attempt)
        await give_back(unit, attempt.workspace, attempt.attempt_id)
    kind, words = EVENTS[verdict.state]
    said = f"{words}: {verdict.why}" if verdict.why else words
    await unit.failure_event(
        kind, failure, said, dispatch_id=attempt.dispatch_id, data={"attempt": attempt.number, "why": verdict.why}
    )
    if failure.status not in DISPATCHED:
        # Somebody else's success, or a person, came first: only the count of attempts changes.
        await unit.put(failure)
        return failure
    concluded = await _follow_up(unit, ctx, orchestrator, failure, attempt, verdict)
    workspace = ctx.workspaces[failure.workspace]
    unit.wake(workspace.due)
    unit.wake(workspace.awaited)
    return concluded


def _give_back(failure: Failure, attempt: Attempt) -> Failure:
    if attempt.forced:
        return replace(failure, forced=failure.forced - 1)
    return replace(failure, attempts=failure.attempts - 1)


async def _follow_up(
    unit: Unit, ctx: Context, orchestrator: Orchestrator, failure: Failure, attempt: Attempt, verdict: Verdict
) -> Failure:
    match verdict.state:
        case AttemptState.ACCEPTED | AttemptState.CONFIRMED:
            settled = replace(failure, rejections=0, forced_by=None)
            return await _put(unit, move(settled, FailureStatus.WATCHING, next_action_at=verdict.next_at))
        case AttemptState.UNKNOWN:
            doubted = replace(failure, forced_by=None)
            return await _put(unit, move(doubted, FailureStatus.IN_DOUBT, next_action_at=verdict.next_at))
        case AttemptState.NOT_SENT:
            return await _put(unit, move(failure, FailureStatus.SCHEDULED, next_action_at=verdict.next_at))
        case AttemptState.REJECTED if not verdict.counts:
            return await _put(unit, move(failure, FailureStatus.SCHEDULED, next_action_at=verdict.next_at))
        case AttemptState.REJECTED:
            return await _rejected(unit, orchestrator, failure, attempt, verdict)
    return await _absent(unit, orchestrator, failure, attempt)


async def _put(unit: Unit, failure: Failure) -> Failure:
    await unit.put(failure)
    return failure


async def _rejected(
    unit: Unit, orchestrator: Orchestrator, failure: Failure, attempt: Attempt, verdict: Verdict
) -> Failure:
    failure = replace(failure, rejections=failure.rejections + 1)
    recipe = await recipe_facts(unit, failure.workspace, failure.recipe_id)
    if attempt.forced:
        reason = Reason.NOT_REPEATABLE
    elif failure.rejections >= MAX_REJECTIONS:
        reason = Reason.REJECTED_TWICE
    else:
        return await orchestrator.decide_again(unit, failure, recipe)
    text = f"needs a person: Workato rejects the repeat: {verdict.why}"
    return await orchestrator.rest(unit, failure, FailureStatus.NEEDS_PERSON, reason, recipe, text=text)


async def _absent(unit: Unit, orchestrator: Orchestrator, failure: Failure, attempt: Attempt) -> Failure:
    recipe = await recipe_facts(unit, failure.workspace, failure.recipe_id)
    if failure.plan.when_in_doubt is WhenInDoubt.REPEAT and not attempt.forced:
        return await orchestrator.decide_again(unit, failure, recipe)
    return await orchestrator.rest(unit, failure, FailureStatus.HELD, Reason.STAYED_IN_DOUBT, recipe)
