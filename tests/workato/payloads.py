"""Answers shaped as Workato's documentation and its own clients show them; names and numbers are made up."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def listed_job(**changes: object) -> Json:
    """A failed job as the list of 2025 shows it."""
    job: Json = {
        "id": "j-AbCdEfGh-ijKLmN",
        "flow_run_id": 1004,
        "recipe_id": 42,
        "status": "failed",
        "title": "Scheduler by Workato: new recurring event",
        "started_at": "2025-06-14T16:17:11.000-07:00",
        "completed_at": "2025-06-14T16:17:14.250-07:00",
        "is_poll_error": False,
        "is_error": True,
        "error": "Bad request: 'Filter values' must be present",
        "error_parts": {
            "adapter": "marketo",
            "error_type": "Bad request",
            "message": "'Filter values' must be present",
            "error_id": "603260f5-a309-45b3-a20e-111d90a28917",
            "error_at": "2025-06-14T16:17:14.018-07:00",
            "input": "<redacted>",
            "inner_message": None,
        },
        "calling_recipe_id": None,
        "calling_job_id": None,
        "root_recipe_id": None,
        "root_job_id": None,
        "master_job_id": None,
    }
    return job | changes


def job_list(*jobs: Json) -> Json:
    return {
        "job_succeeded_count": 5,
        "job_failed_count": 2,
        "job_count": 7,
        "job_scope_count": len(jobs),
        "items": list(jobs),
    }


def line(number: int, *, code: object = None, error: object = None, **changes: object) -> Json:
    """One step as the detail of a job shows it."""
    return {
        "recipe_line_number": number,
        "adapter_name": "rest",
        "adapter_operation": "make_request_v2",
        "input": {"password": "never read"},
        "output": {},
        "error": error,
        "line_stat": {"total": 0.0079, "details": [{"name": "execute", "count": 1}]},
        "error_descriptor": None,
        "error_details": None if code is None else {"message": "", "http_response": {"code": code, "body": ""}},
    } | changes


def job_detail(*lines: Json, **changes: object) -> Json:
    job = listed_job(
        handle="j-AbCdEfGh-ijKLmN", is_repeat=False, is_test=False, is_test_case_job=False, lines=list(lines)
    )
    return job | changes


def recipe(**changes: object) -> Json:
    found: Json = {
        "id": 12389,
        "user_id": 4848,
        "name": "Orders to ERP",
        "created_at": "2016-08-03T11:06:23.950-07:00",
        "trigger_application": "workato_webhooks",
        "applications": ["workato_webhooks", "jira"],
        "description": "",
        "folder_id": 4724,
        "project_id": 99,
        "running": False,
        "job_succeeded_count": 10,
        "job_failed_count": 3,
        "last_run_at": "2016-08-03T11:06:51.481-07:00",
        "stopped_at": "2016-08-03T11:22:00.000-07:00",
        "stop_cause": "trigger_errors_limit",
        "version_no": 3,
        "config": [
            {"keyword": "application", "name": "jira", "provider": "jira", "account_id": 1234},
            {"keyword": "application", "name": "clock", "provider": "clock", "account_id": None},
            {"keyword": "application", "name": "jira", "provider": "jira", "account_id": 1234},
        ],
        "tags": ["tag-ANMNxAz9-oYDJRm"],
    }
    return found | changes


def connection(**changes: object) -> Json:
    found: Json = {
        "id": 36,
        "application": "salesforce",
        "name": "ACME Salesforce",
        "authorized_at": "2015-05-26T22:53:52.528Z",
        "authorization_status": "success",
        "authorization_error": None,
        "connection_lost_at": None,
        "connection_lost_reason": None,
    }
    return found | changes


def me() -> Json:
    return {"id": 211706, "name": "ACME integrations", "plan_id": "x", "contact_phone": "null", "root_folder_id": 3}
