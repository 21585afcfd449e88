"""Looks up what stands between a failure and its downstream."""

from __future__ import annotations

import json
from dataclasses import replace

from aof_tui.domain.breaker import ALL_AGENTS, PARENT_FINGERPRINT, Breaker, connection_key
from aof_tui.domain.model import Failure, Incident
from aof_tui.domain.words import Category
from aof_tui.engine.unit import Unit
from aof_tui.policy.breaker import COUNTED
from aof_tui.store.breaker_mapping import breaker_from
from aof_tui.store.mapping import integer, text

CONNECTION = connection_key("")


async def breaker_of(unit: Unit, workspace: str, downstream: str) -> Breaker:
    """The breaker of a downstream; one that was never needed is closed."""
    rows = await unit.tx.fetch("breaker_get", {"workspace": workspace, "downstream": downstream})
    return breaker_from(rows[0]) if rows else Breaker(workspace, downstream)


async def _not_closed(unit: Unit, failure: Failure) -> list[Breaker]:
    keys = [failure.downstream] if failure.downstream else []
    if failure.plan.category is Category.ON_PREM_AGENT:
        keys.append(ALL_AGENTS)
    if not keys:
        return []
    params = {"workspace": failure.workspace, "downstreams": json.dumps(keys)}
    return [breaker_from(row) for row in await unit.tx.fetch("breakers_barring", params)]


async def barring(unit: Unit, failure: Failure) -> Breaker | None:
    """The breaker that keeps the engine from repeating this failure now, if one does."""
    standing = [breaker for breaker in await _not_closed(unit, failure) if not breaker.passes(failure.master_job_id)]
    return standing[0] if standing else None


async def parent_of(unit: Unit, failure: Failure) -> Breaker | None:
    """The breaker whose incident the failure belongs to: its error is of the kind that the downstream causes."""
    if failure.plan.category not in COUNTED:
        return None
    standing = await _not_closed(unit, failure)
    return standing[0] if standing else None


async def probed_by(unit: Unit, failure: Failure) -> Breaker | None:
    """The breaker whose probe this failure is."""
    key = {"workspace": failure.workspace, "master_job_id": failure.master_job_id}
    rows = await unit.tx.fetch("breaker_of_probe", key)
    return breaker_from(rows[0]) if rows else None


async def is_standing(unit: Unit, incident: Incident) -> bool:
    """Whether this is the incident of a breaker that is not closed: nothing of it needs to be open for that."""
    if incident.fingerprint != PARENT_FINGERPRINT:
        return False
    return (await breaker_of(unit, incident.workspace, incident.scope)).barring


async def name_of(unit: Unit, workspace: str, downstream: str) -> str:
    """A downstream as people call it."""
    kind, _, key = downstream.partition(":")
    if not downstream.startswith(CONNECTION):
        return f"{kind} {key}".strip()
    rows = await unit.tx.fetch("connection_get", {"workspace": workspace, "connection_id": key})
    if not rows:
        return f"connection {key}"
    return f"connection {text(rows[0], 'name') or key} ({text(rows[0], 'application')})"


async def successes_of(unit: Unit, workspace: str, downstream: str) -> int:
    """How many jobs of the recipes that use a downstream were seen to succeed between two sweeps."""
    key = json.dumps(downstream.partition(":")[2])
    # Accounts are stored as [["adapter", "connection id or nothing"], …].
    part = f"{key}]" if downstream.startswith(CONNECTION) else f"[{key},"
    rows = await unit.tx.fetch("breaker_successes", {"workspace": workspace, "part": part})
    return integer(rows[0], "amount")


def resumed(failure: Failure, now: float) -> Failure:
    """The failure as it goes on: the time that a breaker held it does not count."""
    if failure.held_since is None:
        return failure
    stood = failure.stood_still_s + max(0.0, now - failure.held_since)
    return replace(failure, held_by=None, held_since=None, stood_still_s=stood)
