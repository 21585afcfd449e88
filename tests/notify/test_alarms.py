"""A failing channel is told of elsewhere, once, and never through itself."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aof_tui.domain.words import NoticeKind, Severity
from aof_tui.notify.alarms import REPEAT_S, channel_down, dead_letter, fallback_receiver, raises_alarm
from aof_tui.notify.message import Message, from_json, to_json
from aof_tui.notify.render.plain import plain_text
from tests.notify.samples import AT, messages, notice, report

CHANNELS = {"oncall": "slack", "team": "slack", "admins": "email", "board": "email"}


@given(messages)
def test_a_dead_letter_carries_the_message(message: Message) -> None:
    alarm, reference = dead_letter(message, "n-1", receiver="oncall", error="Slack: is_archived", at=AT)
    assert reference == "alarm-n-1"
    assert alarm.kind is NoticeKind.ALARM
    assert "Reference: n-1" in alarm.error
    assert not raises_alarm(alarm)
    from_json(to_json(alarm))
    plain_text(alarm, reference)


def test_a_dead_letter_says_who_was_not_reached_and_why() -> None:
    alarm, reference = dead_letter(notice(), "n-1", receiver="oncall", error="Slack: is_archived", at=AT)
    text = plain_text(alarm, reference)
    assert text.startswith("[ERROR] a message to oncall could not be delivered · alarm\n")
    assert "Why: Slack: is_archived\n" in text
    assert "    [ERROR] rate_limit · Orders to NetSuite · 3 jobs · needs a person\n" in text
    assert "Reference: alarm-n-1\n" in text
    assert alarm.incident == "I7"
    critical, _ = dead_letter(notice(severity=Severity.CRITICAL), "n-1", receiver="oncall", error="x", at=AT)
    assert critical.severity is Severity.CRITICAL
    assert dead_letter(report(), "r-1", receiver="oncall", error="x", at=AT)[0].incident is None


def test_only_alarms_raise_none() -> None:
    assert raises_alarm(notice())
    assert raises_alarm(report())
    assert not raises_alarm(notice(kind=NoticeKind.ALARM))


def test_a_channel_that_is_down_has_one_alarm_an_hour() -> None:
    hour = AT - AT % REPEAT_S

    def reference(at: float, receiver: str = "oncall") -> str:
        return channel_down(receiver, workspace="prod", error="Slack: token_revoked", at=at)[1]

    assert reference(hour) == reference(hour + REPEAT_S - 1)
    assert reference(hour) != reference(hour + REPEAT_S)
    assert reference(hour) != reference(hour, "team")
    alarm, _ = channel_down("oncall", workspace="prod", error="Slack: token_revoked", at=AT)
    assert not raises_alarm(alarm)
    assert "messages to oncall are not delivered" in plain_text(alarm)


def test_the_fallback_is_another_kind_of_channel_first() -> None:
    assert fallback_receiver("oncall", CHANNELS, preferred=(), down=()) == "admins"
    assert fallback_receiver("admins", CHANNELS, preferred=(), down=()) == "oncall"
    assert fallback_receiver("oncall", CHANNELS, preferred=("board",), down=()) == "board"
    assert fallback_receiver("oncall", CHANNELS, preferred=("team",), down=()) == "admins"
    assert fallback_receiver("oncall", CHANNELS, preferred=(), down=("admins", "board")) == "team"
    assert fallback_receiver("gone", CHANNELS, preferred=("also gone",), down=()) == "oncall"


@given(st.sampled_from(sorted(CHANNELS)), st.sets(st.sampled_from(sorted(CHANNELS))))
def test_the_fallback_never_fails_itself(failing: str, down: set[str]) -> None:
    found = fallback_receiver(failing, CHANNELS, preferred=("admins",), down=down)
    usable = set(CHANNELS) - down - {failing}
    assert found in usable if usable else found is None
