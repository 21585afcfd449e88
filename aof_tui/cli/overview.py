"""`aof-tui status` and `aof-tui report`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from aof_tui.base.durations import human_duration
from aof_tui.base.wording import counted
from aof_tui.cli.check_findings import PROBLEM
from aof_tui.cli.listing import OpenStore, Wanted, opened
from aof_tui.cli.listing_rows import BREAKER_HEADINGS, breaker_cells, moment, print_json, print_rows
from aof_tui.cli.metric_tables import print_metrics, share_words, task_words
from aof_tui.cli.output import plain, print_columns, say
from aof_tui.cli.troubles import Check, Trouble, troubles
from aof_tui.control.protocol import Queries
from aof_tui.control.requests import DECIDING, FailureQuery
from aof_tui.control.rows import ReportRow, Status, WorkspaceState
from aof_tui.domain.words import FailureStatus
from aof_tui.notify.message import ReportNotice
from aof_tui.notify.render.plain import plain_text

STATUS_FIELDS = (
    "at",
    "engine",
    "mode",
    "version",
    "epoch",
    "started_at",
    "open_dispatches",
    "notices_pending",
    "notices_dead",
    "workspaces",
    "breakers",
)


async def show_status(wanted: Wanted, fail_on: tuple[Check, ...] = tuple(Check)) -> int:
    """Print how the engine and its workspaces are, as far as the store tells; 1 when something asked about is wrong."""
    async with opened(wanted) as store:
        status = of_workspaces(await store.queries.status(), store, wanted)
        found = await troubles(store, status)
        if wanted.as_json:
            shown_fields = {**status_fields(status), "troubles": [plain(trouble) for trouble in found]}
            say(json.dumps(shown_fields, ensure_ascii=False))
        else:
            _print_status(status, [await counts_of(store.queries, state) for state in status.workspaces])
            _print_troubles(found, status)
        return PROBLEM if any(trouble.check in fail_on for trouble in found) else 0


def of_workspaces(status: Status, store: OpenStore, wanted: Wanted) -> Status:
    """The status of the workspaces that are wanted, with what a store without its engine does not know of them."""
    known = () if store.settings is None else store.settings.workspaces
    production = {workspace.name for workspace in known if workspace.production}
    shown = tuple(
        replace(state, production=state.production or state.workspace in production)
        for state in status.workspaces
        if not wanted.workspaces or state.workspace in wanted.workspaces
    )
    names = {state.workspace for state in shown}
    standing = tuple(breaker for breaker in status.breakers if breaker.workspace in names)
    return replace(status, workspaces=shown, breakers=standing)


def status_fields(status: Status) -> dict[str, object]:
    """The status as `--json` shows it."""
    return {name: plain(getattr(status, name), name) for name in STATUS_FIELDS}


async def list_breakers(wanted: Wanted) -> None:
    """Print the breakers that are not closed."""
    async with opened(wanted) as store:
        status = of_workspaces(await store.queries.status(), store, wanted)
        standing = status.breakers
        if wanted.as_json:
            print_json(standing)
        else:
            print_rows(standing, BREAKER_HEADINGS, lambda row: breaker_cells(row, status.at), workspace=None)


async def show_report(wanted: Wanted, last_s: float) -> None:
    """Print the job report of the last `last_s` seconds, one per workspace."""
    async with opened(wanted) as store:
        at = (await store.queries.status()).at
        names = wanted.workspaces or store.workspaces
        reports = [await store.queries.report(name, at - last_s, at) for name in names]
        if wanted.as_json:
            print_json([plain(report) for report in reports])
            return
        for report in reports:
            _print_report(report, at)


def _print_report(report: ReportRow, at: float) -> None:
    if report.metrics is None:
        say(plain_text(ReportNotice(report, at)))
        return
    # The tables tell of kinds and errors, too, and more of them.
    say(plain_text(ReportNotice(replace(report, metrics=None, by_category={}, top_errors=()), at)))
    print_metrics(report.metrics)


async def counts_of(queries: Queries, state: WorkspaceState) -> dict[str, int]:
    """How many failures of a workspace stand where, in words for people: what is undecided is not planned yet."""
    counts = {str(status).replace("_", " "): state.counts.get(status, 0) for status in FailureStatus}
    undecided = 0
    if state.counts.get(FailureStatus.SCHEDULED):
        undecided = (await queries.failures(FailureQuery((state.workspace,), (DECIDING,), limit=1))).total
    # The status is older than the answer.
    counts[FailureStatus.SCHEDULED] = max(0, counts[FailureStatus.SCHEDULED] - undecided)
    return {DECIDING: undecided, **counts}


def _print_status(status: Status, counts: Sequence[Mapping[str, int]]) -> None:
    engine = status.engine
    if status.epoch:
        engine += f", {status.mode}, version {status.version}, start {status.epoch} at {moment(status.started_at)} UTC"
    facts = [
        ("engine", engine),
        ("requests on their way", str(status.open_dispatches)),
        ("notices waiting", str(status.notices_pending)),
        ("notices undeliverable", str(status.notices_dead)),
    ]
    print_columns(("WHAT", "IS"), facts)
    for state, by_word in zip(status.workspaces, counts, strict=True):
        say("")
        print_columns((f"WORKSPACE {state.workspace}", ""), _workspace_facts(state, by_word, status.at))
    if status.breakers:
        say("")
        print_rows(status.breakers, BREAKER_HEADINGS, lambda row: breaker_cells(row, status.at), workspace=None)


def _print_troubles(found: Sequence[Trouble], status: Status) -> None:
    say("")
    if not found:
        say(f"the engine is well; {_still_open(status)}")
        return
    print_columns(("TROUBLE", "WORKSPACE", "WHAT"), [(one.check, one.workspace or "–", one.text) for one in found])


def _still_open(status: Status) -> str:
    """What waits for people, or for what they mend: nobody should take a healthy engine for a healthy world."""
    resting = {one: sum(state.counts.get(one, 0) for state in status.workspaces) for one in FailureStatus}
    parts = {
        f"{resting[FailureStatus.NEEDS_PERSON]:,} needing a person": resting[FailureStatus.NEEDS_PERSON],
        f"{resting[FailureStatus.EXHAUSTED]:,} exhausted": resting[FailureStatus.EXHAUSTED],
        f"{resting[FailureStatus.HELD]:,} held": resting[FailureStatus.HELD],
    }
    incidents = sum(state.open_incidents for state in status.workspaces)
    parts[counted(incidents, "incident")] = incidents
    parts[counted(len(status.breakers), "breaker")] = len(status.breakers)
    told = ", ".join(text for text, amount in parts.items() if amount)
    return f"still open: {told}" if told else "nothing waits for people"


def _workspace_facts(state: WorkspaceState, counts: Mapping[str, int], now: float) -> list[tuple[str, str]]:
    swept = "not yet" if state.swept_at is None else f"{human_duration(max(0.0, now - state.swept_at))} ago"
    facts = [
        ("production", "yes" if state.production else "no"),
        ("acting", _acting(state)),
        ("last sweep", swept),
        ("recipes to read", f"{state.queue}, {state.first_reads} of them for the first time"),
        ("open incidents", str(state.open_incidents)),
        ("failures in 24 h", str(state.last_day.failures)),
        ("recoveries in 24 h", str(state.last_day.recoveries)),
        ("repeats that succeeded in 24 h", share_words(state.last_day.retry_success_rate)),
        ("tasks of repeats this month", "–" if state.tasks is None else task_words(state.tasks)),
    ]
    return facts + [
        (word, f"{amount}{' in 24 h' if word in (FailureStatus.RECOVERED, FailureStatus.CLOSED) else ''}")
        for word, amount in counts.items()
    ]


def _acting(state: WorkspaceState) -> str:
    if state.paused_by is not None:
        return f"paused by {state.paused_by} since {moment(state.paused_at)} UTC"
    return "allowed" if state.acting_stopped is None else f"stopped: {state.acting_stopped}"
