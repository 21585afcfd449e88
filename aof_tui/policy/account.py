"""Whether a walk has shown all the failures that a recipe's counter counts: a counter may move before the list does."""

from __future__ import annotations

from dataclasses import dataclass

REREADS_S = (60.0, 240.0)
"""After how long a recipe is read again, for each time in a row that a counted failure was not listed."""


@dataclass(frozen=True, slots=True)
class Account:
    """What the last completed walk came to.

    `count` is the failed count it began with, None before the first one. `missing` failures were counted and not listed
    (below zero: listed and not yet counted), and the recipe was read again for them `rereads` times.
    """

    count: int | None
    missing: int = 0
    rereads: int = 0
    wait_s: float | None = None
    """Seconds until the recipe is to be read again; None: nothing is missing, or it is given up."""


def settle_account(last: Account, count: int, fresh: int) -> Account:
    """The account after a walk that began at `count` failed jobs and met `fresh` failed runs not known before.

    A counter that fell (a healed repeat may lower it) accounts for nothing. What stays missing after the last reread
    is left to the slow pass.
    """
    if last.count is None:
        return Account(count)
    missing = last.missing + max(0, count - last.count) - fresh
    if missing <= 0:
        return Account(count, max(missing, -fresh))
    if last.rereads == len(REREADS_S):
        return Account(count)
    return Account(count, missing, last.rereads + 1, REREADS_S[last.rereads])
