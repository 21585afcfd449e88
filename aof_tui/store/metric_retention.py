"""Keeps the rollups small: hours long past become days, and days long past go."""

from __future__ import annotations

from functools import partial

from aof_tui.domain.metrics import DAY_S, Scope, day_of
from aof_tui.store.mapping import optional_integer, text
from aof_tui.store.port import Params, Store, Tx

HOURS_KEPT_S = 14 * DAY_S
KEPT_S = 400 * DAY_S


async def fold_metrics(store: Store, now: float) -> None:
    """Fold hours older than 14 days into their days and delete what is older than 400.

    Each day is folded in a transaction of its own. Folding again what is folded changes nothing.
    """
    for row in await store.read("metric_workspaces", {}):
        for scope in Scope:
            await _fold_scope(store, text(row, "name"), scope, now)
    await store.write(lambda tx: tx.execute("outage_delete_old", {"before": now - KEPT_S}))


async def _fold_scope(store: Store, workspace: str, scope: Scope, now: float) -> None:
    place: Params = {"workspace": workspace, "scope": scope}
    await store.write(lambda tx: tx.execute("metric_delete_old", {**place, "before": day_of(now - KEPT_S)}))
    end = day_of(now - HOURS_KEPT_S)
    since = 0
    while True:
        rows = await store.read("metric_unfolded", {**place, "since": since, "until": end})
        start = optional_integer(rows[0], "start")
        if start is None:
            return
        await store.write(partial(_fold_day, place={**place, "day": day_of(start)}))
        since = day_of(start) + DAY_S


async def _fold_day(tx: Tx, place: Params) -> None:
    await tx.execute("metric_fold_into_day", place)
    await tx.execute("metric_fold_away", place)
