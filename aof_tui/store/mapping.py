"""Rows of the store as the domain's dataclasses, and back."""

from __future__ import annotations

import json
from typing import cast

from aof_tui.domain.model import Attempt, Dispatch, ErrorParts, Failure, Incident, JobDetail, Plan, Recipe, Run
from aof_tui.domain.words import (
    AttemptState,
    Category,
    DispatchState,
    FailureStatus,
    IncidentKind,
    IncidentStatus,
    Novelty,
    Reason,
    RepeatChoice,
    RunStatus,
    Severity,
    WhenInDoubt,
)
from aof_tui.store.port import Params, Row


def text(row: Row, column: str) -> str:
    """A text column that is never NULL."""
    return cast(str, row[column])


def optional_text(row: Row, column: str) -> str | None:
    return cast("str | None", row[column])


def integer(row: Row, column: str) -> int:
    """An integer column that is never NULL."""
    return cast(int, row[column])


def optional_integer(row: Row, column: str) -> int | None:
    return cast("int | None", row[column])


def moment(row: Row, column: str) -> float:
    """A time column that is never NULL."""
    return cast(float, row[column])


def optional_moment(row: Row, column: str) -> float | None:
    return cast("float | None", row[column])


def texts(row: Row, column: str) -> tuple[str, ...]:
    """A JSON list of texts."""
    return tuple(json.loads(text(row, column)))


def _error(row: Row) -> ErrorParts:
    return ErrorParts(
        text=text(row, "error"),
        error_type=optional_text(row, "error_type"),
        adapter=optional_text(row, "adapter"),
        message=optional_text(row, "message"),
        http_code=optional_integer(row, "http_code"),
        line_number=optional_integer(row, "line_number"),
        action=optional_text(row, "action"),
    )


def _plan(row: Row) -> Plan:
    return Plan(
        category=Category(text(row, "category")),
        classify_rule=text(row, "classify_rule"),
        fingerprint=text(row, "fingerprint"),
        repeat=RepeatChoice(text(row, "repeat_choice")),
        policy=text(row, "policy"),
        max_attempts=integer(row, "max_attempts"),
        severity=Severity(text(row, "severity")),
        when_in_doubt=WhenInDoubt(text(row, "when_in_doubt")),
        same_version=bool(row["same_version"]),
    )


def failure_from(row: Row) -> Failure:
    reason = optional_text(row, "reason")
    return Failure(
        workspace=text(row, "workspace"),
        master_job_id=text(row, "master_job_id"),
        recipe_id=text(row, "recipe_id"),
        status=FailureStatus(text(row, "status")),
        reason=Reason(reason) if reason else None,
        title=text(row, "title"),
        error=_error(row),
        plan=_plan(row),
        attempts=integer(row, "attempts"),
        forced=integer(row, "forced"),
        external=integer(row, "external"),
        rejections=integer(row, "rejections"),
        first_failed_at=moment(row, "first_failed_at"),
        last_failed_at=moment(row, "last_failed_at"),
        recorded_at=moment(row, "recorded_at"),
        next_action_at=optional_moment(row, "next_action_at"),
        newest_job_id=text(row, "newest_job_id"),
        newest_status=RunStatus(text(row, "newest_status")),
        incident_id=optional_integer(row, "incident_id"),
        draw=text(row, "draw"),
        succeeded_at=optional_moment(row, "succeeded_at"),
        downstream=optional_text(row, "downstream"),
        held_by=optional_text(row, "held_by"),
        held_since=optional_moment(row, "held_since"),
        stood_still_s=moment(row, "stood_still_s"),
        undecided_until=optional_moment(row, "undecided_until"),
        forced_by=optional_text(row, "forced_by"),
        called=bool(row["called"]),
        poll_error=bool(row["poll_error"]),
        root_job_id=optional_text(row, "root_job_id"),
        version_no=optional_integer(row, "version_no"),
    )


def failure_params(failure: Failure, now: float) -> Params:
    plan, error = failure.plan, failure.error
    return {
        "workspace": failure.workspace,
        "master_job_id": failure.master_job_id,
        "recipe_id": failure.recipe_id,
        "status": failure.status,
        "reason": failure.reason,
        "title": failure.title,
        "error": error.text,
        "error_type": error.error_type,
        "adapter": error.adapter,
        "message": error.message,
        "http_code": error.http_code,
        "line_number": error.line_number,
        "action": error.action,
        "category": plan.category,
        "classify_rule": plan.classify_rule,
        "fingerprint": plan.fingerprint,
        "repeat_choice": plan.repeat,
        "policy": plan.policy,
        "severity": plan.severity,
        "when_in_doubt": plan.when_in_doubt,
        "attempts": failure.attempts,
        "max_attempts": plan.max_attempts,
        "forced": failure.forced,
        "external": failure.external,
        "rejections": failure.rejections,
        "first_failed_at": failure.first_failed_at,
        "last_failed_at": failure.last_failed_at,
        "recorded_at": failure.recorded_at,
        "next_action_at": failure.next_action_at,
        "newest_job_id": failure.newest_job_id,
        "newest_status": failure.newest_status,
        "incident_id": failure.incident_id,
        "draw": failure.draw,
        "succeeded_at": failure.succeeded_at,
        "downstream": failure.downstream,
        "held_by": failure.held_by,
        "held_since": failure.held_since,
        "stood_still_s": failure.stood_still_s,
        "undecided_until": failure.undecided_until,
        "forced_by": failure.forced_by,
        "called": int(failure.called),
        "poll_error": int(failure.poll_error),
        "root_job_id": failure.root_job_id,
        "version_no": failure.version_no,
        "same_version": int(plan.same_version),
        "ended_at": now if failure.status.final else None,
    }


