"""Which failures are a backlog: what failed while nobody watched, and is recorded afterwards."""

from __future__ import annotations

from dataclasses import dataclass

from aof_tui.domain.model import Failure


@dataclass(frozen=True, slots=True)
class BacklogWatch:
    """A time in which nobody watched: noticed at `began`, over at `until` (UTC seconds), with `count` failures."""

    began: float
    until: float
    count: int

    def has(self, failure: Failure) -> bool:
        """Whether the failure is of it: one that was repeated, or that a person wants repeated, is not."""
        if failure.attempts or failure.forced_by is not None:
            return False
        return failure.first_failed_at < self.until and failure.recorded_at >= self.began

    def holds(self, failure: Failure, threshold: int) -> bool:
        """Whether there are so many that the failure waits for a person's word."""
        return self.count > threshold and self.has(failure)
