"""The endpoints that show on-prem groups and agents (Workato docs: on-prem; the shape of a status is a guess)."""

from __future__ import annotations

from aof_tui.simulator.agents import SimAgentGroup
from aof_tui.simulator.messages import SimRequest, SimResponse, json_answer, message_answer
from aof_tui.simulator.view import JobView
from aof_tui.simulator.wire_jobs import JobWire, Json
from aof_tui.simulator.world import World


class OnPremDesk:
    """Answers what is asked of groups and agents."""

    def __init__(self, world: World, view: JobView) -> None:
        self._groups = world.agent_groups
        self._switches = view.switches
        self._time = JobWire(world.draws, view).time

    def groups(self, _request: SimRequest, _now: float) -> SimResponse:
        """GET /api/on_prem_groups: a bare array."""
        return self._allowed() or json_answer(200, [self._group(group) for group in self._groups.values()])

    def agents(self, _request: SimRequest, now: float) -> SimResponse:
        """GET /api/on_prem_agents: a bare array."""
        return self._allowed() or json_answer(
            200, [self._agent(group, agent, now) for group in self._groups.values() for agent in group.agent_ids]
        )

    def group_status(self, _request: SimRequest, now: float, group_id: str) -> SimResponse:
        """GET /api/on_prem_groups/:id/status."""
        found = [group for group in self._groups.values() if str(group.group_id) == group_id]
        if not found:
            return self._allowed() or message_answer(404, "Not found")
        active = any(found[0].active(agent, now) for agent in found[0].agent_ids)
        return self._allowed() or json_answer(200, {"id": found[0].group_id, "status": _word(active)})

    def agent_status(self, _request: SimRequest, now: float, agent_id: str) -> SimResponse:
        """GET /api/on_prem_agents/:id/status."""
        for group in self._groups.values():
            for agent in group.agent_ids:
                if str(agent) == agent_id:
                    answer = {"id": agent, "status": _word(group.active(agent, now))}
                    return self._allowed() or json_answer(200, answer)
        return self._allowed() or message_answer(404, "Not found")

    def _allowed(self) -> SimResponse | None:
        forbidden = self._switches.on_prem == "forbidden"
        return message_answer(403, "You are not authorized to perform this action") if forbidden else None

    def _group(self, group: SimAgentGroup) -> Json:
        return {
            "id": group.group_id,
            "name": group.name,
            "created_at": self._time(group.created_at),
            "in_use": group.in_use,
            "use_managed_connection": True,
            "config_version": 9,
            "logs_enabled": False,
            "whitelisted_ips": [],
        }

    def _agent(self, group: SimAgentGroup, agent_id: int, now: float) -> Json:
        shown: Json = {
            "id": agent_id,
            "name": f"{group.name} {agent_id}",
            "on_prem_group_id": group.group_id,
            "os": "linux",
            "awaiting_setup": False,
            "enabled": True,
            "created_at": self._time(group.created_at),
        }
        if self._switches.on_prem == "shown":
            shown["state"] = _word(group.active(agent_id, now))
        return shown


def _word(active: bool) -> str:
    return "active" if active else "no_response"
