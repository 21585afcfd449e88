"""Settings for what Workato's keeping and its price allow."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import PlainValidator, WithJsonSchema

TASK_CAP_PATTERN = r"^[0-9]{1,12} per month$"
_TASK_CAP = re.compile(TASK_CAP_PATTERN, re.ASCII)


def _task_cap(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    if isinstance(value, str) and _TASK_CAP.fullmatch(value) and int(value.split()[0]) > 0:
        return int(value.split()[0])
    raise ValueError("must be a number of tasks per month, like 5000 per month")


TaskCap = Annotated[
    int,
    PlainValidator(_task_cap),
    WithJsonSchema(
        {
            "anyOf": [{"type": "string", "pattern": TASK_CAP_PATTERN}, {"type": "integer", "minimum": 1}],
            "description": "tasks, like 5000 per month",
        }
    ),
]
"""Tasks in a UTC month; written as `5000 per month`."""
