"""What a status shows to be wrong, for a monitor that looks at exit codes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from aof_tui.base.durations import human_duration
from aof_tui.base.errors import UsageError
from aof_tui.base.wording import nearest_or_all
from aof_tui.cli.listing import OpenStore
from aof_tui.config.settings import Collation
from aof_tui.control.requests import NotificationQuery
from aof_tui.control.rows import Status, WorkspaceState

NONE = "none"
LATE_SWEEPS = 3
"""How many intervals a sweep may be late before that counts; never sooner than the longest wait that is set."""
DEAD_SINCE_S = 24 * 3600.0
NEARLY_FULL = 0.8
MB = 1_000_000


class Check(StrEnum):
    """What can be wrong."""

    ENGINE = "engine"
    ACTING = "acting"
    PAUSE = "pause"
    COLLATION = "collation"
    OUTBOX = "outbox"
    STORE = "store"


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is wrong, in words; `workspace` None where it is about all of them."""

    check: Check
    workspace: str | None
    text: str


def checks_named(names: str | None, *, by_socket: bool) -> tuple[Check, ...]:
    """The checks that a person names with commas between; all without any, and no check for `none`.

    Raises UsageError for a name that is none, and for the store where only its engine's socket is known.
    """
    if names is None:
        return tuple(Check)
    checks = () if names == NONE else tuple([_check(name.strip()) for name in names.split(",")])
    if by_socket and Check.STORE in checks:
        raise UsageError("--fail-on: the store's file is not looked at through --socket; name its --config instead")
    return checks


def _check(name: str) -> Check:
    try:
        return Check(name.lower())
    except ValueError:
        raise UsageError(f"--fail-on: {name!r} is not known{nearest_or_all(name, tuple(Check))}") from None


async def troubles(store: OpenStore, status: Status) -> list[Trouble]:
    """Everything that is wrong now, in the order of the checks."""
    collation = Collation() if store.settings is None else store.settings.collation
    late_s = max(collation.max_wait, LATE_SWEEPS * collation.interval)
    found = [*_engine(status)]
    for state in status.workspaces:
        found += [*_workspace(state, status, late_s, collation.max_wait)]
    dead = await store.queries.notifications(NotificationQuery(states=("dead",), limit=1))
    if any(row.created_at >= status.at - DEAD_SINCE_S for row in dead.rows):
        newest = dead.rows[0]
        text = f"a notice to {newest.receiver} could not be delivered in the last 24 hours"
        found.append(Trouble(Check.OUTBOX, None, text))
    if store.settings is not None:
        found += [*_store(store.settings.store, store.settings.retention.max_size_mb)]
    return sorted(found, key=lambda trouble: (list(Check).index(trouble.check), trouble.workspace or ""))


def _engine(status: Status) -> Iterator[Trouble]:
    if status.engine != "running":
        yield Trouble(Check.ENGINE, None, f"the engine is {status.engine}")
    elif status.engine_error is not None:
        yield Trouble(Check.ENGINE, None, status.engine_error)


def _workspace(state: WorkspaceState, status: Status, late_s: float, max_wait_s: float) -> Iterator[Trouble]:
    name = state.workspace
    if state.acting_stopped is not None:
        yield Trouble(Check.ACTING, name, f"acting is stopped: {state.acting_stopped.replace('_', ' ')}")
    if state.paused_by is not None:
        yield Trouble(Check.PAUSE, name, f"repeats are paused by {state.paused_by}")
    since = max(state.swept_at or 0.0, status.started_at or 0.0)
    if status.at - since > late_s:
        yield Trouble(Check.COLLATION, name, f"no sweep was completed for {human_duration(status.at - since)}")
    if state.oldest_mark_at is not None and status.at - state.oldest_mark_at > max_wait_s:
        waited = human_duration(status.at - state.oldest_mark_at)
        yield Trouble(Check.COLLATION, name, f"recipes with new failures wait to be read for {waited}")


def _store(path: Path, most_mb: int) -> Iterator[Trouble]:
    size = path.stat().st_size
    if size > NEARLY_FULL * most_mb * MB:
        yield Trouble(Check.STORE, None, f"the store has {size // MB} MB of at most {most_mb}")
