"""What a person is asked before something happens: it names what will happen. No terminal library."""

from __future__ import annotations

from dataclasses import dataclass

from aof_tui.control.rows import FailureRow, Status, Story, WorkspaceState
from aof_tui.domain.words import MOVING, Reason
from aof_tui.tui.cells import Cell, Line, Tone
from aof_tui.tui.times import clock_time, countdown
from aof_tui.tui.vocabulary import RUN, sign, spoken

CLOSE_ALL = "Close all"


@dataclass(frozen=True, slots=True)
class Question:
    """One question. With `reason_asked` the answer needs words; `instead` offers a second thing to do, by its key."""

    title: str
    lines: tuple[Line, ...]
    confirm: str
    cancel: str = "Cancel"
    reason_asked: str | None = None
    instead: tuple[str, str] | None = None
    """Key and name; the answer is the name."""


def stayed_in_doubt(failure: FailureRow) -> bool:
    """Whether a repeat of it was sent of which nobody knows what became."""
    return failure.reason == Reason.STAYED_IN_DOUBT


def _named(name: str, *cells: Cell) -> Line:
    return (Cell(f"{name:<11}", Tone.MUTED), *cells)


def _where(named: str, workspace: WorkspaceState | None) -> Line:
    production = workspace is not None and workspace.production
    return _named("Workspace", Cell(named, Tone.STRONG), *([Cell("  PRODUCTION", Tone.ALARM)] if production else []))


def _aim(failure: FailureRow, workspace: WorkspaceState | None) -> tuple[Line, ...]:
    return (
        _where(failure.workspace, workspace),
        _named("Recipe", Cell(failure.recipe, Tone.STRONG), Cell(f"  {failure.recipe_id}", Tone.MUTED)),
        _named("Job", Cell(failure.master_job_id, Tone.STRONG), Cell(f"  {failure.title}")),
    )


def _gap() -> Line:
    return ()


def _said(*texts: str, tone: Tone = Tone.PLAIN) -> tuple[Line, ...]:
    return tuple((Cell(text, tone),) for text in texts)


def retry_question(failure: FailureRow, workspace: WorkspaceState | None, story: Story | None) -> Question:
    """Before a forced repeat. `story` carries the evidence where a former repeat stayed in doubt."""
    newest = (
        () if failure.newest_job_id == failure.master_job_id else (_named("Newest run", Cell(failure.newest_job_id)),)
    )
    lines = [
        *_aim(failure, workspace),
        *newest,
        _gap(),
        *_said(
            "Workato runs the whole recipe again, on its newest version, with",
            "the stored trigger event. Steps that were done are done again:",
            "nothing at Workato keeps it from creating a second order.",
        ),
        _gap(),
        *_said(
            f"It is not counted as an attempt ({failure.attempts} of {failure.max_attempts} used).", tone=Tone.MUTED
        ),
    ]
    if stayed_in_doubt(failure):
        lines += [_gap(), *_evidence(story)]
    return Question("Repeat this job now?", tuple(lines), "Repeat now")


def _evidence(story: Story | None) -> tuple[Line, ...]:
    head = _said("IN DOUBT: a repeat was sent and its answer never came.", tone=Tone.ALARM)
    if story is None or not story.attempts:
        return head + _said("What is known of it cannot be shown now.", tone=Tone.WARN)
    last = story.attempts[-1]
    sent = "–" if last.sending_at is None else f"{clock_time(last.sending_at)} UTC"
    answer = "no answer" if last.http_status is None else f"HTTP {last.http_status}"
    runs = [_run_line(run.job_id, run.status, run.source) for run in story.runs[-4:]]
    return (
        *head,
        _named("Attempt", Cell(f"{last.number}, sent {sent}, {answer}, {spoken(last.state)}")),
        _named("Runs known", Cell(f"{len(story.runs)}; a run that came of it would be listed here:", Tone.MUTED)),
        *runs,
    )


def _run_line(job_id: str, status: str, source: str) -> Line:
    return (Cell(" " * 11), sign(RUN, status).cell(), Cell(f"  {job_id}"), Cell(f"  {spoken(source)}", Tone.MUTED))


def escalate_question(failure: FailureRow, workspace: WorkspaceState | None) -> Question:
    """Before people of the next level are told."""
    incident = _named(
        "Incident", Cell(failure.incident or "–", Tone.STRONG), Cell(f"  {spoken(failure.incident_status)}")
    )
    return Question(
        "Escalate this incident now?",
        (*_aim(failure, workspace), incident, _gap(), *_said("The receivers of the next level are told at once.")),
        "Escalate",
    )


