"""What one value says about another: names that must exist or be unique, and what is allowed but hardly meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from aof_tui.base.wording import nearest
from aof_tui.config.settings import Settings
from aof_tui.config.yaml_source import Loc, Problem, show
from aof_tui.domain.words import WhenInDoubt

_NAMED = ("workspaces", "classify", "policies", "fallbacks", "receivers")


def reference_problems(data: object) -> Iterator[Problem]:
    """Names given twice and receivers that do not exist, found in data whose other values may be wrong."""
    if not isinstance(data, Mapping):
        return
    for section in _NAMED:
        yield from _repeated_names(data, section)
    known = [name for _, name in _names(data, "receivers")]
    for loc, name in _receivers_used(data):
        if name not in known:
            yield Problem(loc, f"{show(loc)}: there is no receiver of this name{nearest(name, known)}")
    yield from _fallback_problems(data)


def _fallback_problems(data: Mapping[str, object]) -> Iterator[Problem]:
    """Fallbacks that do not exist, and those of which it is not said to which workspace they belong."""
    known = [name for _, name in _names(data, "fallbacks")]
    for position, policy in _entries(data.get("policies")):
        name = policy.get("fallback") if isinstance(policy, Mapping) else None
        if isinstance(name, str) and name not in known:
            loc: Loc = ("policies", position, "fallback")
            yield Problem(loc, f"{show(loc)}: there is no fallback of this name{nearest(name, known)}")
    workspaces = [name for _, name in _names(data, "workspaces")]
    for position, fallback in _entries(data.get("fallbacks")):
        loc = ("fallbacks", position, "workspace")
        workspace = fallback.get("workspace") if isinstance(fallback, Mapping) else workspaces[:1]
        if isinstance(workspace, str) and workspace not in workspaces:
            yield Problem(loc, f"{show(loc)}: there is no workspace of this name{nearest(workspace, workspaces)}")
        elif workspace is None and len(workspaces) > 1:
            yield Problem(("fallbacks", position), f"{show(loc)}: is missing, and there are several workspaces")


def _entries(value: object) -> Iterator[tuple[int, object]]:
    if isinstance(value, list | tuple):
        yield from enumerate(value)


def _names(data: Mapping[str, object], section: str) -> Iterator[tuple[Loc, str]]:
    for position, entry in _entries(data.get(section)):
        if isinstance(entry, Mapping) and isinstance(entry.get("name"), str):
            yield (section, position, "name"), entry["name"]


def _repeated_names(data: Mapping[str, object], section: str) -> Iterator[Problem]:
    first: dict[str, Loc] = {}
    for loc, name in _names(data, section):
        if first.setdefault(name, loc) != loc:
            yield Problem(loc, f"{show(loc)}: the same name as {show(first[name])}")


def _receivers_used(data: Mapping[str, object]) -> Iterator[tuple[Loc, str]]:
    users: list[tuple[Loc, object]] = [(("escalation",), data.get("escalation"))]
    for section in ("routes", "reports"):
        users.extend(((section, position), entry) for position, entry in _entries(data.get(section)))
    for loc, user in users:
        names = user.get("receivers") if isinstance(user, Mapping) else None
        for position, name in _entries(names):
            if isinstance(name, str):
                yield (*loc, "receivers", position), name


def advice(settings: Settings) -> Iterator[Problem]:
    """What works as it stands but hardly does what was meant."""
    yield from _doubt_without_safety(settings)
    yield from _unreachable("policies", [policy.catches_all for policy in settings.policies])
    yield from _unreachable("routes", [route.catches_all and not route.goes_on for route in settings.routes])
    used = {policy.fallback for policy in settings.policies}
    for position, fallback in enumerate(settings.fallbacks):
        if fallback.name not in used:
            loc: Loc = ("fallbacks", position, "name")
            yield Problem(loc, f"{show(loc)}: is never started, for no policy names it")
    if not settings.routes:
        yield Problem(("routes",), "routes: nobody is told about failures, for there is no route")
    if not settings.escalation.receivers:
        yield Problem(("escalation",), "escalation: nobody is told about what does not heal, for it has no receivers")


def _doubt_without_safety(settings: Settings) -> Iterator[Problem]:
    if settings.safe_to_repeat.opted_in:
        return
    wishes: list[tuple[Loc, WhenInDoubt | None]] = [(("retry", "when_in_doubt"), settings.retry.when_in_doubt)]
    wishes += [
        (("policies", position, "when_in_doubt"), policy.when_in_doubt)
        for position, policy in enumerate(settings.policies)
    ]
    for loc, wish in wishes:
        if wish is WhenInDoubt.REPEAT:
            yield Problem(loc, f"{show(loc)}: repeat counts as hold, because safe_to_repeat names no recipe")


def _unreachable(section: str, ends: Sequence[bool]) -> Iterator[Problem]:
    """Entries after the first one that ends every search."""
    end = ends.index(True) if True in ends else len(ends)
    for place in range(end + 1, len(ends)):
        yield Problem((section, place), f"{section}[{place}]: is never reached, for {section}[{end}] matches all")
