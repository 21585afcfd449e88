"""Whether a group of on-prem agents can do its work, from words that are only partly documented."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class AgentState(StrEnum):
    """State of an agent, or of a group of them."""

    ACTIVE = "active"
    DOWN = "down"
    UNFINISHED = "unfinished"
    """It was never connected: somebody is still setting it up."""
    UNKNOWN = "unknown"


_WORDS = {
    "active": AgentState.ACTIVE,
    "connected": AgentState.ACTIVE,
    "online": AgentState.ACTIVE,
    "no_response": AgentState.DOWN,
    "not_responding": AgentState.DOWN,
    "inactive": AgentState.DOWN,
    "disabled": AgentState.DOWN,
    "disconnected": AgentState.DOWN,
    "offline": AgentState.DOWN,
    "stopped": AgentState.DOWN,
    "expired": AgentState.DOWN,
    "awaiting_setup": AgentState.UNFINISHED,
}
"""The screens of Workato say Active, No response, Disabled and Awaiting setup (docs: on-prem groups, status); its API
says `awaiting_setup` (docs: list on-prem agents). The others are what such a word is likely to be."""


def agent_state(said: str | None) -> AgentState:
    """What a word of Workato's means; one that nobody knows means nothing."""
    word = (said or "").strip().casefold().replace(" ", "_").replace("-", "_")
    return _WORDS.get(word, AgentState.UNKNOWN)


def group_state(agents: Sequence[AgentState]) -> AgentState:
    """A group works with one active agent (Workato docs: on-prem groups). Without any agent nothing is known of it."""
    if AgentState.ACTIVE in agents:
        return AgentState.ACTIVE
    if not agents or AgentState.UNKNOWN in agents:
        return AgentState.UNKNOWN
    return AgentState.DOWN if AgentState.DOWN in agents else AgentState.UNFINISHED


@dataclass(frozen=True, slots=True)
class GroupHealth:
    """What is known of a group: its last known state, and whether people were told that it is lost."""

    state: AgentState
    lost: bool


def group_health(now: AgentState, in_use: bool | None, before: GroupHealth | None) -> GroupHealth:
    """The group's health after another look.

    A word that nobody knows takes nothing back. A group that nothing uses is nobody's trouble; where Workato does not
    say whether it is used (`in_use` is None), only one that was seen to work can be lost.
    """
    state = before.state if before is not None and now is AgentState.UNKNOWN else now
    if in_use is False or state is AgentState.ACTIVE:
        return GroupHealth(state, lost=False)
    if before is not None and before.lost:
        return GroupHealth(state, lost=True)
    worked = before is not None and before.state is AgentState.ACTIVE
    return GroupHealth(state, lost=state is AgentState.DOWN and (in_use is True or worked))
