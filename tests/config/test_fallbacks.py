"""Fallbacks in the configuration: one means each, names that exist, addresses that may be called."""

from __future__ import annotations

import pytest

from aof_tui.base.errors import UsageError
from aof_tui.base.secret import Secret
from aof_tui.config.builtin import load_builtin_rules
from aof_tui.config.fallback import webhook_address
from aof_tui.config.rules import policy_book
from aof_tui.domain.fallback import FallbackMeans
from aof_tui.domain.words import Reason
from tests.config.texts import problems, problems_of_rest, with_rest

USED = "policies: [{name: p, fallback: x}]\n"


def fallback(rest: str) -> str:
    return f"{USED}fallbacks: [{{name: x, recipe: 900, {rest}}}]\n"


def test_each_means_is_read() -> None:
    webhook = with_rest(fallback("webhook: env:URL, resolves: true")).settings.fallbacks[0]
    endpoint = with_rest(fallback("endpoint: {url: https://apim.example.com/a/b, token: env:T}")).settings.fallbacks[0]
    forced = with_rest(fallback("force_run: true, when: [policy_never]")).settings
    assert [one.means for one in (webhook, endpoint, forced.fallbacks[0])] == list(FallbackMeans)
    assert (webhook.recipe, webhook.when) == ("900", (Reason.ATTEMPTS_USED, Reason.TIME_LIMIT))
    rule = policy_book(forced, load_builtin_rules()).fallback_of("p", "prod")
    assert rule is not None
    assert (rule.recipe_id, rule.when, rule.resolves) == ("900", (Reason.POLICY_NEVER,), False)


@pytest.mark.parametrize(
    ("rest", "said"),
    [
        ("", "a fallback is started by webhook, by endpoint or by force_run: true, by one of them"),
        ("webhook: env:URL, force_run: true", "by one of them"),
        ("force_run: true, resolves: true", "must be false with force_run"),
        ("webhook: https://hooks.example.com/secret", "a secret is never written here"),
        ("endpoint: {url: http://apim.example.com/a, token: env:T}", "must begin with https://"),
        ('endpoint: {url: "https://apim.example.com/a?b=c", token: env:T}', "must end before any ? or #"),
        ("force_run: true, when: [recovered]", "fallbacks[0].when[0]: must be"),
        ("force_run: true, when: [paused]", "must be one of attempts_used, time_limit"),
        ("force_run: true, when: []", "needs at least one entry"),
        ("force_run: true, workspace: prd", "there is no workspace of this name, did you mean prod?"),
    ],
)
def test_what_cannot_be_meant_is_told_with_its_line(rest: str, said: str) -> None:
    (problem,) = problems_of_rest(fallback(rest))
    assert problem.startswith("a.yaml:3: ")
    assert said in problem


def test_names_must_exist_once_and_be_used() -> None:
    twice = "fallbacks:\n- {name: x, recipe: 1, force_run: true}\n- {name: x, recipe: 2, force_run: true}\n"
    assert any("the same name as fallbacks[0].name" in problem for problem in problems_of_rest(USED + twice))
    (unknown,) = problems_of_rest("policies: [{name: p, fallback: y}]\n")
    assert unknown == "a.yaml:2: policies[0].fallback: there is no fallback of this name"
    warnings = with_rest("fallbacks: [{name: z, recipe: 1, force_run: true}]\n").warnings
    assert any("fallbacks[0].name: is never started" in warning for warning in warnings)


def test_of_several_workspaces_one_must_be_named() -> None:
    text = "workspaces:\n" + "".join(
        f"- {{name: {name}, url: https://www.workato.com, token: env:T}}\n" for name in ("dev", "prod")
    )
    (problem,) = problems(text + fallback("force_run: true"))
    assert problem == "a.yaml:5: fallbacks[0].workspace: is missing, and there are several workspaces"
    assert problems(text + fallback("force_run: true, workspace: dev")) == ()


@pytest.mark.parametrize(
    "address", ["https://h.example.com/a/b", "https://h.example.com/a?k=v", "http://127.0.0.1:8/a"]
)
def test_an_address_is_called_as_it_is(address: str) -> None:
    assert webhook_address(Secret(address)) == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "x",
        "http://h.example.com/hidden",
        "https://u:hidden@h.example.com/",
        "https://h/hidden#x",
        "https://h/a?hidden b",
        "https://h/a?hidden#b",
        "ftp://h/hidden",
    ],
)
def test_an_address_that_must_not_be_called_is_refused_without_showing_it(address: str) -> None:
    with pytest.raises(UsageError) as refused:
        webhook_address(Secret(address))
    assert "hidden" not in str(refused.value)
