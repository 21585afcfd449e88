"""What is not established about Workato's API, each point a switch that can be set either way."""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import Literal

from pydantic import Field, field_validator

from aof_tui.simulator.kinds import Plain, Share, Span


class Switches(Plain):
    """How this Workato answers where the sources differ or are silent."""

    master_id: Literal["null", "own"] = "null"
    """`master_job_id` of a job that is no repeat."""
    repeat_row: Literal["new", "in_place"] = "new"
    """A repeat is a row of its own, or its newest run takes the original's row."""
    pending_repeat: Literal["at_once", "at_end"] = "at_once"
    """When a repeat is first listed."""
    visibility_lag: Span = (0.0, 0.0)
    """Seconds from what happens to what the API shows; drawn per run."""
    rerun_only: Literal["repeats", "family"] = "repeats"
    """Whether `rerun_only=true` shows the repeats, or the repeated originals as well."""
    list_order: Literal["completed", "started"] = "completed"
    """What newest-first means; running jobs are on top of `completed`."""
    page_size: Literal[25, 100] = 100
    per_page_honoured: bool = False
    error_text: Literal["text", "json"] = "text"
    """`error` as plain text or as a JSON string of its parts."""
    error_parts: Literal["basic", "full", "empty", "absent"] = "basic"
    """`error_parts` in a list; `full` has the action, line number and retry count too."""
    healed_lowers_failed_count: bool = False
    """Counters count the newest runs of lineages instead of all runs."""
    repeat_when_stopped: Literal["accept", "refuse"] = "accept"
    refuse_not_latest: bool = False
    """Only the latest run of a lineage can be repeated, and not while it runs."""
    results: Literal["full", "one_missing", "odd_word"] = "full"
    """What the answer to a repeat says of the last job in it."""
    lost_answer: Share = 0.0
    """Share of repeat requests that are carried out but get no usable answer."""
    lost_answer_every: int | None = Field(default=None, ge=1)
    """Every n-th repeat request loses its answer, besides the share."""
    lost_answer_as: Literal["drop", "html_502", "mixed"] = "drop"
    failed_before_accept: Share = 0.0
    """Share of repeat requests answered 500 without having been carried out."""
    start_lost: Share = 0.0
    """Share of starts from outside that are carried out but get no usable answer."""
    start_failed_before: Share = 0.0
    """Share of starts from outside answered 500 without having been carried out."""
    start_lag: Span = (0.0, 0.0)
    """Seconds from a recipe's start over the API to its running."""
    on_prem: Literal["shown", "stateless", "forbidden"] = "shown"
    """Groups of agents: shown, without the state of each agent, or not shown to this token."""
    force_run_status: Literal[200, 202] = 200
    job_data: Literal["shown", "hidden"] = "shown"
    """Whether a job's detail shows what the job was started with."""
    retry_after: Literal["absent", "seconds", "date"] = "absent"
    """The Retry-After header of a 429."""
    html_502: Share = 0.0
    """Share of reading requests answered by a proxy's HTML page."""
    utc_offset: str = "-08:00"
    pending_word: str = "pending"
    cancelled_word: str = "cancelled"
    odd_word: str = "skipped"
    """The status of a run that ended in a way the documents don't name."""
    latency: Span = (0.0, 0.0)
    """Seconds from a request's arrival to its answer."""

    @field_validator("utc_offset")
    @classmethod
    def _offset(cls, value: str) -> str:
        parse_offset(value)
        return value

    @property
    def zone(self) -> timezone:
        return parse_offset(self.utc_offset)


def parse_offset(text: str) -> timezone:
    """The zone of `+05:30` and the like. Raises ValueError."""
    sign, hours, colon, minutes = text[:1], text[1:3], text[3:4], text[4:]
    if sign not in {"+", "-"} or colon != ":" or not (hours + minutes).isdecimal() or len(minutes) != 2:
        raise ValueError("an offset looks like +05:30")
    span = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(span if sign == "+" else -span)
