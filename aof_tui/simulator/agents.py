"""Groups of on-prem agents and their outages."""

from __future__ import annotations

from dataclasses import dataclass, field

from aof_tui.simulator.draws import Draws
from aof_tui.simulator.scenario import Scenario

_FIRST_GROUP_ID = 16_803
_FIRST_AGENT_ID = 29_104
_DAY = 86_400.0


@dataclass(slots=True)
class SimAgentGroup:
    """A group with its agents; an outage takes some or all of them away."""

    group_id: int
    name: str
    in_use: bool
    agent_ids: tuple[int, ...]
    created_at: float
    outages: list[tuple[float, float, int]] = field(default_factory=list)
    """Begin, end, and how many agents do not respond."""

    def active(self, agent_id: int, at: float) -> bool:
        """Whether an agent responds then; the first ones are away first."""
        away = max((count for begin, end, count in self.outages if begin <= at < end), default=0)
        return self.agent_ids.index(agent_id) >= away


def build_groups(scenario: Scenario, draws: Draws, start: float) -> dict[str, SimAgentGroup]:
    """The groups of a scenario by their keys."""
    groups: dict[str, SimAgentGroup] = {}
    made = 0
    for number, shape in enumerate(scenario.on_prem):
        agents = tuple(_FIRST_AGENT_ID + made + place for place in range(shape.agents))
        made += shape.agents
        created = start - _DAY * draws.between((30, 900), "on-prem", shape.key)
        groups[shape.key] = SimAgentGroup(_FIRST_GROUP_ID + 7 * number, shape.name, shape.in_use, agents, created)
    return groups
