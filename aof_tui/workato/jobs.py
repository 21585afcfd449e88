"""Jobs as Workato tells them, as runs of lineages. What cannot be believed raises BadPage."""

from __future__ import annotations

from collections.abc import Sequence

from aof_tui.domain.model import ErrorParts, JobDetail, Run
from aof_tui.domain.words import RunStatus
from aof_tui.policy.error_text import parse_error
from aof_tui.workato.errors import BadPage
from aof_tui.workato.outside import NAME_LIMIT, TITLE_LIMIT, label
from aof_tui.workato.rows import JobsPage
from aof_tui.workato.shapes import read, read_all
from aof_tui.workato.statuses import run_status
from aof_tui.workato.wire import WireJob, WireJobCounts, WireJobDetail, WireLine


def jobs_page(recipe_id: str, value: object, asked_boot: float) -> JobsPage:
    runs = tuple(run(recipe_id, wire) for wire in read_all(WireJob, value))
    counts = read(WireJobCounts, value if isinstance(value, dict) else {})
    return JobsPage(runs, asked_boot, counts.job_scope_count)


def job(recipe_id: str, job_id: str, value: object) -> tuple[Run, JobDetail]:
    """A job read alone; it must be the one that was asked for."""
    wire = read(WireJobDetail, value)
    if job_id not in (wire.id, wire.handle):
        raise BadPage("the answer is another job than the one asked for")
    found = run(recipe_id, wire, job_id)
    return found, _detail(wire, found.error)


def run(recipe_id: str, wire: WireJob, asked_id: str | None = None) -> Run:
    """A run as list or detail shows it. Its id is the one asked for, else the handle, else the id."""
    job_id = asked_id or wire.handle or wire.id
    status = run_status(wire.status, completed=wire.completed_at is not None, is_error=wire.is_error)
    erased = _is_erased(wire, status)
    return Run(
        recipe_id=recipe_id,
        job_id=job_id,
        master_job_id=_master(wire, job_id),
        status=status,
        started_at=wire.started_at,
        completed_at=wire.completed_at,
        title=label(wire.title, TITLE_LIMIT),
        error=_error(wire) if status is RunStatus.FAILED and not erased else None,
        is_poll_error=wire.is_poll_error,
        is_test=wire.is_test or wire.is_test_case_job,
        erased=erased,
        calling_job_id=wire.calling_job_handle or wire.calling_job_id,
        root_job_id=wire.root_job_handle or wire.root_job_id,
        root_recipe_id=wire.root_recipe_id,
    )


def _master(wire: WireJob, job_id: str) -> str:
    """The lineage: an original names none or itself.

    Refused are a repeat that names none, as it would look like an original, and one whose lineage is named in another
    form than its own name, as it would look like a lineage of its own.
    """
    master = wire.master_job_handle or wire.master_job_id
    if master is None and wire.is_repeat:
        raise BadPage("a repeat does not say of which job")
    if master in (None, wire.id, wire.handle):
        return job_id
    if job_id == wire.handle != wire.id and master.isdecimal():
        raise BadPage("a job is named by its handle, the job that it repeats only by the older form of its id")
    return master


def _is_erased(wire: WireJob, status: RunStatus) -> bool:
    """Workato lists an erased job with an empty title and without the key `error`, also a failed one."""
    silent = not wire.title.strip() and "error" not in wire.model_fields_set and not wire.error_parts
    return wire.erased or (silent and status is RunStatus.FAILED)


def _error(wire: WireJob) -> ErrorParts:
    told = wire.error
    if isinstance(told, dict):
        return parse_error(None, wire.error_parts or told)
    text = told if isinstance(told, str) else None
    return parse_error(text, wire.error_parts or None)


def _detail(wire: WireJobDetail, error: ErrorParts | None) -> JobDetail:
    """The failed step: the one the error names, else the last one with an error."""
    named = error.line_number if error else None
    line = _failed_line(wire.lines, named) or WireLine()
    return JobDetail(
        http_code=line.error_details.http_response.code,
        failed_line=line.recipe_line_number if named is None else named,
        adapter=label(line.adapter_name, NAME_LIMIT) or (error.adapter if error else None),
        operation=label(line.adapter_operation, NAME_LIMIT) or (error.action if error else None),
        is_test=wire.is_test or wire.is_test_case_job,
    )


def _failed_line(lines: Sequence[WireLine], number: int | None) -> WireLine | None:
    failed = [line for line in lines if line.failed]
    named = [line for line in failed if line.recipe_line_number == number]
    chosen = named if number is not None else failed
    return chosen[-1] if chosen else None
