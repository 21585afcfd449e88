"""How long a failed job can still be repeated: Workato keeps jobs for a time and repeats none it has lost. Pure.

Source: Workato docs (data retention, repeat jobs). The time is the workspace's setting; a job may go somewhat earlier
or later than this clock says, so Workato's own answer stands above it.
"""

from __future__ import annotations

DAY_S = 86_400.0
NOTICE_SHARE = 0.1


def repeatable_until(failed_at: float, kept_s: float | None) -> float | None:
    """When Workato forgets a job that ended at `failed_at` (UTC seconds); None where nobody knows."""
    return None if kept_s is None else failed_at + kept_s


def notice_s(kept_s: float) -> float:
    """Seconds before the end at which people are told: a day, or the last tenth of a time shorter than ten days."""
    return min(DAY_S, NOTICE_SHARE * kept_s)


def expiring_before(kept_s: float | None, now: float) -> float | None:
    """It is time to tell people of jobs that ended then or earlier: they are soon gone, or gone already."""
    return None if kept_s is None else now - kept_s + notice_s(kept_s)


def comes_too_late(at: float, until: float | None) -> bool:
    """Whether a repeat at this time would find nothing to repeat any more."""
    return until is not None and at >= until
