"""The whole story of a failure as lines. No terminal library."""

from __future__ import annotations

from collections.abc import Sequence

from aof_tui.base.wording import counted
from aof_tui.control.rows import AttemptRow, EventRow, FailureRow, FallbackRow, NotificationRow, RunRow, Story
from aof_tui.domain.words import RunStatus
from aof_tui.tui.cells import Cell, Line, Tone, pad, show, wrap
from aof_tui.tui.fitting import wrap_lines
from aof_tui.tui.times import age, clock_time, countdown, day_and_time, in_time
from aof_tui.tui.vocabulary import LEVEL, NOTICE, RUN, SEVERITY, failure_sign, sign, spoken

MAX_ERROR_LINES = 40
TITLE_LINES = 2
INDENT = "  "


def story_lines(story: Story, now: float, width: int) -> tuple[Line, ...]:
    """Everything known of a failure, the most needed first."""
    lines = (
        *_facts(story.failure, now, width),
        *_error(story.failure.error, width),
        *_section("Why it is treated like this", [_fact(spoken(name), value) for name, value in story.plan.items()]),
        *_section(f"Runs of this job ({len(story.runs)})", [_run(run) for run in story.runs]),
        *_section(f"Attempts ({len(story.attempts)})", [line for row in story.attempts for line in _attempt(row, now)]),
        *_fallbacks(story.fallbacks),
        *_section(f"Notifications ({len(story.notifications)})", [_notice(row) for row in story.notifications]),
        *_section(f"Log ({len(story.events)})", [line for row in story.events for line in _event(row, width)]),
    )
    return wrap_lines(lines, width)


def _section(title: str, lines: Sequence[Line]) -> tuple[Line, ...]:
    return ((), (Cell(title, Tone.MARK),), *(lines or [(Cell(f"{INDENT}none", Tone.MUTED),)]))


def _fact(name: str, value: str, tone: Tone = Tone.PLAIN) -> Line:
    return (Cell(f"{INDENT}{pad(show(name, 16), 16)}", Tone.MUTED), Cell(value, tone))


def _facts(failure: FailureRow, now: float, width: int) -> tuple[Line, ...]:
    state = failure_sign(failure)
    reason = f", {spoken(failure.reason)}" if failure.reason else ""
    severity = sign(SEVERITY, failure.severity)
    lines = [
        (Cell(show(failure.title or failure.master_job_id, TITLE_LINES * width), Tone.STRONG),),
        (),
        _fact("status", f"{state.glyph} {state.word}{reason}", state.tone),
        _fact("next action", in_time(failure.next_action_at, now) if failure.next_action_at else "none planned"),
        _fact("attempts", _attempts_words(failure)),
        _fact("workspace", failure.workspace),
        _fact("recipe", f"{failure.recipe} ({failure.recipe_id})"),
        _fact("job", failure.master_job_id),
        _fact("newest run", failure.newest_job_id),
        _fact("category", spoken(failure.category)),
        _fact("severity", f"{severity.glyph} {severity.word}", severity.tone),
        _fact("incident", f"{failure.incident} {spoken(failure.incident_status)}" if failure.incident else "none"),
        _fact("first failed", f"{day_and_time(failure.first_failed_at)} UTC, {age(failure.first_failed_at, now)} ago"),
        _fact("last failed", f"{day_and_time(failure.last_failed_at)} UTC, {age(failure.last_failed_at, now)} ago"),
        _fact("fingerprint", failure.fingerprint, Tone.MUTED),
    ]
    if failure.repeatable_until is not None:
        left = countdown(failure.repeatable_until, now)
        end = f"until {day_and_time(failure.repeatable_until)} UTC"
        said = f"{end}, {left} left" if failure.repeatable_until > now else f"no more: Workato kept it {end}"
        lines.insert(-1, _fact("repeatable", said))
    if failure.repeat_tasks is not None:
        lines.insert(-1, _fact("price", f"about {counted(failure.repeat_tasks, 'task')} a repeat"))
    return tuple(lines)


def _attempts_words(failure: FailureRow) -> str:
    words = f"{failure.attempts} of {failure.max_attempts}"
    if failure.forced:
        words += f", {failure.forced} forced by a person"
    if failure.external:
        words += f", {failure.external} repeated in Workato by somebody else"
    return words


