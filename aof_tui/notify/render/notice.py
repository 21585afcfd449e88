"""A notice in plain words."""

from __future__ import annotations

from collections.abc import Iterator

from aof_tui.base.wording import counted
from aof_tui.domain.words import NoticeKind
from aof_tui.notify.message import Notice
from aof_tui.notify.render.sheet import Sheet, brief, listed, quoted
from aof_tui.notify.render.words import REASONS, STATES, moment

MAX_SUBJECT = 150
MAX_REASONS = 5
MAX_JOBS = 5
_SEPARATE = " · "


def notice_sheet(notice: Notice) -> Sheet:
    """Say first what it is and how it stands, then the facts, then what to do."""
    glyph, state = STATES[notice.kind]
    recipe, title = brief(notice.recipe or "", MAX_SUBJECT), brief(notice.title)
    about = recipe or brief(title, MAX_SUBJECT)
    jobs = counted(notice.open_failures, "job") if notice.open_failures else ""
    headline = _SEPARATE.join(filter(None, (str(notice.category or ""), about, jobs, state)))
    return Sheet(
        headline=brief(f"[{notice.severity.upper()}] {headline}"),
        banner=brief(f"{glyph} {state.capitalize()}{_SEPARATE}{about}"),
        subject=_subject(notice),
        thread=f"{notice.workspace}/{notice.incident}" if notice.incident else "",
        at=notice.at,
        lead=title if recipe else "",
        facts=tuple((label, brief(value)) for label, value in _facts(notice) if value.strip()),
        lists=(("Messages", listed(notice.lines)),) if notice.lines else (),
        quote=quoted(notice.error),
    )


def _subject(notice: Notice) -> str:
    names = (f"[{notice.workspace}]" if notice.workspace else "", notice.incident or "", notice.title)
    return brief(" ".join(filter(None, names)), MAX_SUBJECT)


def _facts(notice: Notice) -> Iterator[tuple[str, str]]:
    yield "Workspace", notice.workspace
    yield "Incident", ", ".join(filter(None, (notice.incident, notice.status)))
    yield "Recipe", f"{notice.recipe or 'unnamed'} ({notice.recipe_id})" if notice.recipe_id else notice.recipe or ""
    yield "Category", str(notice.category or "")
    yield "Open failures", str(notice.open_failures) if notice.open_failures else ""
    yield "Attempts", _attempts(notice)
    yield "First seen", _moment(notice.first_seen_at)
    yield "Last seen", _moment(notice.last_seen_at)
    yield "Jobs", _jobs(notice.job_ids, notice.open_failures)
    yield "Messages", f"{notice.merged} in one" if notice.kind is NoticeKind.DIGEST else ""
    yield "Why", "; ".join(REASONS.get(reason, reason) for reason in notice.reasons[:MAX_REASONS])
    yield "Next", notice.next_step


def _attempts(notice: Notice) -> str:
    if notice.attempts is None:
        return ""
    return f"{notice.attempts} of {notice.max_attempts}" if notice.max_attempts else str(notice.attempts)


def _moment(wall: float | None) -> str:
    return "" if wall is None else moment(wall)


def _jobs(job_ids: tuple[str, ...], total: int) -> str:
    shown = ", ".join(brief(job_id, 50) for job_id in job_ids[:MAX_JOBS])
    more = max(total, len(job_ids)) - min(len(job_ids), MAX_JOBS)
    return f"{shown} (+{more})" if shown and more > 0 else shown
