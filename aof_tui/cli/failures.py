"""`aof-tui failures`: the listing, and the whole story of one."""

from __future__ import annotations

from msgspec.structs import replace

from aof_tui.base.errors import AofError, UsageError
from aof_tui.cli.listing import OpenStore, Wanted, collect, filtered, opened
from aof_tui.cli.listing_rows import (
    FAILURE_FIELDS,
    FAILURE_HEADINGS,
    NOTHING,
    event_cells,
    failure_cells,
    fallback_cells,
    moment,
    print_json,
    print_rows,
    standing,
)
from aof_tui.cli.output import json_line, plain, print_columns, print_facts, say
from aof_tui.control import filters
from aof_tui.control.requests import FailureQuery
from aof_tui.control.rows import FailureRow, Page, Story

RUN_HEADINGS = ("RUN", "STATUS", "BY", "STARTED (UTC)", "ENDED (UTC)", "ERROR")
FALLBACK_HEADINGS = ("FALLBACK", "STATE", "RECIPE", "DECIDED (UTC)", "ANSWER", "JOB", "DISPATCH")
ATTEMPT_HEADINGS = ("ATTEMPT", "STATE", "BY", "DECIDED (UTC)", "NEW RUN", "DISPATCH")


async def list_failures(wanted: Wanted) -> None:
    """Print failures, the one that failed last first; a filter that names a status shows ended ones too."""
    wanted, typed = filtered(wanted, filters.FAILURE_FIELDS)
    query = filters.failure_query(typed)
    query = replace(query, only_open=query.only_open and not wanted.everything)
    async with opened(wanted) as store:

        async def fetch(cursor: str | None, limit: int) -> Page[FailureRow]:
            return await store.queries.failures(replace(query, cursor=cursor, limit=limit))

        rows = await collect(fetch, wanted.limit)
        if wanted.as_json:
            print_json(rows, FAILURE_FIELDS)
            return
        now = (await store.queries.status()).at
        workspace = (lambda row: row.workspace) if store.several else None
        print_rows(rows, FAILURE_HEADINGS, lambda row: failure_cells(row, now), workspace=workspace)


async def show_failure(wanted: Wanted, master_job_id: str) -> None:
    """Print everything known of one failure. Raises AofError when there is none of this id."""
    async with opened(wanted) as store:
        story = await find_story(store, wanted, master_job_id)
        if wanted.as_json:
            say(_story_json(story))
        else:
            _print_story(story)


async def find_story(store: OpenStore, wanted: Wanted, master_job_id: str) -> Story:
    """The story of the failure of that job. Raises AofError when there is none, UsageError when there are several."""
    query = FailureQuery(workspaces=wanted.workspaces, master_job_ids=(master_job_id,), only_open=False, limit=2)
    found = (await store.queries.failures(query)).rows
    if len(found) > 1:
        raise UsageError(f"more than one workspace has a job {master_job_id!r}: name one with --workspace")
    story = await store.queries.story(found[0].workspace, master_job_id) if found else None
    if story is None:
        raise AofError(f"there is no failure {master_job_id!r}; a failure is named by its original job's id")
    return story


def _story_json(story: Story) -> str:
    """The story with its failure as listings show it, and its title."""
    whole = plain(story)
    failure = plain(story.failure)
    if isinstance(whole, dict) and isinstance(failure, dict):
        whole["failure"] = {name: failure[name] for name in (*FAILURE_FIELDS, "title")}
    return json_line(whole)


def _print_story(story: Story) -> None:
    failure = story.failure
    facts = {
        "job": f"{failure.master_job_id} of {failure.recipe} ({failure.recipe_id}) in {failure.workspace}",
        "title": failure.title,
        "status": standing(failure),
        "category": failure.category,
        "error": failure.error,
        "tries": f"{failure.attempts} of {failure.max_attempts}, {failure.forced} forced, {failure.external} by others",
        "next": moment(failure.next_action_at),
        "incident": failure.incident or NOTHING,
        "repeatable until": moment(failure.repeatable_until),
        "tasks of a repeat": NOTHING if failure.repeat_tasks is None else f"about {failure.repeat_tasks}",
        **story.plan,
    }
    print_facts(list(facts.items()))
    say("")
    print_columns(
        RUN_HEADINGS,
        [
            (run.job_id, run.status, run.source, moment(run.started_at), moment(run.completed_at), run.error or NOTHING)
            for run in story.runs
        ],
    )
    say("")
    print_columns(
        ATTEMPT_HEADINGS,
        [
            (
                f"{attempt.number}{' forced' if attempt.forced else ''}",
                attempt.state,
                attempt.actor,
                moment(attempt.decided_at),
                attempt.new_job_id or NOTHING,
                attempt.dispatch_id,
            )
            for attempt in story.attempts
        ],
    )
    if story.fallbacks:
        say("")
        print_columns(FALLBACK_HEADINGS, [fallback_cells(row) for row in story.fallbacks])
    say("")
    print_columns(("TIME (UTC)", "LEVEL", "KIND", "SUBJECT", "TEXT"), [event_cells(event) for event in story.events])
