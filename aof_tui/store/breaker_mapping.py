"""Breakers as rows of the store, and back."""

from __future__ import annotations

import json

from aof_tui.domain.breaker import Breaker, Slot
from aof_tui.domain.words import BreakerCause, BreakerState, IncidentKind
from aof_tui.store.mapping import optional_integer, optional_moment, optional_text, text
from aof_tui.store.port import Params, Row


def breaker_from(row: Row) -> Breaker:
    cause = optional_text(row, "cause")
    return Breaker(
        workspace=text(row, "workspace"),
        downstream=text(row, "downstream"),
        state=BreakerState(text(row, "state")),
        tally=tuple(Slot(at, failed, succeeded) for at, failed, succeeded in json.loads(text(row, "tally"))),
        cause=BreakerCause(cause) if cause else None,
        pause_s=optional_moment(row, "pause_s"),
        opened_at=optional_moment(row, "opened_at"),
        opened_by=optional_text(row, "opened_by"),
        next_probe_at=optional_moment(row, "next_probe_at"),
        probed_at=optional_moment(row, "probed_at"),
        probe=optional_text(row, "probe"),
        succeeded_total=optional_integer(row, "succeeded_total"),
        releasing=bool(row["releasing"]),
        parent=IncidentKind(text(row, "parent")),
    )


def breaker_params(breaker: Breaker, put_at: float) -> Params:
    return {
        "workspace": breaker.workspace,
        "downstream": breaker.downstream,
        "state": breaker.state,
        "tally": json.dumps([[slot.at, slot.failed, slot.succeeded] for slot in breaker.tally]),
        "cause": breaker.cause,
        "pause_s": breaker.pause_s,
        "opened_at": breaker.opened_at,
        "opened_by": breaker.opened_by,
        "next_probe_at": breaker.next_probe_at,
        "probed_at": breaker.probed_at,
        "probe": breaker.probe,
        "succeeded_total": breaker.succeeded_total,
        "releasing": int(breaker.releasing),
        "parent": breaker.parent,
        "put_at": put_at,
    }