def _error(error: str, width: int) -> tuple[Line, ...]:
    wrapped = wrap(error, max(10, width - len(INDENT)))
    lines: list[Line] = [(Cell(f"{INDENT}{text}", Tone.BAD),) for text in wrapped[:MAX_ERROR_LINES]]
    if len(wrapped) > MAX_ERROR_LINES:
        lines.append((Cell(f"{INDENT}… {counted(len(wrapped) - MAX_ERROR_LINES, 'more line')}", Tone.MUTED),))
    return _section("Error", lines)


def _when(at: float | None) -> str:
    return "–" * 8 if at is None else clock_time(at)


def _run(run: RunRow) -> Line:
    look = sign(RUN, run.status)
    source = {"original": "original", "engine": "repeat", "person": "forced repeat", "external": "elsewhere"}
    error = Cell(f"  {run.error}", Tone.MUTED) if run.error and run.status == RunStatus.FAILED else Cell("")
    return (
        Cell(f"{INDENT}{_when(run.started_at)}  ", Tone.MUTED),
        Cell(pad(f"{look.glyph} {look.word}", 13), look.tone),
        Cell(pad(source.get(run.source, run.source), 15)),
        Cell(run.job_id),
        error,
    )


def _attempt(row: AttemptRow, now: float) -> tuple[Line, ...]:
    who = f"forced by {row.actor}" if row.forced else f"attempt {row.number}"
    tone = Tone.WARN if row.state in ("unknown", "sending") else Tone.PLAIN
    became = f" → {row.new_job_id}" if row.new_job_id else ""
    outcome = f", {spoken(row.outcome)}" if row.outcome else ""
    answer = "no answer" if row.http_status is None else f"HTTP {row.http_status}"
    settles = ""
    if row.settle_until is not None and row.settle_until > now:
        settles = f", settles {in_time(row.settle_until, now)}"
    sent = "not sent" if row.sending_at is None else f"sent {clock_time(row.sending_at)}, {answer}"
    return (
        (
            Cell(f"{INDENT}{_when(row.decided_at)}  ", Tone.MUTED),
            Cell(pad(spoken(row.state), 13), tone),
            Cell(f"{pad(show(who, 24), 15)}"),
            Cell(f"{row.sent_job_id}{became}{outcome}"),
        ),
        (
            Cell(
                f"{INDENT}{' ' * 10}dispatch {row.dispatch_id}, {spoken(row.dispatch_state)}, {sent}{settles}",
                Tone.MUTED,
            ),
        ),
    )


def _fallbacks(rows: Sequence[FallbackRow]) -> tuple[Line, ...]:
    """Only where there is one: most failures have none."""
    return _section(f"Fallbacks ({len(rows)})", [_fallback(row) for row in rows]) if rows else ()


def _fallback(row: FallbackRow) -> Line:
    answer = "" if row.http_status is None else f", HTTP {row.http_status}"
    job = f" → {row.job_id}" if row.job_id else ""
    forced = ", forced by a person" if row.forced else ""
    return (
        Cell(f"{INDENT}{_when(row.decided_at)}  ", Tone.MUTED),
        Cell(pad(spoken(row.state), 13), Tone.WARN if row.state in ("doubted", "rejected", "failed") else Tone.PLAIN),
        Cell(f"{row.name}: recipe {row.recipe or row.recipe_id}{job}{answer}{forced}"),
    )


def _notice(row: NotificationRow) -> Line:
    look = sign(NOTICE, row.state)
    return (
        Cell(f"{INDENT}{_when(row.created_at)}  ", Tone.MUTED),
        Cell(pad(f"{look.glyph} {look.word}", 13), look.tone),
        Cell(pad(show(f"{row.receiver} {row.channel}", 22), 24)),
        Cell(row.summary),
        Cell(f"  {row.error}" if row.error else "", Tone.BAD),
    )


def _event(row: EventRow, width: int) -> tuple[Line, ...]:
    look = sign(LEVEL, row.level)
    first, *more = wrap(row.text, max(10, width - 34))
    head = (
        Cell(f"{INDENT}{clock_time(row.at)}  ", Tone.MUTED),
        Cell(f"{look.glyph} ", look.tone),
        Cell(pad(show(row.kind, 18), 20), Tone.MUTED),
        Cell(first, look.tone),
    )
    return (head, *((Cell(f"{' ' * 34}{text}", look.tone),) for text in more))
