"""The JSON shapes of Workato's answers, field for field."""

from __future__ import annotations

import json
from datetime import datetime

from aof_tui.simulator.build import ROOT_FOLDER_ID
from aof_tui.simulator.catalogue import describe_error, describe_title
from aof_tui.simulator.state import Flaw, SimConnection, SimFolder, SimProject, SimRecipe, SimRun, SimTag
from aof_tui.simulator.view import JobView
from aof_tui.simulator.world import World

_OPERATIONS = ("search_records", "create_record", "update_record", "upsert_record", "make_request_v2")
_STATUS_TEXT = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    422: "Unprocessable Entity",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}

Json = dict[str, object]


class Wire:
    """Renders the things of a world as this Workato would."""

    def __init__(self, world: World, view: JobView) -> None:
        self._world = world
        self._view = view
        self._zone = view.switches.zone
        self._recipe_texts: dict[tuple[int, bool, bool], tuple[int, str]] = {}

    def time(self, wall: float | None) -> str | None:
        """A time with the workspace's offset and milliseconds."""
        if wall is None:
            return None
        return datetime.fromtimestamp(wall, tz=self._zone).isoformat(timespec="milliseconds")

    # -- jobs ----------------------------------------------------------------------------------------------------------

    def job(self, run: SimRun, now: float) -> Json:
        """A job as a list shows it (Workato docs: jobs)."""
        ended = self._view.end_shown_from(run) <= now
        first = run.lineage.runs[0]
        own_id = run.job_id if self._view.switches.master_id == "own" else None
        shown: Json = {
            "id": run.job_id,
            "recipe_id": run.recipe.recipe_id,
            "title": describe_title(self._world.draws, run),
            "status": self._view.word(run, now),
            "started_at": self.time(run.started_at),
            "completed_at": self.time(run.ends_at) if ended else None,
            "is_error": ended and run.flaw is not None,
            "is_poll_error": run.is_poll_error,
            "calling_recipe_id": run.calling.recipe.recipe_id if run.calling else None,
            "calling_job_id": run.calling.job_id if run.calling else None,
            "root_recipe_id": run.calling.recipe.recipe_id if run.calling else None,
            "root_job_id": run.calling.job_id if run.calling else None,
            "master_job_id": first.job_id if run.number else own_id,
        }
        if run.erased:
            return shown
        shown["error"] = None
        if ended and run.flaw is not None:
            shown["error"] = self._error_text(run, run.flaw)
            kind = self._view.switches.error_parts
            if kind != "absent":
                shown["error_parts"] = {} if kind == "empty" else self._error_parts(run, run.flaw, kind == "full")
        return shown

    def job_detail(self, run: SimRun, now: float) -> Json:
        """A job as its own endpoint shows it, with lines (Workato docs: get a job; types of Workato's own tool)."""
        shown = self.job(run, now)
        ended = shown["completed_at"] is not None
        shown |= {
            "handle": run.job_id,
            "is_repeat": run.number > 0,
            "is_test": run.is_test,
            "is_test_case_job": False,
            "master_job_handle": shown["master_job_id"],
            "calling_job_handle": shown["calling_job_id"],
            "job_correlation_id": self._world.draws.hexadecimal(32, run.job_id, "correlation"),
            "lines": self._lines(run) if ended and not run.erased else [],
        }
        if ended and run.flaw is not None and not run.erased:
            shown["error_parts"] = self._error_parts(run, run.flaw, full=True)
        return shown

    def _error_text(self, run: SimRun, flaw: Flaw) -> str:
        if self._view.switches.error_text == "json":
            return json.dumps(self._error_parts(run, flaw, full=False), ensure_ascii=False)
        message = describe_error(self._world.draws, run, flaw)
        error_id = self._world.draws.uuid(run.job_id, "error")
        return f"{flaw.error_type}: {message}; Error ID {error_id}; input: {{...}}"

    def _error_parts(self, run: SimRun, flaw: Flaw, full: bool) -> Json:
        parts: Json = {
            "adapter": self._adapter(run, flaw),
            "error_type": flaw.error_type,
            "message": describe_error(self._world.draws, run, flaw),
            "error_id": self._world.draws.uuid(run.job_id, "error"),
            "error_at": self.time(run.ends_at),
            "input": "<redacted>",
            "inner_message": flaw.inner,
        }
        if full:
            parts |= {
                "action": self._operation(run, run.lineage.line),
                "line_number": run.lineage.line,
                "retry_count": 0,
            }
        return parts

    def _adapter(self, run: SimRun, flaw: Flaw) -> str:
        applications = run.recipe.applications
        if flaw.inner is not None:
            return "Workato"
        return next((name for name in applications if name in flaw.applications), applications[-1])

    def _operation(self, run: SimRun, line: int) -> str:
        return self._world.draws.choose(_OPERATIONS, run.recipe.recipe_id, line, "operation")

    def _lines(self, run: SimRun) -> list[Json]:
        last = run.lineage.line if run.flaw else run.recipe.group.lines[1]
        lines = []
        for number in range(last + 1):
            seconds = self._world.draws.between((0.001, 0.9), run.job_id, number, "line")
            adapter = run.recipe.applications[min(number, len(run.recipe.applications) - 1)]
            line: Json = {
                "recipe_line_number": number,
                "adapter_name": adapter,
                "adapter_operation": self._operation(run, number),
                "input": {},
                "output": {},
                "error": None,
                "line_stat": {
                    "started_at": self.time(run.started_at),
                    "completed_at": self.time(run.ends_at),
                    "total": seconds,
                    "details": [
                        {
                            "name": "execute",
                            "count": 1,
                            "average": seconds,
                            "total": seconds,
                            "min": seconds,
                            "max": seconds,
                        }
                    ],
                },
            }
            if run.flaw is not None and number == last:
                line |= self._failed_line(run, run.flaw)
            lines.append(line)
        return lines

    def _failed_line(self, run: SimRun, flaw: Flaw) -> Json:
        parts = self._error_parts(run, flaw, full=True)
        details: Json = {"message": parts["message"], "inner_message": flaw.inner, "http_response": None}
        if flaw.http is not None:
            text = _STATUS_TEXT[flaw.http]
            details["http_response"] = {
                "protocol": "HTTP/1.1",
                "code": flaw.http,
                "raw_status_text": text,
                "normalized_status_text": text,
                "body": "",
                "headers": {},
            }
        descriptor = {
            "error_type": flaw.error_type,
            "error_id": parts["error_id"],
            "line_number": run.lineage.line,
            "adapter": parts["adapter"],
            "error_at": parts["error_at"],
            "error_type_id": None,
            "actionable": False,
            "action": parts["action"],
            "trigger": None,
        }
        return {
            "adapter_name": parts["adapter"],
            "error": self._error_text(run, flaw),
            "error_descriptor": descriptor,
            "error_details": details,
        }

    # -- the rest ------------------------------------------------------------------------------------------------------

    def recipe_text(self, recipe: SimRecipe, with_tags: bool, with_code: bool) -> str:
        """A recipe as JSON text (Workato's OpenAPI: Recipe); rendered again only when the recipe changed."""
        key = (recipe.recipe_id, with_tags, with_code)
        known = self._recipe_texts.get(key)
        if known is None or known[0] != recipe.revision:
            text = json.dumps(self._recipe(recipe, with_tags, with_code), ensure_ascii=False, separators=(",", ":"))
            known = self._recipe_texts[key] = (recipe.revision, text)
        return known[1]

    def _recipe(self, recipe: SimRecipe, with_tags: bool, with_code: bool) -> Json:
        tally = recipe.by_lineage if self._view.switches.healed_lowers_failed_count else recipe.by_run
        applications = recipe.applications
        accounts = {connection.application: connection.connection_id for connection in recipe.connections}
        shown: Json = {
            "id": recipe.recipe_id,
            "user_id": self._world.scenario.workspace_id,
            "name": recipe.name,
            "created_at": self.time(recipe.created_at),
            "updated_at": self.time(recipe.stopped_at or recipe.created_at),
            "copy_count": 0,
            "trigger_application": applications[0],
            "action_applications": list(applications[1:]),
            "applications": list(applications),
            "description": f"When there is a new event in {applications[0]}, do action",
            "parameters_schema": [],
            "parameters": {},
            "webhook_url": None,
            "folder_id": recipe.folder_id,
            "project_id": recipe.project.project_id,
            "running": recipe.running,
            "job_succeeded_count": tally.succeeded,
            "job_failed_count": tally.failed,
            "lifetime_task_count": 2 * tally.succeeded + tally.failed,
            "last_run_at": self.time(recipe.last_run_at),
            "stopped_at": self.time(recipe.stopped_at),
            "version_no": recipe.version_no,
            "stop_cause": recipe.stop_cause,
            "config": [
                {
                    "keyword": "application",
                    "name": name,
                    "provider": name,
                    "skip_validation": False,
                    "account_id": accounts.get(name),
                }
                for name in applications
            ],
            "trigger_closure": None,
            "code": self._code(recipe) if with_code else "",
            "author_name": "Alex Fisher",
            "version_author_name": "Alex Fisher",
            "version_author_email": "alex.fisher@example.com",
            "version_comment": None,
        }
        if with_tags:
            shown["tags"] = list(recipe.tags)
        return shown

    def _code(self, recipe: SimRecipe) -> str:
        blocks = [
            {
                "number": number,
                "provider": name,
                "name": self._world.draws.choose(_OPERATIONS, recipe.recipe_id, number),
            }
            for number, name in enumerate(recipe.applications)
        ]
        return json.dumps({"number": 0, "keyword": "trigger", "block": blocks})

    def connection(self, connection: SimConnection, now: float) -> Json:
        """A connection (Workato's OpenAPI: Connection)."""
        lost = connection.lost(now)
        created = self.time(connection.created_at)
        return {
            "id": connection.connection_id,
            "application": connection.application,
            "provider": connection.application,
            "name": connection.name,
            "description": None,
            "authorized_at": None if lost else created,
            "authorization_status": "failed" if lost else "success",
            "authorization_error": lost.lost_reason if lost else None,
            "created_at": created,
            "updated_at": self.time(lost.starts) if lost else created,
            "external_id": None,
            "folder_id": connection.folder_id,
            "connection_lost_at": self.time(lost.starts) if lost else None,
            "connection_lost_reason": lost.lost_reason if lost else None,
            "parent_id": None,
            "tags": [],
        }

    def project(self, project: SimProject) -> Json:
        """A project (Workato's OpenAPI: Project)."""
        return {
            "id": project.project_id,
            "description": f"Recipes of {project.name}",
            "folder_id": project.folder_id,
            "name": project.name,
        }

    def folder(self, folder: SimFolder) -> Json:
        """A folder (Workato's OpenAPI: Folder)."""
        created = self.time(self._world.start)
        return {
            "id": folder.folder_id,
            "name": folder.name,
            "parent_id": folder.parent_id,
            "is_project": folder.is_project,
            "project_id": folder.project_id,
            "created_at": created,
            "updated_at": created,
        }

    def tag(self, tag: SimTag) -> Json:
        """A tag (Workato docs: tags)."""
        return {"handle": tag.handle, "title": tag.title, "description": "", "color": "blue"}

    def user(self, workspace_id: int, now: float) -> Json:
        """The workspace of the token (Workato's OpenAPI: User)."""
        scenario = self._world.scenario
        recipes = self._world.place.recipes.values()
        return {
            "id": workspace_id,
            "name": scenario.workspace,
            "created_at": self.time(self._world.start),
            "plan_id": "rbp_workspace_yearly",
            "current_billing_period_start": self.time(self._world.start),
            "current_billing_period_end": self.time(self._world.start + 365 * 86_400),
            "expert": False,
            "avatar_url": None,
            "recipes_count": len(recipes),
            "active_recipes_count": sum(recipe.running for recipe in recipes),
            "interested_applications": [],
            "company_name": None,
            "location": None,
            "last_seen": self.time(now),
            "contact_phone": "null",
            "contact_email": None,
            "about_me": None,
            "email": "operations@example.com",
            "phone": "xxxxxxxxxx",
            "root_folder_id": ROOT_FOLDER_ID,
        }
