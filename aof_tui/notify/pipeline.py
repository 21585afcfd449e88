"""What becomes of a message after it was handed to a channel: when it is tried again, when it is given up. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from aof_tui.base.randomness import Randomness
from aof_tui.base.wording import counted
from aof_tui.domain.words import OutboxState
from aof_tui.notify.channels import Dead, Delivered, Delivery, Trouble

FIRST_RETRY_S = 10.0
MAX_RETRY_S = 300.0
MAX_AGE_S = 86_400.0
LATE_S = 900.0
"""A message that waits longer than this is worth an alarm elsewhere, whatever holds it up."""
MAX_AMBIGUOUS = 8
"""An attempt of unknown end may show the message once more, so these are few."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a row of the outbox becomes; `next_try_at` is set exactly while it is pending."""

    state: OutboxState
    next_try_at: float | None
    provider_id: str
    error: str
    """Also set for a delivered message that went with a warning."""
    trouble: Trouble | None
    alarm: bool
    """Somebody must be told through another receiver."""


def judge(
    delivery: Delivery, *, attempts: int, created_at: float, now: float, reference: str, randomness: Randomness
) -> Verdict:
    """Read a channel's answer. `attempts` counts this one too; times are UTC seconds since 1970."""
    if isinstance(delivery, Delivered):
        return Verdict(OutboxState.DELIVERED, None, delivery.provider_id, delivery.warning, None, alarm=False)
    if isinstance(delivery, Dead):
        return Verdict(OutboxState.DEAD, None, "", delivery.error, delivery.trouble, alarm=True)
    wait_s = max(retry_delay(delivery.trouble, attempts, reference, randomness), delivery.after_s or 0.0)
    if now + wait_s - created_at > MAX_AGE_S or (delivery.ambiguous and attempts >= MAX_AMBIGUOUS):
        given_up = f"given up after {counted(attempts, 'attempt')}: {delivery.error}"
        return Verdict(OutboxState.DEAD, None, "", given_up, Trouble.EXPIRED, alarm=True)
    held_up = delivery.trouble is Trouble.AUTH or now - created_at >= LATE_S
    return Verdict(OutboxState.PENDING, now + wait_s, "", delivery.error, delivery.trouble, alarm=held_up)


def retry_delay(trouble: Trouble, attempts: int, reference: str, randomness: Randomness) -> float:
    """Seconds until the next attempt: doubling up to five minutes, at once five where only a person can help.

    The jitter keeps messages that failed together from coming back together.
    """
    doubled = MAX_RETRY_S if trouble is Trouble.AUTH else FIRST_RETRY_S * 2.0 ** min(attempts - 1, 10)
    return min(doubled, MAX_RETRY_S) * randomness.uniform(0.75, 1.0, "notice", reference, attempts)
