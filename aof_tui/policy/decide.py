"""What is to be done about a failure: which plan its error gets, and the next step under that plan."""

from __future__ import annotations

from dataclasses import dataclass, field

from aof_tui.domain.model import ErrorParts, JobDetail, Plan
from aof_tui.domain.words import Category, Curve, Mode, PartialRun, Reason, RepeatChoice, Severity, WhenInDoubt
from aof_tui.policy.classify import Classified, ClassifyRule, classify
from aof_tui.policy.fallback import FallbackRule, fallback_named
from aof_tui.policy.fingerprint import fingerprint
from aof_tui.policy.match import ANYTHING, Match, RecipeFacts, Subject, names_any
from aof_tui.policy.retry import SEED_TERMS, Draw, RetryTerms, delay
from aof_tui.policy.writes import is_write, may_have_happened

DEFAULT_POLICY = "default"
MAX_REJECTIONS = 2


@dataclass(frozen=True, slots=True)
class PolicyRule:
    """What failures of one kind get; None is taken from the defaults, or from the category's own choice."""

    name: str
    match: Match = ANYTHING
    repeat: RepeatChoice | None = None
    curve: Curve | None = None
    max_attempts: int | None = None
    min_s: float | None = None
    max_s: float | None = None
    time_limit_s: float | None = None
    severity: Severity | None = None
    when_in_doubt: WhenInDoubt | None = None
    partial_run: PartialRun | None = None
    require_same_version: bool | None = None
    mode: Mode | None = None
    """`observe`: decided as always, but nothing is sent, and what would have been is said instead."""
    fallback: str | None = None
    """The name of the fallback that is started when nothing else is left."""


@dataclass(frozen=True, slots=True)
class RetryDefaults:
    """What holds where no policy rule says otherwise."""

    terms: RetryTerms = SEED_TERMS
    when_in_doubt: WhenInDoubt = WhenInDoubt.HOLD
    partial_run: PartialRun = PartialRun.ASK
    severity: Severity = Severity.ERROR
    require_same_version: bool = False


@dataclass(frozen=True, slots=True)
class SafeToRepeat:
    """Recipes whose owners say that a whole run may happen twice, by id or name, tag or project."""

    all: bool = False
    recipes: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()

    def covers(self, recipe: RecipeFacts) -> bool:
        return (
            self.all
            or names_any(self.recipes, (recipe.recipe_id, recipe.name))
            or names_any(self.tags, recipe.tags)
            or names_any(self.projects, (recipe.project_id, recipe.project))
        )


@dataclass(frozen=True, slots=True)
class PolicyBook:
    """All that decisions depend on besides the failure itself."""

    classify: tuple[ClassifyRule, ...]
    policies: tuple[PolicyRule, ...] = ()
    defaults: RetryDefaults = field(default_factory=RetryDefaults)
    safe: SafeToRepeat = field(default_factory=SafeToRepeat)
    fallbacks: tuple[FallbackRule, ...] = ()

    def observes(self, policy: str) -> bool:
        """Whether the rule of this name only observes; one that is no longer in the book does not."""
        return any(rule.mode is Mode.OBSERVE for rule in self.policies if rule.name == policy)

    def fallback_of(self, policy: str, workspace: str) -> FallbackRule | None:
        """The fallback that a policy names, if that workspace has it."""
        named = next((rule.fallback for rule in self.policies if rule.name == policy), None)
        return fallback_named(self.fallbacks, named, workspace)


@dataclass(frozen=True, slots=True)
class Choice:
    """A plan with its retry terms. `refusal` says why nothing is repeated without a person; None: it may be.

    A refusal of `partial_run` alone goes away once the recipe is under `safe_to_repeat`.
    """

    plan: Plan
    terms: RetryTerms
    refusal: Reason | None
    restored_refusal: Reason | None = None
    """What still speaks against a repeat once the connection that the error blames is restored."""
    adapter: str | None = None
    """The application whose step failed, if that is known."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a failure has come. `hindrance`: why acting is not possible now (paused, breaker open, …), if so."""

    attempts: int
    forced: int
    external: int
    rejections: int
    first_recorded_at: float
    hindrance: Reason | None = None
    stood_still_s: float = 0.0
    """Seconds that the time limit does not count."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Repeat at this time (UTC seconds)."""

    at: float


@dataclass(frozen=True, slots=True)
class Exhaust:
    """No attempt or no time is left."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Refer:
    """A person decides."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Hold:
    """Would be repeated, but acting is not possible now."""

    reason: Reason


Decision = Schedule | Exhaust | Refer | Hold


