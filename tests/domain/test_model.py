"""Derived properties of the words and rows."""

from __future__ import annotations

from aof_tui.domain.event_kinds import EventKind
from aof_tui.domain.model import ENGINE, Actor, Connection
from aof_tui.domain.words import ActorKind, AttemptState, RunStatus
from tests.domain.builders import run


def test_an_actor_is_a_channel_and_a_name() -> None:
    assert str(ENGINE) == "engine"
    assert str(Actor(ActorKind.TERMINAL, "ana")) == "terminal:ana"


def test_a_connection_is_healthy_when_authorised_and_not_lost() -> None:
    assert Connection("1", "n", "a", authorized=True).healthy
    assert not Connection("1", "n", "a", authorized=False).healthy
    assert not Connection("1", "n", "a", authorized=True, lost_at=1.0).healthy


def test_attempts_that_were_not_made_are_given_back() -> None:
    assert [state for state in AttemptState if not state.uses_budget] == [AttemptState.NOT_SENT, AttemptState.REJECTED]
    assert [state for state in AttemptState if state.open] == [
        AttemptState.PREPARED,
        AttemptState.SENDING,
        AttemptState.UNKNOWN,
    ]


def test_a_run_of_another_id_than_its_lineage_is_a_repeat() -> None:
    assert run("j-2", RunStatus.FAILED, 1.0).is_repeat
    assert not run("j-1", RunStatus.FAILED, 1.0).is_repeat


def test_event_kinds_are_a_subject_and_a_past_participle() -> None:
    for kind in EventKind:
        subject, _, past = kind.partition(".")
        assert subject.isalpha()
        assert past.isalpha()
