"""What a person is asked about a circuit breaker. No terminal library."""

from __future__ import annotations

from collections.abc import Sequence

from aof_tui.control.breaker_rows import BreakerRow
from aof_tui.control.rows import WorkspaceState
from aof_tui.domain.words import BreakerCause
from aof_tui.tui.cells import Cell, Line, Tone
from aof_tui.tui.question import GAP, Question, named, said, where
from aof_tui.tui.times import age, countdown, day_and_time
from aof_tui.tui.vocabulary import BREAKER, BREAKER_CAUSE, sign

HOLD_OPEN = "Keep open"
MOST_SHOWN = 6


def breaker_question(breaker: BreakerRow, workspace: WorkspaceState | None, now: float) -> Question:
    """Whether a breaker is closed; the answer HOLD_OPEN keeps it open, without probes, until somebody closes it."""
    state = sign(BREAKER, breaker.state)
    since = "" if breaker.opened_at is None else f" since {day_and_time(breaker.opened_at)} UTC"
    by_person = breaker.cause == BreakerCause.PERSON
    waiting = "1 failure waits" if breaker.held == 1 else f"{breaker.held:,} failures wait"
    return Question(
        "Close this breaker?",
        (
            where(breaker.workspace, workspace),
            named("Downstream", Cell(breaker.name, Tone.STRONG), Cell(f"  {breaker.downstream}", Tone.MUTED)),
            named("Now", state.cell(), Cell(f"{since}, by {breaker.opened_by}")),
            named("Because", Cell(BREAKER_CAUSE.get(breaker.cause, breaker.cause))),
            named("Next probe", Cell(probe_words(breaker, now))),
            GAP,
            *said(
                f"{waiting} for it. Closed, their repeats go on, spread",
                "over some minutes; if it still fails, it opens again by itself.",
                *([] if by_person else ["Kept open, nothing tries it until somebody closes it."]),
            ),
        ),
        "Close it",
        others=() if by_person else (("o", HOLD_OPEN),),
    )


def probe_words(breaker: BreakerRow, now: float) -> str:
    """What tries the downstream, and when."""
    if breaker.probe is not None:
        return f"under way: the repeat of {breaker.probe}"
    if breaker.next_probe_at is None:
        return "none: it stays open until somebody closes it"
    if breaker.next_probe_at <= now:
        return f"due for {age(breaker.next_probe_at, now)}: the next repeat that waits for it"
    return f"one repeat, in {countdown(breaker.next_probe_at, now)}"


def open_breaker_question(workspace: WorkspaceState, known: Sequence[tuple[str, str]]) -> Question:
    """Which downstream nothing may go to; `known` holds those that failed lately, each with its name."""
    shown: list[Line] = [
        (Cell(f"  {subject}", Tone.STRONG), Cell(f"  {name}", Tone.MUTED)) for subject, name in known[:MOST_SHOWN]
    ]
    return Question(
        "Open the breaker of which downstream?",
        (
            where(workspace.workspace, workspace),
            GAP,
            *said(
                "What failed there is held, and nothing is repeated there, until",
                "somebody closes it: for a downstream that is down on purpose.",
            ),
            *((GAP, *said("Known of the last day:", tone=Tone.MUTED), *shown) if shown else ()),
        ),
        "Open breaker",
        reason_asked="Downstream, like connection:1234",
    )
