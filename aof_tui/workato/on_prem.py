"""On-prem groups and agents as Workato lists them. Source: Workato docs (on-prem); they leave out what a status is."""

from __future__ import annotations

from dataclasses import dataclass

from aof_tui.policy.agents import AgentState, agent_state
from aof_tui.workato.fields import Id, LooseId, LooseText, Wire
from aof_tui.workato.outside import NAME_LIMIT, label
from aof_tui.workato.shapes import read_all


@dataclass(frozen=True, slots=True)
class OnPremGroup:
    """A group of agents; `in_use` is None where Workato does not say it."""

    group_id: str
    name: str
    in_use: bool | None


@dataclass(frozen=True, slots=True)
class OnPremAgent:
    """An agent; without a group where Workato does not say which it belongs to."""

    agent_id: str
    name: str
    group_id: str | None
    state: AgentState


class _WireGroup(Wire):
    id: Id
    name: LooseText = ""
    in_use: object = None


class _WireAgent(Wire):
    id: Id
    name: LooseText = ""
    on_prem_group_id: LooseId = None
    group_id: LooseId = None
    state: LooseText = ""
    status: LooseText = ""
    enabled: object = None
    awaiting_setup: object = None


def groups(value: object) -> tuple[OnPremGroup, ...]:
    """All groups. Raises BadPage for what is no list of them."""
    return tuple(
        OnPremGroup(wire.id, label(wire.name, NAME_LIMIT), wire.in_use if isinstance(wire.in_use, bool) else None)
        for wire in read_all(_WireGroup, value)
    )


def agents(value: object) -> tuple[OnPremAgent, ...]:
    """All agents. Raises BadPage for what is no list of them."""
    return tuple(
        OnPremAgent(wire.id, label(wire.name, NAME_LIMIT), wire.on_prem_group_id or wire.group_id, _state(wire))
        for wire in read_all(_WireAgent, value)
    )


def _state(wire: _WireAgent) -> AgentState:
    if wire.enabled is False:
        return AgentState.DOWN
    if wire.awaiting_setup is True:
        return AgentState.UNFINISHED
    return agent_state(wire.state or wire.status)


def status(value: object) -> AgentState:
    """What the answer of a status endpoint says, in whatever of the likely places; unknown for any other shape."""
    said = value.get("data", value) if isinstance(value, dict) else value
    if isinstance(said, dict):
        said = next((said[name] for name in ("status", "state") if isinstance(said.get(name), str)), None)
    return agent_state(said) if isinstance(said, str) else AgentState.UNKNOWN
