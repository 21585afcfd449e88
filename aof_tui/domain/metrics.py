"""What is counted of failures, and under which hour: closed vocabularies that the store keeps. Pure."""

from __future__ import annotations

from enum import StrEnum

HOUR_S = 3600
DAY_S = 86_400


class Scope(StrEnum):
    """What a figure is about."""

    WORKSPACE = "workspace"
    RECIPE = "recipe"
    CATEGORY = "category"
    DOWNSTREAM = "downstream"
    FINGERPRINT = "fingerprint"
    """Subject: recipe id, a blank, fingerprint."""


class Measure(StrEnum):
    """What is counted. Times to recovery are counted apart, by bucket: see `time_measure`."""

    RECORDED = "recorded"
    RECOVERED = "recovered"
    EXHAUSTED = "exhausted"
    NEEDS_PERSON = "needs_person"
    HELD = "held"
    REPEATS_ACCEPTED = "repeats_accepted"
    REPEATS_SUCCEEDED = "repeats_succeeded"
    REPEATS_FAILED = "repeats_failed"
    JOBS_SUCCEEDED = "jobs_succeeded"
    JOBS_FAILED = "jobs_failed"


TIME_PREFIX = "recovery_"


def time_measure(bucket: int) -> str:
    """The measure of recoveries whose time fell into a bucket of `policy.recovery_times`."""
    return f"{TIME_PREFIX}{bucket:02}"


def hour_of(at: float) -> int:
    """Begin of the UTC hour a moment (UTC seconds) lies in: such hours know no daylight saving."""
    return int(at // HOUR_S) * HOUR_S


def day_of(at: float) -> int:
    """Begin of the UTC day a moment (UTC seconds) lies in."""
    return int(at // DAY_S) * DAY_S
