"""What a person is asked before something happens: it names what will happen. No terminal library."""

from __future__ import annotations

from aof_tui.base.wording import counted
from aof_tui.control.rows import FailureRow, Status, Story, WorkspaceState
from aof_tui.domain.words import MOVING, Reason
from aof_tui.tui.cells import Cell, Line, Tone
from aof_tui.tui.question import GAP, Question, failure_aim, named, said, where
from aof_tui.tui.times import clock_time, countdown, in_time
from aof_tui.tui.vocabulary import RUN, sign, spoken

CLOSE_ALL = "Close all"


def stayed_in_doubt(failure: FailureRow) -> bool:
    """Whether a repeat of it was sent of which nobody knows what became."""
    return failure.reason == Reason.STAYED_IN_DOUBT


def retry_question(failure: FailureRow, workspace: WorkspaceState | None, story: Story | None) -> Question:
    """Before a forced repeat. `story` carries the evidence where a former repeat stayed in doubt."""
    newest = (
        () if failure.newest_job_id == failure.master_job_id else (named("Newest run", Cell(failure.newest_job_id)),)
    )
    lines = [
        *failure_aim(failure, workspace),
        *newest,
        GAP,
        *said(
            "Workato runs the whole recipe again, on its newest version, with",
            "the stored trigger event. Steps that were done are done again:",
            "nothing at Workato keeps it from creating a second order.",
        ),
        GAP,
        *said(f"It is not counted as an attempt ({failure.attempts} of {failure.max_attempts} used).", tone=Tone.MUTED),
    ]
    if stayed_in_doubt(failure):
        lines += [GAP, *_evidence(story)]
    return Question("Repeat this job now?", tuple(lines), "Repeat now")


def _evidence(story: Story | None) -> tuple[Line, ...]:
    head = said("IN DOUBT: a repeat was sent and its answer never came.", tone=Tone.ALARM)
    if story is None or not story.attempts:
        return head + said("What is known of it cannot be shown now.", tone=Tone.WARN)
    last = story.attempts[-1]
    sent = "–" if last.sending_at is None else f"{clock_time(last.sending_at)} UTC"
    answer = "no answer" if last.http_status is None else f"HTTP {last.http_status}"
    runs = [_run_line(run.job_id, run.status, run.source) for run in story.runs[-4:]]
    return (
        *head,
        named("Attempt", Cell(f"{last.number}, sent {sent}, {answer}, {spoken(last.state)}")),
        named("Runs known", Cell(f"{len(story.runs)}; a run that came of it would be listed here:", Tone.MUTED)),
        *runs,
    )


def _run_line(job_id: str, status: str, source: str) -> Line:
    return (Cell(" " * 11), sign(RUN, status).cell(), Cell(f"  {job_id}"), Cell(f"  {spoken(source)}", Tone.MUTED))


def cancel_question(failure: FailureRow, workspace: WorkspaceState | None, now: float) -> Question:
    """Before a planned repeat is taken back."""
    planned = named("Planned in", Cell(countdown(failure.next_action_at, now), Tone.STRONG))
    return Question(
        "Cancel the planned repeat?",
        (
            *failure_aim(failure, workspace),
            planned,
            GAP,
            *said("The failure is held until somebody retries or closes it."),
        ),
        "Cancel repeat",
        cancel="Keep it",
    )


def close_question(failure: FailureRow, workspace: WorkspaceState | None) -> Question:
    """Before a failure is closed for good."""
    return Question(
        "Close this failure?",
        (*failure_aim(failure, workspace), GAP, *said("It is not repeated any more. Why is written to the log.")),
        "Close it",
        reason_asked="Reason",
    )


def release_question(failure: FailureRow, workspace: WorkspaceState | None) -> Question:
    """Before a held failure is planned again."""
    held = named("Held", Cell(spoken(failure.reason)))
    words = said("Its repeat is planned within the next minutes, by the rules", "that hold for every repeat.")
    return Question("Release this failure?", (*failure_aim(failure, workspace), held, GAP, *words), "Release")