def choose_plan(book: PolicyBook, error: ErrorParts, detail: JobDetail | None, recipe: RecipeFacts) -> Choice:
    """The plan for a failure's present error; the job's own parts stand above the stored detail of its kind."""
    known = _with_detail(error, detail)
    found = classify(book.classify, known)
    subject = Subject(found.category, None, recipe)
    rule = next((rule for rule in book.policies if rule.match.fits(subject)), PolicyRule(DEFAULT_POLICY))
    safe = book.safe.covers(recipe)
    wanted = rule.repeat or found.choice
    partial = rule.partial_run or book.defaults.partial_run
    is_partial = _is_partial(found, known, detail)
    refusal = _refusal(wanted, partial, safe, is_partial)
    # Nobody forbade it: that category is not repeated only because nothing has changed until somebody reconnects.
    waits = found.category is Category.AUTH_CONNECTION and rule.repeat is None and found.repeat is None
    restored = _refusal(RepeatChoice.AUTO, partial, safe, is_partial) if waits else refusal
    doubt = rule.when_in_doubt or book.defaults.when_in_doubt
    plan = Plan(
        category=found.category,
        classify_rule=found.rule,
        fingerprint=fingerprint(error),
        repeat=RepeatChoice.ASK if refusal is Reason.PARTIAL_RUN else wanted,
        policy=rule.name,
        max_attempts=rule.max_attempts or book.defaults.terms.max_attempts,
        severity=rule.severity or book.defaults.severity,
        when_in_doubt=doubt if safe else WhenInDoubt.HOLD,
        same_version=(
            book.defaults.require_same_version if rule.require_same_version is None else rule.require_same_version
        ),
    )
    return Choice(plan, _terms(rule, book.defaults.terms, plan.max_attempts), refusal, restored, known.adapter)


def _with_detail(error: ErrorParts, detail: JobDetail | None) -> ErrorParts:
    if detail is None:
        return error
    return ErrorParts(
        text=error.text,
        error_type=error.error_type,
        adapter=error.adapter or detail.adapter,
        message=error.message,
        http_code=error.http_code or detail.http_code,
        line_number=detail.failed_line if error.line_number is None else error.line_number,
        action=error.action or detail.operation,
        error_id=error.error_id,
    )


def _is_partial(found: Classified, error: ErrorParts, detail: JobDetail | None) -> bool:
    """Whether earlier actions of the run are known to be done, or its first one may have been.

    Workato repeats the whole recipe; line 0 is the trigger, line 1 the first action (Workato docs: jobs).
    """
    if error.line_number is not None and error.line_number > 1:
        return True
    operation = detail.operation if detail and detail.operation else error.action
    return is_write(operation) and may_have_happened(found, error.http_code)


def _refusal(wanted: RepeatChoice, partial: PartialRun, safe: bool, is_partial: bool) -> Reason | None:
    if wanted is RepeatChoice.NEVER:
        return Reason.POLICY_NEVER
    if wanted is RepeatChoice.ASK:
        return Reason.POLICY_ASK
    return Reason.PARTIAL_RUN if is_partial and partial is PartialRun.ASK and not safe else None


def _terms(rule: PolicyRule, defaults: RetryTerms, max_attempts: int) -> RetryTerms:
    shortest = defaults.min_s if rule.min_s is None else rule.min_s
    longest = defaults.max_s if rule.max_s is None else rule.max_s
    return RetryTerms(
        max_attempts=max_attempts,
        curve=rule.curve or defaults.curve,
        min_s=shortest,
        max_s=max(shortest, longest),
        time_limit_s=rule.time_limit_s or defaults.time_limit_s,
    )


def next_step(choice: Choice, standing: Standing, now: float, draw: Draw) -> Decision:
    """What follows the recording of a failed run at `now`.

    The budget counts every repeat of the lineage, whoever made it; what needs a person anyway is said before what
    hinders acting, because it would not go away with the hindrance.
    """
    if choice.refusal is not None:
        return Refer(choice.refusal)
    if standing.rejections >= MAX_REJECTIONS:
        return Refer(Reason.REJECTED_TWICE)
    if standing.attempts + standing.forced + standing.external >= choice.terms.max_attempts:
        return Exhaust(Reason.ATTEMPTS_USED)
    at = now + delay(choice.terms, standing.attempts + 1, draw)
    limit = choice.terms.time_limit_s
    if limit is not None and at > standing.first_recorded_at + standing.stood_still_s + limit:
        return Exhaust(Reason.TIME_LIMIT)
    return Schedule(at) if standing.hindrance is None else Hold(standing.hindrance)
