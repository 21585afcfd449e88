from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aof_tui.domain.model import ErrorParts, JobDetail
from aof_tui.domain.words import Category, Curve, PartialRun, Reason, RepeatChoice, Severity, WhenInDoubt
from aof_tui.policy.classify import ClassifyRule
from aof_tui.policy.decide import (
    Choice,
    Exhaust,
    Hold,
    PolicyBook,
    PolicyRule,
    Refer,
    RetryDefaults,
    SafeToRepeat,
    Schedule,
    Standing,
    choose_plan,
    next_step,
)
from aof_tui.policy.match import Match, RecipeFacts
from aof_tui.policy.retry import RetryTerms

RULES = (
    ClassifyRule("limit", Category.RATE_LIMIT, http=(429,), builtin=True),
    ClassifyRule("slow", Category.TIMEOUT_NETWORK, phrases=("timed out",), builtin=True),
    ClassifyRule("refused", Category.TIMEOUT_NETWORK, phrases=("connection refused",), builtin=True, unsent=True),
    ClassifyRule("gateway", Category.DOWNSTREAM_5XX, http=(502, 504), builtin=True),
    ClassifyRule("blank", Category.VALIDATION_DATA, phrases=("is blank",), builtin=True),
    ClassifyRule("lock", Category.DUPLICATE_CONFLICT, RepeatChoice.AUTO, phrases=("is locked",), builtin=True),
)
BOOK = PolicyBook(RULES)
RECIPE = RecipeFacts("42", "Orders", "p1", "Finance", ("billing",), ("netsuite", "slack"))
LIMITED = ErrorParts("429 Too Many Requests", http_code=429)
SLOW = ErrorParts("it timed out")


def detail(code: int | None = None, line: int | None = None, operation: str | None = None) -> JobDetail:
    return JobDetail(code, line, "rest", operation)


def choose(error: ErrorParts, known: JobDetail | None = None, book: PolicyBook = BOOK) -> Choice:
    return choose_plan(book, error, known, RECIPE)


def lowest(low: float, high: float) -> float:
    return low


def test_an_error_without_policies_gets_the_defaults_of_its_category() -> None:
    choice = choose(LIMITED)
    assert choice.refusal is None
    assert choice.plan.repeat is RepeatChoice.AUTO
    assert (choice.plan.category, choice.plan.classify_rule) == (Category.RATE_LIMIT, "limit")
    assert (choice.plan.policy, choice.plan.severity) == ("default", Severity.ERROR)
    assert choice.terms == RetryTerms(5, Curve.WINDOW, 300, 600, None)
    assert choice.plan.max_attempts == 5
    assert choice.plan.fingerprint.startswith("v1:")


@pytest.mark.parametrize(
    ("text", "repeat", "refusal"),
    [
        ("name is blank", RepeatChoice.NEVER, Reason.POLICY_NEVER),
        ("who knows", RepeatChoice.ASK, Reason.POLICY_ASK),
        ("row is locked", RepeatChoice.AUTO, None),
    ],
)
def test_a_rules_own_repeat_stands_above_its_categorys(text: str, repeat: RepeatChoice, refusal: Reason | None) -> None:
    choice = choose(ErrorParts(text))
    assert (choice.plan.repeat, choice.refusal) == (repeat, refusal)


def test_the_first_matching_policy_wins_and_leaves_the_rest_to_the_defaults() -> None:
    policies = (
        PolicyRule("other recipe", Match(recipe=("7",)), repeat=RepeatChoice.NEVER),
        PolicyRule(
            "finance",
            Match(project=("finance",)),
            RepeatChoice.ASK,
            curve=Curve.FIXED,
            max_attempts=2,
            min_s=900,
            time_limit_s=7_200,
            severity=Severity.CRITICAL,
        ),
        PolicyRule("all", repeat=RepeatChoice.AUTO),
    )
    choice = choose(LIMITED, book=replace(BOOK, policies=policies))
    assert (choice.plan.policy, choice.plan.repeat, choice.refusal) == ("finance", RepeatChoice.ASK, Reason.POLICY_ASK)
    assert (choice.plan.severity, choice.plan.max_attempts) == (Severity.CRITICAL, 2)
    assert choice.terms == RetryTerms(2, Curve.FIXED, 900, 900, 7_200)


def test_a_policy_may_repeat_what_its_category_never_repeats() -> None:
    book = replace(
        BOOK, policies=(PolicyRule("daring", Match(category=(Category.VALIDATION_DATA,)), RepeatChoice.AUTO),)
    )
    assert choose(ErrorParts("name is blank"), book=book).refusal is None


def test_a_policys_longest_wait_is_never_below_its_shortest() -> None:
    book = replace(BOOK, policies=(PolicyRule("x", max_s=10, min_s=0),))
    assert choose(LIMITED, book=book).terms == RetryTerms(5, Curve.WINDOW, 0, 10)


@pytest.mark.parametrize(
    ("error", "known", "partial"),
    [
        (LIMITED, None, False),
        (LIMITED, detail(line=0), False),
        (LIMITED, detail(line=1, operation="create_order"), False),
        (LIMITED, detail(line=2, operation="search_orders"), True),
        (replace(LIMITED, line_number=1), detail(line=9), False),
        (replace(LIMITED, line_number=9), detail(line=1), True),
        (SLOW, detail(line=1, operation="create_order"), True),
        (SLOW, detail(line=1, operation="search_orders"), False),
        (replace(SLOW, action="post"), None, True),
        (SLOW, detail(line=1), False),
        (ErrorParts("connection refused"), detail(line=1, operation="create_order"), False),
        (ErrorParts("late"), detail(code=504, line=1, operation="create_order"), True),
        (ErrorParts("late"), detail(code=502, line=1, operation="create_order"), False),
    ],
)
def test_a_half_run_job_waits_for_a_person(error: ErrorParts, known: JobDetail | None, partial: bool) -> None:
    choice = choose(error, known)
    assert choice.refusal == (Reason.PARTIAL_RUN if partial else None)
    assert choice.plan.repeat is (RepeatChoice.ASK if partial else RepeatChoice.AUTO)


