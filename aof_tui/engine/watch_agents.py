"""Watches groups of on-prem agents: one that is in use and has no active agent is an incident."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from aof_tui.domain.breaker import ALL_AGENTS
from aof_tui.domain.event_kinds import EventKind
from aof_tui.domain.words import Category, IncidentKind, Severity
from aof_tui.engine.access import Access
from aof_tui.engine.context import Context, Workspace
from aof_tui.engine.orchestrator import Orchestrator
from aof_tui.engine.unit import Unit
from aof_tui.policy.agents import AgentState, GroupHealth, group_health, group_state
from aof_tui.store.mapping import text
from aof_tui.store.port import Row
from aof_tui.workato.errors import Forbidden, NotFound, Unauthorized, WorkatoError
from aof_tui.workato.on_prem import OnPremGroup

EVERY_S = 300.0
MOST_STATUSES = 20
"""Groups asked for by id in one round: only those of which the list of agents does not tell enough."""


Seen = Sequence[tuple[OnPremGroup, AgentState]]
"""Groups with their states as one round read them."""


@dataclass(frozen=True, slots=True)
class Group:
    """A group as it is stored."""

    name: str
    health: GroupHealth


class AgentWatch:
    """The slow loop over the groups of one workspace."""

    def __init__(self, ctx: Context, workspace: Workspace, orchestrator: Orchestrator, access: Access) -> None:
        self._ctx = ctx
        self._workspace = workspace
        self._incidents = orchestrator.incidents
        self._breakers = orchestrator.breakers
        self._access = access
        self._skipped = False

    async def run(self) -> None:
        """Look every five minutes until the engine stops."""
        while not await self._ctx.clock.wait(self._ctx.stopping, EVERY_S):
            await self.look()

    async def look(self) -> None:
        """One round; one that cannot be read changes nothing."""
        try:
            seen = await self._read()
        except (Forbidden, NotFound) as error:
            # Many workspaces have no agents, and many tokens may not see them: no reason to stop repeating jobs.
            if not self._skipped:
                await self._ctx.write(partial(self._record_skipped, why=str(error)))
            self._skipped = True
            return
        except WorkatoError as error:
            if isinstance(error, Unauthorized):
                await self._access.note(self._workspace, error)
            return
        self._skipped = False
        known = known_groups(await self._ctx.store.read("agent_groups", {"workspace": self._workspace.name}))
        if known != judged(seen, known):
            await self._ctx.write(partial(self._compare, seen=seen))

    async def _read(self) -> Seen:
        client = self._workspace.client
        groups = await client.on_prem_groups()
        if not groups:
            return []
        members: dict[str | None, list[AgentState]] = defaultdict(list)
        for agent in await client.on_prem_agents():
            members[agent.group_id].append(agent.state)
        states = {group.group_id: group_state(members[group.group_id]) for group in groups}
        unclear = [one for one in groups if one.in_use is not False and states[one.group_id] is AgentState.UNKNOWN]
        for group in unclear[:MOST_STATUSES]:
            states[group.group_id] = await client.on_prem_group_status(group.group_id)
        return [(group, states[group.group_id]) for group in groups]

    async def _record_skipped(self, unit: Unit, why: str) -> None:
        said = f"on-prem agents are not watched: {why}"
        await unit.event(EventKind.AGENT_SKIPPED, said, workspace=self._workspace.name)

    async def _compare(self, unit: Unit, seen: Seen) -> None:
        known = known_groups(await unit.tx.fetch("agent_groups", {"workspace": self._workspace.name}))
        now = judged(seen, known)
        for group_id, group in now.items():
            if group != known.get(group_id):
                await self._note(unit, group_id, group, known.get(group_id))
        for group_id, former in known.items():
            if group_id not in now:
                await unit.tx.execute("agent_group_delete", {"workspace": self._workspace.name, "group_id": group_id})
                if former.health.lost:
                    await self._restored(unit, group_id, f"{called(former.name, group_id)} is no longer there")
        await self._hold_or_release(unit, now)

    async def _hold_or_release(self, unit: Unit, groups: Mapping[str, Group]) -> None:
        """No list tells through which group a job went: its failures are held only where no group works."""
        lost = [group.health.lost for group in groups.values()]
        works = any(group.health.state is AgentState.ACTIVE for group in groups.values())
        name, kind = self._workspace.name, IncidentKind.JOBS
        if any(lost) and not works:
            await self._breakers.hold_downstream(unit, name, ALL_AGENTS, "no group of agents works", kind)
        else:
            await self._breakers.release_downstream(unit, name, ALL_AGENTS)

    async def _note(self, unit: Unit, group_id: str, group: Group, before: Group | None) -> None:
        await unit.tx.execute(
            "agent_group_put",
            {
                "workspace": self._workspace.name,
                "group_id": group_id,
                "name": group.name,
                "state": group.health.state,
                "lost": int(group.health.lost),
                "changed_at": unit.now,
            },
        )
        was_lost = before is not None and before.health.lost
        if group.health.lost and not was_lost:
            await self._lost(unit, group_id, f"{called(group.name, group_id)} has no active agent")
        elif was_lost and not group.health.lost:
            works = group.health.state is AgentState.ACTIVE
            why = "has an active agent again" if works else "is no longer in use"
            await self._restored(unit, group_id, f"{called(group.name, group_id)} {why}")

    async def _lost(self, unit: Unit, group_id: str, title: str) -> None:
        name = self._workspace.name
        await unit.event(EventKind.AGENT_LOST, title, workspace=name)
        await self._incidents.raise_alarm(
            unit,
            name,
            IncidentKind.AGENT_DOWN,
            title,
            scope=agents_scope(group_id),
            category=Category.ON_PREM_AGENT,
            severity=Severity.ERROR,
        )

    async def _restored(self, unit: Unit, group_id: str, said: str) -> None:
        name = self._workspace.name
        await unit.event(EventKind.AGENT_RESTORED, said, workspace=name)
        await self._incidents.end_alarm(unit, name, IncidentKind.AGENT_DOWN, agents_scope(group_id))


def known_groups(rows: Sequence[Row]) -> dict[str, Group]:
    """The stored groups by id."""
    return {
        text(row, "group_id"): Group(text(row, "name"), GroupHealth(AgentState(text(row, "state")), bool(row["lost"])))
        for row in rows
    }


def judged(seen: Seen, known: Mapping[str, Group]) -> dict[str, Group]:
    """The groups as they are to be stored after what was seen."""
    found = {}
    for group, state in seen:
        before = known.get(group.group_id)
        health = group_health(state, group.in_use, before.health if before else None)
        found[group.group_id] = Group(group.name, health)
    return found


def agents_scope(group_id: str) -> str:
    """What an incident about a group of agents is about."""
    return f"agents:{group_id}"


def called(name: str, group_id: str) -> str:
    return f"on-prem group {name or group_id}"
