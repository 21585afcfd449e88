"""The settings for what Workato's keeping and its price allow."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from aof_tui.config.limits import TaskCap
from aof_tui.config.settings import WorkspaceSettings

CAP: TypeAdapter[int] = TypeAdapter(TaskCap)
GIVEN = {"name": "prod", "url": "https://www.workato.com", "token": "env:TOKEN"}


def test_a_cap_is_tasks_per_month() -> None:
    assert CAP.validate_python("5000 per month") == CAP.validate_python(5000) == 5000


@pytest.mark.parametrize(
    "value",
    [
        "0 per month",
        "5000",
        "5000 per day",
        "-1 per month",
        0,
        True,
        1.5,
        None,
        "\N{ARABIC-INDIC DIGIT FIVE} per month",
    ],
)
def test_anything_else_is_no_cap(value: object) -> None:
    with pytest.raises(ValidationError, match="must be a number of tasks per month"):
        CAP.validate_python(value)


def test_jobs_are_kept_for_30_days_unless_it_is_said_or_unknown() -> None:
    def kept(**more: object) -> float | None:
        return WorkspaceSettings.model_validate(GIVEN | more).job_retention

    assert (kept(), kept(job_retention="90d"), kept(job_retention=None)) == (30 * 86_400, 90 * 86_400, None)
    assert WorkspaceSettings.model_validate(GIVEN).task_cap is None
