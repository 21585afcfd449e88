"""Which fallback a policy means, and which recipes never get one."""

from __future__ import annotations

from aof_tui.domain.fallback import STARTED_FOR, FallbackState
from aof_tui.domain.lifecycle import REASONS
from aof_tui.domain.words import Reason
from aof_tui.policy.decide import PolicyBook, PolicyRule
from aof_tui.policy.fallback import FallbackRule, fallback_named, is_fallback

HERE = FallbackRule("by-hand", "900", (Reason.ATTEMPTS_USED,), workspace="prod")
ANYWHERE = FallbackRule("reload", "901", (Reason.TIME_LIMIT,))
RULES = (HERE, ANYWHERE)


def test_a_policy_names_its_fallback_in_its_workspace() -> None:
    book = PolicyBook(classify=(), policies=(PolicyRule("a", fallback="by-hand"), PolicyRule("b")), fallbacks=RULES)
    assert book.fallback_of("a", "prod") is HERE
    assert book.fallback_of("a", "test") is None
    assert book.fallback_of("b", "prod") is None
    assert book.fallback_of("gone", "prod") is None
    assert fallback_named(RULES, "reload", "test") is ANYWHERE


def test_a_recipe_that_is_a_fallback_is_known_in_its_workspace_only() -> None:
    assert is_fallback(RULES, "prod", "900")
    assert not is_fallback(RULES, "test", "900")
    assert is_fallback(RULES, "test", "901")
    assert not is_fallback(RULES, "prod", "7")


def test_fallbacks_are_started_for_reasons_that_a_resting_failure_can_have() -> None:
    assert all(reason in REASONS[status] for reason, status in STARTED_FOR.items())


def test_only_what_sent_nothing_can_be_planned_anew() -> None:
    assert {state for state in FallbackState if state.nothing_sent} == {FallbackState.OBSERVED, FallbackState.CANCELLED}
