"""Settings become what policy decides on, nothing lost on the way."""

from __future__ import annotations

from dataclasses import fields
from itertools import pairwise

from pydantic import BaseModel

from aof_tui.config.deciding import ClassifySettings, FailureMatch, Policy, Retry, SafeToRepeat
from aof_tui.config.rules import policy_book, routes
from aof_tui.config.settings import IncidentMatch
from aof_tui.domain.model import ErrorParts
from aof_tui.domain.words import Category, Curve, PartialRun, RepeatChoice, Severity, WhenInDoubt
from aof_tui.policy.classify import ClassifyRule
from aof_tui.policy.decide import PolicyRule, choose_plan
from aof_tui.policy.decide import SafeToRepeat as SafeRule
from aof_tui.policy.match import Match, RecipeFacts, Subject
from aof_tui.policy.retry import RetryTerms
from aof_tui.policy.route import route
from tests.config.texts import with_rest

BUILTIN = (ClassifyRule("built-in", Category.RATE_LIMIT, http=(429,), builtin=True),)

EVERYTHING = """\
classify:
  - name: own
    match: {message: closed, error_type: Rest, adapter: rest, http: [503]}
    category: not_found
    repeat: ask
policies:
  - name: payroll
    match: {category: [rate_limit], recipe: [12], project: [Finance], tag: [payroll], application: [workday]}
    repeat: never
    curve: exponential
    max_attempts: 3
    min: 1m
    max: 2h
    time_limit: 12h
    severity: critical
    when_in_doubt: repeat
    partial_run: repeat
    require_same_version: true
  - name: rest
retry: {max_attempts: 4, curve: fixed, min: 2m, max: 3m, time_limit: 1d, when_in_doubt: repeat, partial_run: repeat}
safe_to_repeat: {all: true, recipes: [1, Orders], tags: [safe], projects: [Sales]}
"""


def test_a_user_rule_stands_before_the_built_in_ones() -> None:
    book = policy_book(with_rest(EVERYTHING).settings, BUILTIN)
    own = ClassifyRule(
        "own",
        Category.NOT_FOUND,
        RepeatChoice.ASK,
        http=(503,),
        error_type=("Rest",),
        adapter=("rest",),
        message=("closed",),
    )
    assert book.classify == (own, *BUILTIN)


def test_a_policy_keeps_every_field() -> None:
    payroll, rest = policy_book(with_rest(EVERYTHING).settings, BUILTIN).policies
    assert payroll == PolicyRule(
        name="payroll",
        match=Match(
            category=(Category.RATE_LIMIT,),
            recipe=("12",),
            project=("Finance",),
            tag=("payroll",),
            application=("workday",),
        ),
        repeat=RepeatChoice.NEVER,
        curve=Curve.EXPONENTIAL,
        max_attempts=3,
        min_s=60.0,
        max_s=7200.0,
        time_limit_s=43_200.0,
        severity=Severity.CRITICAL,
        when_in_doubt=WhenInDoubt.REPEAT,
        partial_run=PartialRun.REPEAT,
        require_same_version=True,
    )
    assert rest == PolicyRule("rest")


def test_the_defaults_and_the_safe_recipes_are_kept() -> None:
    book = policy_book(with_rest(EVERYTHING).settings, BUILTIN)
    assert book.defaults.terms == RetryTerms(4, Curve.FIXED, 120.0, 180.0, 86_400.0)
    assert (book.defaults.when_in_doubt, book.defaults.partial_run) == (WhenInDoubt.REPEAT, PartialRun.REPEAT)
    assert book.safe == SafeRule(True, ("1", "Orders"), ("safe",), ("Sales",))


def test_an_empty_file_gives_the_defaults_of_policy() -> None:
    book = policy_book(with_rest("").settings, BUILTIN)
    assert book.defaults.terms == RetryTerms()
    assert (book.policies, book.safe, book.classify) == ((), SafeRule(), BUILTIN)


def test_a_plan_follows_from_the_file() -> None:
    book = policy_book(with_rest(EVERYTHING).settings, BUILTIN)
    finance = RecipeFacts("12", project="Finance", tags=("payroll",), applications=("workday",))
    error = ErrorParts("429 Too many requests", http_code=429)
    assert choose_plan(book, error, None, finance).plan.policy == "payroll"
    assert choose_plan(book, error, None, RecipeFacts("13")).plan.policy == "rest"


ROUTES = """\
receivers:
  - {name: a, slack: {token: env:X, channel: C1}}
  - {name: b, slack: {token: env:X, channel: C2}}
  - {name: c, slack: {token: env:X, channel: C3}}
routes:
  - {match: {severity: [critical]}, receivers: [a], continue: true}
  - {match: {category: [auth_connection], recipe: [12], project: [Finance]}, receivers: [b]}
  - {receivers: [c]}
"""


def test_routes_are_tried_in_the_order_of_the_file() -> None:
    rules = routes(with_rest(ROUTES).settings)
    assert rules[1].match == Match(category=(Category.AUTH_CONNECTION,), recipe=("12",), project=("Finance",))
    finance = RecipeFacts("12", project="Finance")
    assert route(rules, Subject(Category.AUTH_CONNECTION, Severity.CRITICAL, finance)) == ("a", "b")
    assert route(rules, Subject(Category.AUTH_CONNECTION, Severity.ERROR, finance)) == ("b",)
    assert route(rules, Subject(Category.UNKNOWN, Severity.ERROR, finance)) == ("c",)


def test_what_the_file_can_say_and_what_policy_can_hold_is_the_same() -> None:
    def keys(group: type[BaseModel]) -> set[str]:
        return set(group.model_fields)

    def names(rule: type) -> set[str]:
        return {field.name.removesuffix("_s") for field in fields(rule)}

    assert keys(Policy) == names(PolicyRule)
    assert keys(SafeToRepeat) == names(SafeRule)
    assert keys(FailureMatch) | keys(IncidentMatch) == names(Match)
    assert keys(Retry) == names(RetryTerms) | {"when_in_doubt", "partial_run", "require_same_version"}
    assert keys(ClassifySettings) - {"match"} < names(ClassifyRule)


def test_the_order_of_policies_is_kept() -> None:
    text = (
        "policies: [" + ", ".join(f"{{name: p{number}, match: {{recipe: [{number}]}}}}" for number in range(20)) + "]\n"
    )
    names = [policy.name for policy in policy_book(with_rest(text).settings, ()).policies]
    assert all(int(before[1:]) + 1 == int(after[1:]) for before, after in pairwise(names))
