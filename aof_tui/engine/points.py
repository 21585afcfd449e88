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


class FallbackPoint(StrEnum):
    """Where a harness may stop the program while fallback recipes are started and followed."""

    LOOP = "fallback.loop"
    DUE = "fallback.due"
    TURN = "fallback.turn"
    OBSERVE_INSIDE = "fallback.observe_inside"
    PREPARE = "fallback.prepare"
    PREPARE_INSIDE = "fallback.prepare_inside"
    PREPARED = "fallback.prepared"
    SENDING_INSIDE = "fallback.sending_inside"
    SENDING = "fallback.sending"
    SEND = "fallback.send"
    ANSWERED = "fallback.answered"
    OUTCOME_INSIDE = "fallback.outcome_inside"
    OUTCOME = "fallback.outcome"
    TAKE_UP_INSIDE = "fallback.take_up_inside"
    LOOK = "fallback.look"
    LOOK_INSIDE = "fallback.look_inside"
    LOOKED = "fallback.looked"
