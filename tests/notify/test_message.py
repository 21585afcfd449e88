"""Messages survive the outbox; what this version did not write is refused."""

from __future__ import annotations

import json
import sqlite3

import pytest
from hypothesis import given

from aof_tui.base.text import clean
from aof_tui.domain.words import NoticeKind
from aof_tui.notify.message import Message, Notice, from_json, kind_of, to_json, workspace_of
from aof_tui.notify.render.compose import summary
from tests.notify.samples import messages, notice, report


@given(messages)
def test_what_is_written_is_one_storable_text_and_comes_back(message: Message) -> None:
    text = to_json(message)
    stored = sqlite3.connect(":memory:").execute("SELECT ?", (text,)).fetchone()[0]
    back = from_json(stored)
    assert to_json(back) == text
    assert kind_of(back) is kind_of(message)


@pytest.mark.parametrize("message", [notice(), report(), report(recorded=0)])
def test_clean_messages_come_back_unchanged(message: Message) -> None:
    assert from_json(to_json(message)) == message


@pytest.mark.parametrize(
    "text",
    ["", "x", "[]", "{}", '{"version":1}', '{"version":2,"notice":null}', '{"version":1,"notice":{"kind":"shout"}}'],
)
def test_foreign_text_is_refused_without_showing_it(text: str) -> None:
    with pytest.raises(ValueError, match="not a message of this version") as caught:
        from_json(text)
    assert "shout" not in str(caught.value)


def test_a_message_without_a_version_is_refused() -> None:
    envelope = json.loads(to_json(notice()))
    del envelope["version"]
    with pytest.raises(ValueError, match="not a message"):
        from_json(json.dumps(envelope))


def test_kind_and_workspace_of_both_sorts() -> None:
    assert (kind_of(notice()), workspace_of(notice(workspace="dev"))) == (NoticeKind.NEEDS_PERSON, "dev")
    assert (kind_of(report()), workspace_of(report())) == (NoticeKind.REPORT, "prod")


@given(messages)
def test_a_summary_is_one_short_clean_line(message: Message) -> None:
    line = summary(message)
    assert 0 < len(line) <= 200
    assert "\n" not in line
    assert line == clean(line)


def test_a_summary_says_what_a_phone_shows() -> None:
    expected = "[ERROR] rate_limit · Orders to NetSuite · 3 jobs · needs a person"
    assert summary(notice()) == expected
    assert summary(notice(open_failures=1)).endswith("· 1 job · needs a person")
    stopped = Notice(NoticeKind.OPENED, "prod", notice().severity, "Recipe Orders stopped", 0.0)
    assert summary(stopped) == "[ERROR] Recipe Orders stopped · failing"
