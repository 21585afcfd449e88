"""The JSON shapes of jobs, field for field."""

from __future__ import annotations

import json
from datetime import datetime

from aof_tui.simulator.catalogue import describe_error, describe_title
from aof_tui.simulator.draws import Draws
from aof_tui.simulator.messages import json_text
from aof_tui.simulator.state import Flaw, SimRecipe, SimRun
from aof_tui.simulator.view import JobView

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


class JobWire:
    """Renders jobs as this Workato would."""

    def __init__(self, draws: Draws, view: JobView) -> None:
        self._draws = draws
        self._view = view
        self._zone = view.switches.zone

    def time(self, wall: float | None) -> str | None:
        """A time with the workspace's offset and milliseconds."""
        if wall is None:
            return None
        return datetime.fromtimestamp(wall, tz=self._zone).isoformat(timespec="milliseconds")

    def job(self, run: SimRun, now: float) -> Json:
        """A job as a list shows it (Workato docs: jobs)."""
        ended = self._view.end_shown_from(run) <= now
        first = run.lineage.runs[0]
        root = _root(run)
        own_id = run.job_id if self._view.switches.master_id == "own" else None
        shown: Json = {
            "id": run.job_id,
            "recipe_id": run.recipe.recipe_id,
            "title": describe_title(self._draws, run),
            "status": self._view.word(run, now),
            "started_at": self.time(run.started_at),
            "completed_at": self.time(run.ends_at) if ended else None,
            "is_error": ended and run.flaw is not None,
            "is_poll_error": run.is_poll_error,
            "calling_recipe_id": run.calling.recipe.recipe_id if run.calling else None,
            "calling_job_id": run.calling.job_id if run.calling else None,
            "root_recipe_id": root.recipe.recipe_id if root else None,
            "root_job_id": root.job_id if root else None,
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

    def job_text(self, run: SimRun, now: float) -> str:
        """The same as JSON text; rendered again only when something of it changed."""
        ended = self._view.end_shown_from(run) <= now
        state = (ended, run.ends_at, run.outcome, run.flaw, run.erased)
        if run.rendered is None or run.rendered[0] != state:
            run.rendered = (state, json_text(self.job(run, now)))
        return run.rendered[1]

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
            "job_correlation_id": self._draws.hexadecimal(32, run.job_id, "correlation"),
            "lines": self._lines(run) if ended and not run.erased else [],
        }
        if ended and run.flaw is not None and not run.erased:
            shown["error_parts"] = self._error_parts(run, run.flaw, full=True)
        return shown

    def _error_text(self, run: SimRun, flaw: Flaw) -> str:
        if self._view.switches.error_text == "json":
            return json.dumps(self._error_parts(run, flaw, full=False), ensure_ascii=False)
        message = describe_error(self._draws, run, flaw)
        error_id = self._draws.uuid(run.job_id, "error")
        return f"{flaw.error_type}: {message}; Error ID {error_id}; input: {{...}}"

    def _error_parts(self, run: SimRun, flaw: Flaw, full: bool) -> Json:
        parts: Json = {
            "adapter": self._adapter(run, flaw),
            "error_type": flaw.error_type,
            "message": describe_error(self._draws, run, flaw),
            "error_id": self._draws.uuid(run.job_id, "error"),
            "error_at": self.time(run.ends_at),
            "input": "<redacted>",
            "inner_message": flaw.inner,
        }
        if full:
            parts |= {
                "action": self.operation(run.recipe, run.lineage.line),
                "line_number": run.lineage.line,
                "retry_count": 0,
            }
        return parts

    def _adapter(self, run: SimRun, flaw: Flaw) -> str:
        applications = run.recipe.applications
        if flaw.inner is not None:
            return "Workato"
        return next((name for name in applications if name in flaw.applications), applications[-1])

    def operation(self, recipe: SimRecipe, line: int) -> str:
        """What a line of a recipe does."""
        return self._draws.choose(_OPERATIONS, recipe.recipe_id, line, "operation")

    def _lines(self, run: SimRun) -> list[Json]:
        last = run.lineage.line if run.flaw else run.recipe.group.lines[1]
        lines = []
        for number in range(last + 1):
            seconds = self._draws.between((0.001, 0.9), run.job_id, number, "line")
            adapter = run.recipe.applications[min(number, len(run.recipe.applications) - 1)]
            line: Json = {
                "recipe_line_number": number,
                "adapter_name": adapter,
                "adapter_operation": self.operation(run.recipe, number),
                "input": {},
                "output": self._trigger_output(run) if number == 0 else {},
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

    def _trigger_output(self, run: SimRun) -> object:
        shown = self._view.switches.job_data == "shown" and run.content is not None
        return {"payload": run.content} if shown else {}

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


def _root(run: SimRun) -> SimRun | None:
    """The top of the calls that led to the run; None when nothing called it."""
    root = run.calling
    while root is not None and root.calling is not None:
        root = root.calling
    return root