def run_from(row: Row) -> Run:
    error = optional_text(row, "error")
    return Run(
        recipe_id=text(row, "recipe_id"),
        job_id=text(row, "job_id"),
        master_job_id=text(row, "master_job_id"),
        status=RunStatus(text(row, "status")),
        started_at=optional_moment(row, "started_at"),
        completed_at=optional_moment(row, "completed_at"),
        error=ErrorParts(error) if error is not None else None,
    )


def attempt_from(row: Row) -> Attempt:
    return Attempt(
        attempt_id=integer(row, "attempt_id"),
        workspace=text(row, "workspace"),
        master_job_id=text(row, "master_job_id"),
        number=integer(row, "number"),
        forced=bool(row["forced"]),
        actor=text(row, "actor"),
        state=AttemptState(text(row, "state")),
        dispatch_id=text(row, "dispatch_id"),
        sent_job_id=text(row, "sent_job_id"),
        baseline=texts(row, "baseline"),
        decided_at=moment(row, "decided_at"),
        new_job_id=optional_text(row, "new_job_id"),
        outcome=optional_text(row, "outcome"),
    )


def dispatch_from(row: Row) -> Dispatch:
    return Dispatch(
        dispatch_id=text(row, "dispatch_id"),
        workspace=text(row, "workspace"),
        recipe_id=text(row, "recipe_id"),
        epoch=integer(row, "epoch"),
        state=DispatchState(text(row, "state")),
        when_in_doubt=WhenInDoubt(text(row, "when_in_doubt")),
        prepared_at=moment(row, "prepared_at"),
        sending_at=optional_moment(row, "sending_at"),
        sending_boot=optional_moment(row, "sending_boot"),
        boot_id=text(row, "boot_id"),
        settle_until=optional_moment(row, "settle_until"),
        http_status=optional_integer(row, "http_status"),
        outcome=optional_text(row, "outcome"),
        absent_reads=integer(row, "absent_reads"),
        absent_read_boot=optional_moment(row, "absent_read_boot"),
    )


def incident_from(row: Row) -> Incident:
    return Incident(
        incident_id=integer(row, "incident_id"),
        workspace=text(row, "workspace"),
        kind=IncidentKind(text(row, "kind")),
        scope=text(row, "scope"),
        fingerprint=text(row, "fingerprint"),
        status=IncidentStatus(text(row, "status")),
        novelty=Novelty(text(row, "novelty")),
        category=Category(text(row, "category")),
        severity=Severity(text(row, "severity")),
        title=text(row, "title"),
        level=integer(row, "level"),
        first_seen_at=moment(row, "first_seen_at"),
        last_seen_at=moment(row, "last_seen_at"),
        total=integer(row, "total"),
        escalate_at=optional_moment(row, "escalate_at"),
        remind_at=optional_moment(row, "remind_at"),
        check_at=optional_moment(row, "check_at"),
        told_at=optional_moment(row, "told_at"),
        told_kind=optional_text(row, "told_kind"),
        acknowledged_by=optional_text(row, "acknowledged_by"),
        snoozed_until=optional_moment(row, "snoozed_until"),
        assignee=optional_text(row, "assignee"),
        resolved_at=optional_moment(row, "resolved_at"),
    )


def incident_params(incident: Incident) -> Params:
    return {
        "incident_id": incident.incident_id,
        "status": incident.status,
        "novelty": incident.novelty,
        "category": incident.category,
        "severity": incident.severity,
        "title": incident.title,
        "level": incident.level,
        "total": incident.total,
        "last_seen_at": incident.last_seen_at,
        "check_at": incident.check_at,
        "told_at": incident.told_at,
        "told_kind": incident.told_kind,
        "escalate_at": incident.escalate_at,
        "remind_at": incident.remind_at,
        "acknowledged_by": incident.acknowledged_by,
        "snoozed_until": incident.snoozed_until,
        "assignee": incident.assignee,
        "resolved_at": incident.resolved_at,
    }


def recipe_from(row: Row) -> Recipe:
    return Recipe(
        recipe_id=text(row, "recipe_id"),
        name=text(row, "name"),
        running=bool(row["running"]),
        failed_count=integer(row, "failed_count"),
        succeeded_count=integer(row, "succeeded_count"),
        project_id=optional_text(row, "project_id"),
        folder_id=optional_text(row, "folder_id"),
        stop_cause=optional_text(row, "stop_cause"),
        stopped_at=optional_moment(row, "stopped_at"),
        last_run_at=optional_moment(row, "last_run_at"),
        version_no=optional_integer(row, "version_no"),
        lifetime_tasks=optional_integer(row, "lifetime_tasks"),
        applications=texts(row, "applications"),
        accounts=tuple((provider, connection_id) for provider, connection_id in json.loads(text(row, "accounts"))),
        tags=texts(row, "tags"),
    )


def detail_from(row: Row) -> JobDetail:
    return JobDetail(
        http_code=optional_integer(row, "http_code"),
        failed_line=optional_integer(row, "failed_line"),
        adapter=optional_text(row, "adapter"),
        operation=optional_text(row, "operation"),
    )