@pytest.mark.parametrize(
    "safe",
    [
        SafeToRepeat(all=True),
        SafeToRepeat(recipes=("42",)),
        SafeToRepeat(recipes=("orders",)),
        SafeToRepeat(tags=("Billing",)),
        SafeToRepeat(projects=("p1",)),
    ],
)
def test_a_recipe_that_is_safe_to_repeat_is_repeated_half_run_or_in_doubt(safe: SafeToRepeat) -> None:
    defaults = RetryDefaults(when_in_doubt=WhenInDoubt.REPEAT)
    choice = choose(LIMITED, detail(line=5), replace(BOOK, safe=safe, defaults=defaults))
    assert (choice.refusal, choice.plan.when_in_doubt) == (None, WhenInDoubt.REPEAT)


def test_elsewhere_a_doubtful_repeat_is_held_whatever_is_set() -> None:
    book = PolicyBook(RULES, (PolicyRule("x", when_in_doubt=WhenInDoubt.REPEAT),), safe=SafeToRepeat(tags=("other",)))
    assert choose(LIMITED, book=book).plan.when_in_doubt is WhenInDoubt.HOLD


def test_half_run_jobs_may_be_repeated_by_a_policy_or_by_default() -> None:
    by_rule = replace(BOOK, policies=(PolicyRule("x", partial_run=PartialRun.REPEAT),))
    by_default = replace(BOOK, defaults=RetryDefaults(partial_run=PartialRun.REPEAT))
    for book in (by_rule, by_default):
        assert choose(LIMITED, detail(line=5), book).refusal is None


def test_the_detail_of_its_kind_tells_the_code_that_the_job_does_not() -> None:
    assert choose(ErrorParts("odd"), detail(code=429)).plan.category is Category.RATE_LIMIT
    assert choose(ErrorParts("odd", http_code=502), detail(code=429)).plan.category is Category.DOWNSTREAM_5XX


def test_the_fingerprint_does_not_depend_on_the_detail() -> None:
    assert choose(SLOW, detail(code=504, line=3)).plan.fingerprint == choose(SLOW).plan.fingerprint


def standing(attempts: int = 0, forced: int = 0, external: int = 0, rejections: int = 0) -> Standing:
    return Standing(attempts, forced, external, rejections, first_recorded_at=1_000)


def test_a_repeat_is_due_after_the_curves_delay() -> None:
    assert next_step(choose(LIMITED), standing(), 1_000, lowest) == Schedule(1_300)


@pytest.mark.parametrize("counts", [(5, 0, 0), (0, 5, 0), (0, 0, 5), (2, 1, 2), (9, 0, 0)])
def test_no_automatic_repeat_once_the_lineage_shows_enough_of_them(counts: tuple[int, int, int]) -> None:
    assert next_step(choose(LIMITED), standing(*counts), 1_000, lowest) == Exhaust(Reason.ATTEMPTS_USED)


def test_one_repeat_below_the_budget_is_still_made() -> None:
    assert isinstance(next_step(choose(LIMITED), standing(3, 1), 1_000, lowest), Schedule)


def test_a_refusal_goes_to_a_person_with_its_reason() -> None:
    assert next_step(choose(LIMITED, detail(line=4)), standing(9), 0, lowest) == Refer(Reason.PARTIAL_RUN)


def test_the_second_rejection_goes_to_a_person() -> None:
    assert isinstance(next_step(choose(LIMITED), standing(rejections=1), 0, lowest), Schedule)
    assert next_step(choose(LIMITED), standing(rejections=2), 0, lowest) == Refer(Reason.REJECTED_TWICE)


@pytest.mark.parametrize(("limit", "ends"), [(299, True), (300, False)])
def test_no_repeat_falls_due_after_the_time_limit(limit: float, ends: bool) -> None:
    book = replace(BOOK, defaults=RetryDefaults(RetryTerms(time_limit_s=limit)))
    step = next_step(choose(LIMITED, book=book), standing(), 1_000, lowest)
    assert step == (Exhaust(Reason.TIME_LIMIT) if ends else Schedule(1_300))


def test_what_would_be_repeated_is_held_while_acting_is_hindered() -> None:
    hindered = replace(standing(), hindrance=Reason.PAUSED)
    assert next_step(choose(LIMITED), hindered, 0, lowest) == Hold(Reason.PAUSED)
    assert next_step(choose(LIMITED), replace(hindered, attempts=5), 0, lowest) == Exhaust(Reason.ATTEMPTS_USED)


@given(
    st.integers(0, 20),
    st.integers(0, 20),
    st.integers(0, 20),
    st.integers(0, 3),
    st.floats(0, 1e9),
    st.sampled_from(Curve),
)
def test_the_budget_holds_and_no_repeat_is_due_before_its_shortest_wait(
    attempts: int, forced: int, external: int, rejections: int, now: float, curve: Curve
) -> None:
    book = replace(BOOK, defaults=RetryDefaults(RetryTerms(curve=curve)))
    step = next_step(choose(LIMITED, book=book), standing(attempts, forced, external, rejections), now, lowest)
    if isinstance(step, Schedule):
        assert attempts + forced + external < 5
        assert step.at >= now + 300
