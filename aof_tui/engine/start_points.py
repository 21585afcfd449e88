"""The named failpoints of starting a recipe: one before each await between a person's wish and its outcome."""

from __future__ import annotations

from enum import StrEnum


class StartPoint(StrEnum):
    """Where a harness may stop the program."""

    TURN = "start.turn"
    PREPARE = "start.prepare"
    PREPARED = "start.prepared"
    SENDING = "start.sending"
    ANSWERED = "start.answered"
    OUTCOME = "start.outcome"
