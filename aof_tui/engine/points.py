"""The named failpoints: one before every await of the recovery protocol, and one inside each of its transactions."""

from __future__ import annotations

from enum import StrEnum


class Point(StrEnum):
    """Where a harness may stop the program."""

    LOOP = "recovery.loop"
    DUE = "recovery.due"
    READ_TURN = "read.turn"
    READ_PAGE = "read.page"
    READ_KNOWN = "read.known"
    READ_RECORD = "read.record"
    READ_INSIDE = "read.inside"
    READ_RECORDED = "read.recorded"
    TURN = "dispatch.turn"
    PREPARE = "dispatch.prepare"
    PREPARE_INSIDE = "dispatch.prepare_inside"
    PREPARED = "dispatch.prepared"
    SENDING_INSIDE = "dispatch.sending_inside"
    SENDING = "dispatch.sending"
    SEND = "dispatch.send"
    ANSWERED = "dispatch.answered"
    OUTCOME_INSIDE = "dispatch.outcome_inside"
    OUTCOME = "dispatch.outcome"
    SETTLE = "settle.due"
    SETTLE_INSIDE = "settle.inside"
    SETTLED = "settle.settled"