def start_question(recipe: str, recipe_id: str, workspace: WorkspaceState | None, named: str) -> Question:
    """Before a stopped recipe is started; `named` is its workspace."""
    return Question(
        "Start this recipe now?",
        (
            _where(named, workspace),
            _named("Recipe", Cell(recipe, Tone.STRONG), Cell(f"  {recipe_id}", Tone.MUTED)),
            _gap(),
            *_said(
                "Workato runs it from now on: what waits at its trigger is worked off.",
                "Failures that it held up are repeated as planned.",
            ),
        ),
        "Start recipe",
    )


def cancel_question(failure: FailureRow, workspace: WorkspaceState | None, now: float) -> Question:
    """Before a planned repeat is taken back."""
    planned = _named("Planned in", Cell(countdown(failure.next_action_at, now), Tone.STRONG))
    return Question(
        "Cancel the planned repeat?",
        (
            *_aim(failure, workspace),
            planned,
            _gap(),
            *_said("The failure is held until somebody retries or closes it."),
        ),
        "Cancel repeat",
        cancel="Keep it",
    )


def close_question(failure: FailureRow, workspace: WorkspaceState | None) -> Question:
    """Before a failure is closed for good."""
    return Question(
        "Close this failure?",
        (*_aim(failure, workspace), _gap(), *_said("It is not repeated any more. Why is written to the log.")),
        "Close it",
        reason_asked="Reason",
    )


def release_question(failure: FailureRow, workspace: WorkspaceState | None) -> Question:
    """Before a held failure is planned again."""
    held = _named("Held", Cell(spoken(failure.reason)))
    said = _said("Its repeat is planned within the next minutes, by the rules", "that hold for every repeat.")
    return Question("Release this failure?", (*_aim(failure, workspace), held, _gap(), *said), "Release")


def backlog_question(workspace: WorkspaceState) -> Question:
    """Before all is released, or closed, that was held for a person's word."""
    return Question(
        f"What becomes of the backlog of {workspace.workspace}?",
        (
            _where(workspace.workspace, workspace),
            _gap(),
            *_said(
                "It is what failed while nobody watched, or was held while only",
                "observed. Released, its repeats are spread over some minutes;",
                "each runs a whole recipe again. Closed, none is repeated.",
            ),
        ),
        "Release all",
        cancel="Leave it",
        instead=("c", CLOSE_ALL),
    )


def close_backlog_question(workspace: WorkspaceState) -> Question:
    """Before a backlog is closed for good."""
    return Question(
        f"Close the backlog of {workspace.workspace}?",
        (_where(workspace.workspace, workspace), _gap(), *_said("None of it is repeated. Why is written to the log.")),
        "Close all",
        reason_asked="Reason",
    )


def pause_question(workspace: WorkspaceState) -> Question:
    """Before all repeats of a workspace are paused."""
    return Question(
        f"Pause all repeats of {workspace.workspace}?",
        _said(
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
        _said(*why, "Repeats that fell due meanwhile begin again, spread over some minutes."),
        "Resume",
    )


def quit_question(status: Status, next_action_at: float | None, now: float) -> Question:
    """Before the engine ends with the terminal."""
    moving = sum(state.counts.get(word, 0) for state in status.workspaces for word in sorted(MOVING))
    lines = [*_said("The engine ends with this terminal. Pending:"), _gap()]
    if moving:
        soonest = "" if next_action_at is None else f", the next in {countdown(next_action_at, now)}"
        lines.append((Cell(f"  {moving:,} repeats planned or under way{soonest}", Tone.STRONG),))
    if status.open_dispatches:
        lines.append((Cell(f"  {status.open_dispatches:,} requests to Workato not settled", Tone.STRONG),))
    if status.notices_pending:
        lines.append((Cell(f"  {status.notices_pending:,} notifications not sent", Tone.STRONG),))
    lines += [_gap(), *_said("Nothing of it is lost: it goes on at the next start.", tone=Tone.MUTED)]
    return Question("Quit and stop the engine?", tuple(lines), "Quit", cancel="Stay")


def something_pending(status: Status) -> bool:
    """Whether quitting now would leave work waiting."""
    moving = any(state.counts.get(word, 0) for state in status.workspaces for word in sorted(MOVING))
    return moving or status.open_dispatches > 0 or status.notices_pending > 0
