"""Figures of a window, read from the rollups."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from aof_tui.base.clock import utc
from aof_tui.control.metric_rows import (
    AvailabilityRow,
    DayAvailability,
    ErrorRow,
    Figures,
    MetricRow,
    MetricsRow,
    TaskRow,
)
from aof_tui.domain.metrics import HOUR_S, TIME_PREFIX, Measure, Scope, day_of, hour_of
from aof_tui.policy.availability import Outage, availability, by_day
from aof_tui.policy.price import month_of
from aof_tui.policy.recovery_times import quantile
from aof_tui.store.mapping import integer, moment, optional_integer, optional_moment, optional_text, text
from aof_tui.store.metric_retention import HOURS_KEPT_S
from aof_tui.store.port import Params, Reader, Row

MOST_SUBJECTS = 20
MOST_ERRORS = 10
DAY_S = 86_400.0


async def read_metrics(reader: Reader, workspace: str, since: float, until: float, at: float) -> MetricsRow:
    """What was counted in the hours that [since, until) touches."""
    since, until = bounds(since, until, at)
    return MetricsRow(
        workspace=workspace,
        since=since,
        until=until,
        total=await read_figures(reader, workspace, since, until),
        recipes=await _named(reader, workspace, Scope.RECIPE, since, until),
        categories=await _named(reader, workspace, Scope.CATEGORY, since, until),
        downstreams=await _named(reader, workspace, Scope.DOWNSTREAM, since, until),
        top_errors=await _errors(reader, workspace, since, until),
        availability=await _availability(reader, workspace, since, min(until, at)),
        tasks=await read_tasks(reader, workspace, at),
    )


def bounds(since: float, until: float, at: float) -> tuple[float, float]:
    """The window in whole hours; in whole days where it begins so long ago that hours may be folded."""
    folded = since < at - HOURS_KEPT_S
    begin = day_of(since) if folded else hour_of(since)
    end = hour_of(until)
    return float(begin), float(end if end == until else end + HOUR_S)


async def read_figures(reader: Reader, workspace: str, since: float, until: float) -> Figures:
    """The figures of a whole workspace; the bounds are begins of hours."""
    window = _window(workspace, Scope.WORKSPACE, since, until)
    return figures({text(row, "measure"): integer(row, "amount") for row in await reader.read("metric_sums", window)})


async def read_tasks(reader: Reader, workspace: str, at: float) -> TaskRow:
    """What repeats cost in the present month."""
    month = month_of(at)
    rows = await reader.read("task_month_get", {"workspace": workspace, "month": month})
    known = await reader.read("workspace_get", {"name": workspace})
    cap = optional_integer(known[0], "task_cap") if known else None
    if not rows:
        return TaskRow(month, 0, 0, 0, cap)
    spent = rows[0]
    return TaskRow(month, integer(spent, "automatic"), integer(spent, "forced"), integer(spent, "unpriced"), cap)


def figures(sums: Mapping[str, int]) -> Figures:
    """Sums by measure as figures."""
    times = {int(name.removeprefix(TIME_PREFIX)): sums[name] for name in sums if name.startswith(TIME_PREFIX)}
    succeeded, failed = sums.get(Measure.REPEATS_SUCCEEDED, 0), sums.get(Measure.REPEATS_FAILED, 0)
    return Figures(
        failures=sums.get(Measure.RECORDED, 0),
        recoveries=sums.get(Measure.RECOVERED, 0),
        exhausted=sums.get(Measure.EXHAUSTED, 0),
        needs_person=sums.get(Measure.NEEDS_PERSON, 0),
        held=sums.get(Measure.HELD, 0),
        repeats_accepted=sums.get(Measure.REPEATS_ACCEPTED, 0),
        repeats_succeeded=succeeded,
        repeats_failed=failed,
        jobs_succeeded=sums.get(Measure.JOBS_SUCCEEDED, 0),
        jobs_failed=sums.get(Measure.JOBS_FAILED, 0),
        median_recovery_s=quantile(times, 0.5),
        p90_recovery_s=quantile(times, 0.9),
        retry_success_rate=succeeded / (succeeded + failed) if succeeded + failed else None,
    )


def _window(workspace: str, scope: Scope, since: float, until: float) -> dict[str, str | float]:
    return {"workspace": workspace, "scope": scope, "since": since, "until": until}


async def _named(reader: Reader, workspace: str, scope: Scope, since: float, until: float) -> tuple[MetricRow, ...]:
    """The subjects with the most failures, the most frequent first."""
    rows = await reader.read("metric_top", {**_window(workspace, scope, since, until), "most": MOST_SUBJECTS})
    sums: dict[str, dict[str, int]] = {}
    for row in rows:
        sums.setdefault(text(row, "subject"), {})[text(row, "measure")] = integer(row, "amount")
    counted = {subject: figures(found) for subject, found in sums.items()}
    names = await _names(reader, workspace, scope, counted)
    ordered = sorted(counted.items(), key=lambda item: (-item[1].failures, -item[1].recoveries, item[0]))
    return tuple(MetricRow(subject, names.get(subject) or subject, found) for subject, found in ordered)


async def _names(reader: Reader, workspace: str, scope: Scope, subjects: Iterable[str]) -> Mapping[str, str]:
    if scope is Scope.RECIPE:
        ids = json.dumps(list(subjects))
        rows = await reader.read("recipes_by_id", {"workspace": workspace, "recipe_ids": ids})
        return {text(row, "recipe_id"): text(row, "name") for row in rows}
    if scope is Scope.DOWNSTREAM:
        return await _downstream_names(reader, workspace, subjects)
    return {}


async def _downstream_names(reader: Reader, workspace: str, subjects: Iterable[str]) -> Mapping[str, str]:
    """A connection by its name and application, an application by its own."""
    rows = await reader.read("connections_all", {"workspace": workspace})
    known = {f"connection:{row['connection_id']}": f"{row['name']} ({row['application']})" for row in rows}
    return {subject: known.get(subject) or subject.partition(":")[2] for subject in subjects}


async def _errors(reader: Reader, workspace: str, since: float, until: float) -> tuple[ErrorRow, ...]:
    window: Params = {"workspace": workspace, "since": since, "until": until, "before": since - (until - since)}
    rows = await reader.read("metric_errors", {**window, "most": MOST_ERRORS})
    recipe_ids = [text(row, "subject").partition(" ")[0] for row in rows]
    names = await _names(reader, workspace, Scope.RECIPE, recipe_ids)
    return tuple([await _error(reader, workspace, row, names) for row in rows])


async def _error(reader: Reader, workspace: str, row: Row, names: Mapping[str, str]) -> ErrorRow:
    recipe_id, _, fingerprint = text(row, "subject").partition(" ")
    identity: Params = {"workspace": workspace, "scope": f"recipe:{recipe_id}", "fingerprint": fingerprint}
    told = await reader.read("metric_error_incident", identity)
    said = await reader.read("metric_error_text", {**identity, "recipe_id": recipe_id}) if not told else []
    recipe = names.get(recipe_id) or recipe_id
    return ErrorRow(
        recipe_id=recipe_id,
        recipe=recipe,
        fingerprint=fingerprint,
        title=text(told[0], "title") if told else f"{recipe}: {text(said[0], 'error') if said else fingerprint}",
        novelty=optional_text(told[0], "novelty") if told else None,
        count=integer(row, "amount"),
        before=integer(row, "before"),
    )


async def _availability(reader: Reader, workspace: str, since: float, until: float) -> tuple[AvailabilityRow, ...]:
    """From when the workspace was first watched; what was lost and is back after `until` is not told."""
    known = await reader.read("workspace_get", {"name": workspace})
    watched = optional_moment(known[0], "first_sweep_at") if known else None
    if watched is None:
        return ()
    since = max(since, watched)
    rows = await reader.read("outages_between", {"workspace": workspace, "since": since, "until": until})
    outages: dict[str, list[Outage]] = {}
    for row in rows:
        outage = Outage(moment(row, "began_at"), optional_moment(row, "ended_at"))
        outages.setdefault(text(row, "downstream"), []).append(outage)
    names = await _downstream_names(reader, workspace, outages)
    return tuple(
        _available(downstream, names[downstream], found, since, until) for downstream, found in outages.items()
    )


def _available(downstream: str, name: str, outages: list[Outage], since: float, until: float) -> AvailabilityRow:
    whole = availability(outages, since, until)
    return AvailabilityRow(
        downstream=downstream,
        name=name,
        available=all(outage.ended_at is not None for outage in outages),
        observed_s=whole.observed_s,
        lost_s=whole.lost_s,
        share=whole.share,
        days=tuple(
            DayAvailability(f"{utc(day):%Y-%m-%d}", part.observed_s, part.lost_s, part.share)
            for day, part in by_day(outages, since, until)
        ),
    )
