"""Settings as the pure inputs that policy decides on."""

from __future__ import annotations

from aof_tui.config.deciding import ClassifySettings, Policy
from aof_tui.config.fallback import FallbackSettings
from aof_tui.config.settings import Route, Settings
from aof_tui.policy.classify import ClassifyRule
from aof_tui.policy.decide import PolicyBook, PolicyRule, RetryDefaults, SafeToRepeat
from aof_tui.policy.fallback import FallbackRule
from aof_tui.policy.match import Match
from aof_tui.policy.retry import RetryTerms
from aof_tui.policy.route import Route as RouteRule


def policy_book(settings: Settings, builtin: tuple[ClassifyRule, ...]) -> PolicyBook:
    """All that decisions depend on: the user's rules stand before the built-in ones."""
    return PolicyBook(
        classify=(*(classify_rule(rule) for rule in settings.classify), *builtin),
        policies=tuple(policy_rule(policy) for policy in settings.policies),
        defaults=retry_defaults(settings),
        safe=SafeToRepeat(
            all=settings.safe_to_repeat.all,
            recipes=settings.safe_to_repeat.recipes,
            tags=settings.safe_to_repeat.tags,
            projects=settings.safe_to_repeat.projects,
        ),
        fallbacks=tuple(fallback_rule(fallback) for fallback in settings.fallbacks),
    )


def fallback_rule(fallback: FallbackSettings) -> FallbackRule:
    """A fallback without the way in which it is started."""
    return FallbackRule(
        name=fallback.name,
        recipe_id=fallback.recipe,
        when=fallback.when,
        resolves=fallback.resolves,
        workspace=fallback.workspace,
    )


def classify_rule(rule: ClassifySettings) -> ClassifyRule:
    """A user's rule: everything it names must match."""
    match = rule.match
    return ClassifyRule(
        name=rule.name,
        category=rule.category,
        repeat=rule.repeat,
        http=match.http,
        error_type=_one(match.error_type),
        adapter=_one(match.adapter),
        message=_one(match.message),
    )


def policy_rule(policy: Policy) -> PolicyRule:
    """A user's policy; what it leaves out stays open."""
    match = policy.match
    return PolicyRule(
        name=policy.name,
        match=Match(
            category=match.category,
            recipe=match.recipe,
            project=match.project,
            tag=match.tag,
            application=match.application,
        ),
        repeat=policy.repeat,
        curve=policy.curve,
        max_attempts=policy.max_attempts,
        min_s=policy.min,
        max_s=policy.max,
        time_limit_s=policy.time_limit,
        severity=policy.severity,
        when_in_doubt=policy.when_in_doubt,
        partial_run=policy.partial_run,
        require_same_version=policy.require_same_version,
        fallback=policy.fallback,
        mode=policy.mode,
    )


def retry_defaults(settings: Settings) -> RetryDefaults:
    """What holds where no policy says otherwise."""
    retry = settings.retry
    terms = RetryTerms(retry.max_attempts, retry.curve, retry.min, retry.max, retry.time_limit)
    return RetryDefaults(terms, retry.when_in_doubt, retry.partial_run, require_same_version=retry.require_same_version)


def routes(settings: Settings) -> tuple[RouteRule, ...]:
    """Who is told about what, in the order of the file."""
    return tuple(_route(route) for route in settings.routes)


def _route(route: Route) -> RouteRule:
    match = route.match
    return RouteRule(
        receivers=route.receivers,
        match=Match(category=match.category, severity=match.severity, recipe=match.recipe, project=match.project),
        goes_on=route.goes_on,
    )


def _one(text: str | None) -> tuple[str, ...]:
    return () if text is None else (text,)