def backlog_question(workspace: WorkspaceState) -> Question:
    """Before all is released, or closed, that was held for a person's word."""
    return Question(
        f"What becomes of the backlog of {workspace.workspace}?",
        (
            where(workspace.workspace, workspace),
            GAP,
            *said(
                "It is what failed while nobody watched, or was held while only",
                "observed. Released, its repeats are spread over some minutes;",
                "each runs a whole recipe again. Closed, none is repeated.",
            ),
        ),
        "Release all",
        cancel="Leave it",
        others=(("c", CLOSE_ALL),),
    )


def close_backlog_question(workspace: WorkspaceState) -> Question:
    """Before a backlog is closed for good."""
    return Question(
        f"Close the backlog of {workspace.workspace}?",
        (where(workspace.workspace, workspace), GAP, *said("None of it is repeated. Why is written to the log.")),
        "Close all",
        reason_asked="Reason",
    )


def fallback_question(failure: FailureRow, workspace: WorkspaceState | None, story: Story | None) -> Question:
    """Before the fallback recipe of a failure is started. `story` tells of former starts."""
    former = story.fallbacks if story is not None else ()
    before: tuple[Line, ...] = ()
    if former:
        last = former[-1]
        sent = "" if last.sending_at is None else f" at {clock_time(last.sending_at)} UTC"
        before = (
            named("Fallback", Cell(last.name, Tone.STRONG), Cell(f"  {last.recipe or last.recipe_id}")),
            GAP,
            *said(f"It was started before{sent} ({spoken(last.state)}): it may run twice.", tone=Tone.ALARM),
        )
    return Question(
        "Start the fallback of this failure now?",
        (
            *failure_aim(failure, workspace),
            *before,
            GAP,
            *said(
                "The fallback recipe that its policy names runs at Workato, with the",
                "facts of this failed job. It acts there in the job's place: a repeat",
                "of the job that succeeds as well does the same work a second time.",
            ),
        ),
        "Start fallback",
    )


def pause_question(workspace: WorkspaceState) -> Question:
    """Before all repeats of a workspace are paused."""
    return Question(
        f"Pause all repeats of {workspace.workspace}?",
        said(
            "Nothing is sent to Workato for this workspace until somebody",
            "resumes it, also after a restart. Collecting and telling go on.",
        ),
        "Pause",
        reason_asked="Reason",
    )


def resume_question(workspace: WorkspaceState) -> Question:
    """Before they are resumed, or allowed again after acting stopped by itself."""
    why: list[str] = []
    if workspace.paused_by is not None:
        since = "" if workspace.paused_at is None else f" since {clock_time(workspace.paused_at)} UTC"
        why.append(f"Paused by {workspace.paused_by}{since}.")
    if workspace.acting_stopped is not None:
        why.append(f"Acting stopped by itself: {workspace.acting_stopped}.")
    return Question(
        f"Resume repeats of {workspace.workspace}?",
        said(*why, "Repeats that fell due meanwhile begin again, spread over some minutes."),
        "Resume",
    )


def quit_question(status: Status, next_action_at: float | None, now: float, *, store_stays: bool) -> Question:
    """Before the engine ends with the terminal; without `store_stays`, all that it knows ends with it."""
    moving = sum(state.counts.get(word, 0) for state in status.workspaces for word in sorted(MOVING))
    lines = [*said("The engine ends with this terminal. Pending:"), GAP]
    if moving:
        soonest = "" if next_action_at is None else f", the next {in_time(next_action_at, now)}"
        lines.append((Cell(f"  {counted(moving, 'repeat')} planned or under way{soonest}", Tone.STRONG),))
    if status.open_dispatches:
        lines.append((Cell(f"  {counted(status.open_dispatches, 'request')} to Workato not settled", Tone.STRONG),))
    if status.notices_pending:
        lines.append((Cell(f"  {counted(status.notices_pending, 'notification')} not sent", Tone.STRONG),))
    afterwards = (
        "Nothing of it is lost: it goes on at the next start."
        if store_stays
        else "It ends here: a demo keeps nothing, and its Workato is a simulated one."
    )
    lines += [GAP, *said(afterwards, tone=Tone.MUTED)]
    return Question("Quit and stop the engine?", tuple(lines), "Quit", cancel="Stay")


def something_pending(status: Status) -> bool:
    """Whether quitting now would leave work waiting."""
    moving = any(state.counts.get(word, 0) for state in status.workspaces for word in sorted(MOVING))
    return moving or status.open_dispatches > 0 or status.notices_pending > 0
