"""When a downstream counts as down, when one repeat tries it, and when it counts as up again. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from aof_tui.domain.breaker import Breaker, Slot, application_key, connection_key
from aof_tui.domain.words import BreakerCause, BreakerState, Category, IncidentKind

COUNTED = frozenset(
    {
        Category.RATE_LIMIT,
        Category.TIMEOUT_NETWORK,
        Category.DOWNSTREAM_5XX,
        Category.AUTH_CONNECTION,
        Category.ON_PREM_AGENT,
    }
)
"""Errors that speak against the downstream, not against the job."""

SLOTS = 20
"""Into how many spans the window is cut; so a storm of failures is remembered in as many numbers."""
SPREAD = 0.4
"""Part of the window over which failures must be spread: what fails at one moment is a burst, no outage."""
LAST_ATTEMPT_AFTER_S = 86_400.0
"""How long it must be open until a failure's last attempt is spent on a probe."""


@dataclass(frozen=True, slots=True)
class BreakerTerms:
    """Opens after `failures` within the window; probes after the pause, which doubles up to its cap. In seconds."""

    failures: int = 5
    window_s: float = 300.0
    pause_s: float = 300.0
    max_pause_s: float = 3600.0


def downstream_of(adapter: str | None, accounts: Iterable[tuple[str, str]]) -> str | None:
    """What an error of this adapter speaks against; `accounts` are the recipe's (provider, connection id or "").

    The connection where the recipe has exactly one of that adapter, else the application; None without an adapter.
    """
    if not adapter:
        return None
    ids = {connection_id for provider, connection_id in accounts if provider == adapter}
    only = ids.pop() if len(ids) == 1 else ""
    return connection_key(only) if only else application_key(adapter)


def observed(breaker: Breaker, terms: BreakerTerms, now: float, at: float, failed: int, succeeded: int) -> Breaker:
    """The breaker after runs that ended at `at`; what is older than the window is forgotten."""
    width = terms.window_s / SLOTS
    start = min(at, now) // width * width
    slots = {slot.at: slot for slot in breaker.tally}
    present = slots.get(start, Slot(start))
    slots[start] = Slot(start, present.failed + failed, present.succeeded + succeeded)
    remembered = replace(breaker, tally=tuple(slots[begin] for begin in sorted(slots)))
    return replace(remembered, tally=tuple(_recent(remembered, terms, now)))


def is_down(breaker: Breaker, terms: BreakerTerms, now: float) -> bool:
    """Whether what is remembered says that the downstream is away: enough failures, spread, and not outnumbered."""
    recent = _recent(breaker, terms, now)
    failing = [slot.at for slot in recent if slot.failed]
    failed, succeeded = _sums(recent)
    if not failing or failed < terms.failures or succeeded > failed:
        return False
    return failing[-1] - failing[0] >= terms.window_s * SPREAD


def is_quiet(breaker: Breaker, terms: BreakerTerms, now: float) -> bool:
    """Whether nothing failed there within the window."""
    return _sums(_recent(breaker, terms, now))[0] == 0


def is_healing(breaker: Breaker, terms: BreakerTerms, now: float) -> bool:
    """Whether more succeeded than failed within the window."""
    failed, succeeded = _sums(_recent(breaker, terms, now))
    return succeeded > failed


def _recent(breaker: Breaker, terms: BreakerTerms, now: float) -> list[Slot]:
    """What ended within the window; of a time that lies ahead since the clock was put back nothing is known."""
    oldest = now - terms.window_s - terms.window_s / SLOTS
    return [slot for slot in breaker.tally if oldest < slot.at <= now]


def _sums(slots: Iterable[Slot]) -> tuple[int, int]:
    known = tuple(slots)
    return sum(slot.failed for slot in known), sum(slot.succeeded for slot in known)


def opened(
    breaker: Breaker,
    terms: BreakerTerms,
    now: float,
    cause: BreakerCause,
    by: str,
    parent: IncidentKind = IncidentKind.JOBS,
) -> Breaker:
    """Open; only what failures opened is tried by probes: a person, or Workato's own word, ends the rest."""
    return replace(
        breaker,
        state=BreakerState.OPEN,
        cause=cause,
        pause_s=terms.pause_s,
        opened_at=now,
        opened_by=by,
        next_probe_at=now + terms.pause_s if cause is BreakerCause.FAILURES else None,
        probed_at=None,
        probe=None,
        releasing=False,
        parent=parent,
    )


def may_probe(breaker: Breaker, now: float) -> bool:
    """Whether one repeat may try the downstream now."""
    return breaker.state is BreakerState.OPEN and breaker.next_probe_at is not None and breaker.next_probe_at <= now


def may_spend_last(breaker: Breaker, now: float) -> bool:
    """Whether the last attempt of a failure may be a probe: only where keeping it would keep it for ever."""
    return breaker.opened_at is not None and now - breaker.opened_at >= LAST_ATTEMPT_AFTER_S


def half_opened(breaker: Breaker, master_job_id: str, now: float) -> Breaker:
    """One lineage's repeat tries the downstream; nothing else passes."""
    return replace(breaker, state=BreakerState.HALF_OPEN, probe=master_job_id, probed_at=now, next_probe_at=None)


def failed_again(breaker: Breaker, terms: BreakerTerms, now: float) -> Breaker:
    """The probe failed: wait twice as long as before."""
    pause = min(terms.max_pause_s, 2 * (breaker.pause_s or terms.pause_s))
    return replace(breaker, state=BreakerState.OPEN, pause_s=pause, next_probe_at=now + pause, probe=None)


def withdrawn(breaker: Breaker, terms: BreakerTerms, now: float) -> Breaker:
    """The probe told nothing: wait as long as before."""
    pause = breaker.pause_s or terms.pause_s
    return replace(breaker, state=BreakerState.OPEN, pause_s=pause, next_probe_at=now + pause, probe=None)


def encouraged(breaker: Breaker, terms: BreakerTerms, now: float) -> Breaker:
    """Others' successes bring the next probe forward, though never closer to the last than the shortest pause."""
    if breaker.next_probe_at is None or breaker.opened_at is None or not is_healing(breaker, terms, now):
        return breaker
    earliest = max(now, (breaker.probed_at or breaker.opened_at) + terms.pause_s)
    return replace(breaker, next_probe_at=min(breaker.next_probe_at, earliest))


def restored(breaker: Breaker, now: float) -> Breaker:
    """What was reported as lost is back: one probe at once, before everything that waits."""
    back = replace(breaker, cause=BreakerCause.FAILURES, next_probe_at=now, parent=IncidentKind.JOBS)
    # Nobody counted while it was away.
    return replace(back, succeeded_total=None)


def closed(breaker: Breaker) -> Breaker:
    """Repeats go on; what was held is to be released, and the count begins anew."""
    return Breaker(breaker.workspace, breaker.downstream, releasing=True)
