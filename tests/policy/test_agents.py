"""What is made of words about agents, known and unknown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aof_tui.policy.agents import AgentState, GroupHealth, agent_state, group_health, group_state

ACTIVE, DOWN, UNFINISHED, UNKNOWN = AgentState.ACTIVE, AgentState.DOWN, AgentState.UNFINISHED, AgentState.UNKNOWN
states = st.sampled_from(AgentState)
healths = st.builds(GroupHealth, states, st.booleans())


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("Active", ACTIVE),
        ("No response", DOWN),
        ("no-response", DOWN),
        (" disabled ", DOWN),
        ("awaiting_setup", UNFINISHED),
        ("Awaiting setup", UNFINISHED),
        ("resting", UNKNOWN),
        ("", UNKNOWN),
        (None, UNKNOWN),
    ],
)
def test_words_of_workato(said: str | None, state: AgentState) -> None:
    assert agent_state(said) is state


@pytest.mark.parametrize(
    ("agents", "state"),
    [
        ([DOWN, UNKNOWN, ACTIVE], ACTIVE),
        ([DOWN, DOWN], DOWN),
        ([DOWN, UNFINISHED], DOWN),
        ([UNFINISHED], UNFINISHED),
        ([DOWN, UNKNOWN], UNKNOWN),
        ([], UNKNOWN),
    ],
)
def test_a_group_is_what_its_agents_are(agents: list[AgentState], state: AgentState) -> None:
    assert group_state(agents) is state


@given(states, st.none() | healths)
def test_nobody_hears_of_a_group_that_nothing_uses(now: AgentState, before: GroupHealth | None) -> None:
    assert not group_health(now, False, before).lost


@given(st.none() | st.booleans(), st.none() | healths)
def test_an_active_group_is_never_lost(in_use: bool | None, before: GroupHealth | None) -> None:
    assert group_health(ACTIVE, in_use, before) == GroupHealth(ACTIVE, lost=False)


@given(states, healths)
def test_what_is_lost_stays_so_until_an_agent_is_active(now: AgentState, before: GroupHealth) -> None:
    after = group_health(now, True, GroupHealth(before.state if before.state is not ACTIVE else DOWN, lost=True))
    assert after.lost == (now is not ACTIVE)


@given(st.none() | st.booleans(), healths)
def test_an_unknown_word_changes_no_state(in_use: bool | None, before: GroupHealth) -> None:
    assert group_health(UNKNOWN, in_use, before).state is before.state


def test_only_what_was_seen_to_work_is_lost_where_nobody_says_whether_it_is_used() -> None:
    assert group_health(DOWN, True, None).lost
    assert not group_health(DOWN, None, None).lost
    assert not group_health(DOWN, None, GroupHealth(DOWN, lost=False)).lost
    assert group_health(DOWN, None, GroupHealth(ACTIVE, lost=False)).lost
    assert not group_health(UNFINISHED, True, GroupHealth(ACTIVE, lost=False)).lost
