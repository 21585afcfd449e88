"""`aof-tui why`: in a few lines, how it stands with a failure or an incident, and what comes next."""

from __future__ import annotations

import re
from collections.abc import Mapping

from aof_tui.base.errors import AofError
from aof_tui.cli.failures import find_story
from aof_tui.cli.listing import OpenStore, Wanted, opened
from aof_tui.cli.listing_rows import NOTHING, SAID, due, moment, standing
from aof_tui.cli.output import json_line, plain, print_facts, say
from aof_tui.control.requests import DECIDING, FailureQuery, IncidentQuery
from aof_tui.control.rows import FailureRow

INCIDENT_NAME = re.compile(r"[Ii]\d+")
NEWEST_EVENTS = 3
MOST_FAILURES = 1_000


async def explain(wanted: Wanted, name: str) -> None:
    """Print why a job's failure, or an incident, is as it is. Raises AofError when there is none of this name."""
    async with opened(wanted) as store:
        if INCIDENT_NAME.fullmatch(name):
            facts = await _of_incident(store, wanted, name.upper())
        else:
            facts = await _of_failure(store, wanted, name)
        if wanted.as_json:
            say(json_line(facts))
        else:
            print_facts([fact for key, value in facts.items() for fact in _facts(key.replace("_", " "), value)])


async def _of_failure(store: OpenStore, wanted: Wanted, master_job_id: str) -> dict[str, object]:
    story = await find_story(store, wanted, master_job_id)
    failure, now = story.failure, (await store.queries.status()).at
    facts: dict[str, object] = {
        "workspace": failure.workspace,
        "master_job_id": failure.master_job_id,
        "recipe": failure.recipe,
        "error": failure.error,
        "status": failure.status,
        "reason": failure.reason,
        "attempts": failure.attempts,
        "max_attempts": failure.max_attempts,
        "incident": failure.incident,
        "next_action_at": plain(failure.next_action_at, "next_action_at"),
        "plan": dict(story.plan),
        "last": [f"{moment(event.at)} {event.text}" for event in story.events[-NEWEST_EVENTS:]],
    }
    if not wanted.as_json:
        facts["next_action_at"] = due(failure.next_action_at, now)
        if failure.deciding:
            facts["status"] = DECIDING
        facts["reason"] = SAID.get(failure.reason or "", failure.reason)
    return facts


async def _of_incident(store: OpenStore, wanted: Wanted, name: str) -> dict[str, object]:
    query = IncidentQuery(workspaces=wanted.workspaces, incident=name, only_open=False, limit=1)
    found = (await store.queries.incidents(query)).rows
    if not found:
        raise AofError(f"there is no incident {name}")
    incident = found[0]
    failures = (
        await store.queries.failures(FailureQuery((incident.workspace,), incident=name, limit=MOST_FAILURES))
    ).rows
    now = (await store.queries.status()).at
    facts: dict[str, object] = {
        "workspace": incident.workspace,
        "incident": incident.incident,
        "kind": incident.kind,
        "title": incident.title,
        "status": incident.status,
        "level": incident.level,
        "acknowledged_by": incident.acknowledged_by,
        "assignee": incident.assignee,
        "open_failures": incident.open_failures,
        "because": _counted(failures, for_people=not wanted.as_json),
    }
    for time in ("snoozed_until", "escalate_at", "remind_at", "resolved_at"):
        at = getattr(incident, time)
        told = moment(at) if time == "resolved_at" else due(at, now)
        facts[time] = plain(at, time) if wanted.as_json else told
    return facts | {"plan": await _newest_plan(store, failures)}


async def _newest_plan(store: OpenStore, failures: tuple[FailureRow, ...]) -> dict[str, str]:
    """What is done about the failure of an incident that failed last; nothing is known where none is open."""
    if not failures:
        return {}
    story = await store.queries.story(failures[0].workspace, failures[0].master_job_id)
    return {} if story is None else dict(story.plan)


def _counted(failures: tuple[FailureRow, ...], *, for_people: bool) -> dict[str, int]:
    """How many of its failures stand where, and for which reason."""
    counts: dict[str, int] = {}
    for failure in failures:
        where = failure.status if failure.reason is None else f"{failure.status}: {failure.reason}"
        where = standing(failure) if for_people else where
        counts[where] = counts.get(where, 0) + 1
    return dict(sorted(counts.items()))


def _facts(name: str, value: object) -> list[tuple[str, str]]:
    """A fact; where it consists of several they stand below each other under its one name."""
    items = [NOTHING if value is None else str(value)]
    if isinstance(value, Mapping):
        items = [_part(str(key).replace("_", " "), item) for key, item in value.items()]
    elif isinstance(value, list):
        items = [str(item) for item in value]
    return list(zip((name, *[""] * len(items)), items or [NOTHING], strict=False))


def _part(name: str, value: object) -> str:
    return f"{value:,} {name}" if isinstance(value, int) else f"{name}: {value}"
