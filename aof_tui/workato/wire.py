"""The shapes of Workato's answers, as far as we read them. Source: Workato docs (jobs, recipes, connections) and the
types of Workato's own command line clients; a field that only one source knows is optional."""

from __future__ import annotations

from pydantic import Field

from aof_tui.workato.fields import (
    Count,
    HttpCode,
    Id,
    Loose,
    LooseFlag,
    LooseId,
    LooseList,
    LooseNumber,
    LooseObject,
    LooseText,
    LooseTexts,
    LooseTime,
    MaybeId,
    Time,
    Wire,
)


class WireJob(Wire):
    """One run of a job, in a list or alone. The handle is the newer form of the id."""

    id: Id
    handle: LooseId = None
    status: str | None = None
    title: LooseText = ""
    started_at: Time = None
    completed_at: Time = None
    is_error: LooseFlag = False
    is_poll_error: LooseFlag = False
    is_test: LooseFlag = False
    is_test_case_job: LooseFlag = False
    is_repeat: LooseFlag = False
    erased: LooseFlag = False
    error: object = None
    error_parts: LooseObject = Field(default_factory=dict)
    master_job_id: MaybeId = None
    master_job_handle: LooseId = None
    calling_job_id: LooseId = None
    calling_job_handle: LooseId = None
    root_job_id: LooseId = None
    root_job_handle: LooseId = None
    root_recipe_id: LooseId = None


class WireHttpResponse(Wire):
    """What the downstream application answered to a failed step."""

    code: HttpCode = None


class WireErrorDetails(Wire):
    http_response: Loose[WireHttpResponse] = WireHttpResponse()


class WireLine(Wire):
    """One executed step of a job. Its input and output are never read."""

    recipe_line_number: LooseNumber = None
    adapter_name: LooseText = ""
    adapter_operation: LooseText = ""
    error: object = None
    error_descriptor: LooseObject = Field(default_factory=dict)
    error_details: Loose[WireErrorDetails] = WireErrorDetails()

    @property
    def failed(self) -> bool:
        return bool(self.error) or bool(self.error_descriptor) or self.error_details.http_response.code is not None


class WireJobDetail(WireJob):
    lines: LooseList[WireLine] = ()


class WireJobCounts(Wire):
    """The counter beside a list of jobs: how many the present filter matches."""

    job_scope_count: LooseNumber = None


class WireRecipeConfig(Wire):
    """One connection that a recipe uses; `account_id` is the connection's id."""

    provider: LooseText = ""
    name: LooseText = ""
    account_id: LooseId = None


class WireRecipe(Wire):
    id: Id
    name: LooseText = ""
    running: bool
    job_failed_count: Count
    job_succeeded_count: Count = 0
    lifetime_task_count: LooseNumber = None
    project_id: LooseId = None
    folder_id: LooseId = None
    stop_cause: LooseText = ""
    stopped_at: LooseTime = None
    last_run_at: LooseTime = None
    version_no: LooseNumber = None
    applications: LooseTexts = ()
    config: LooseList[WireRecipeConfig] = ()
    tags: LooseTexts = ()


class WireConnection(Wire):
    id: Id
    name: LooseText = ""
    application: LooseText = ""
    provider: LooseText = ""
    authorization_status: LooseText = ""
    authorization_error: LooseText = ""
    connection_lost_at: LooseTime = None
    connection_lost_reason: LooseText = ""


class WireIdentity(Wire):
    """`users/me`: the workspace of the token, despite its name."""

    id: Id
    name: LooseText = ""


class WireProject(Wire):
    id: Id
    name: LooseText = ""
    folder_id: LooseId = None


class WireFolder(Wire):
    id: Id
    name: LooseText = ""
    parent_id: LooseId = None
    project_id: LooseId = None


class WireTag(Wire):
    handle: Id
    title: LooseText = ""
