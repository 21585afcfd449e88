"""What Slack gets is within its limits and inert, whatever stands in it."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block as LibraryBlock

from aof_tui.notify.message import Message
from aof_tui.notify.render.slack import escaped, slack_message
from tests.notify.samples import HOSTILE, messages, notice, report, texts
from tests.notify.slack_limits import violations

LONE_AMPERSAND = re.compile("&(?!(?:amp|lt|gt);)")


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from strings(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from strings(part)


def everything(message: Message) -> dict[str, object]:
    rendered = slack_message(message, "n-1")
    return {"text": rendered.text, "blocks": list(rendered.blocks), "fallback": rendered.fallback}


@given(messages)
def test_limits_hold(message: Message) -> None:
    payload = everything(message)
    assert violations(payload) == []
    assert violations({"text": payload["fallback"]}) == []
    blocks = payload["blocks"]
    assert isinstance(blocks, list)
    for block in blocks:
        parsed = LibraryBlock.parse(block)
        assert parsed is not None
        parsed.validate_json()


@given(messages)
def test_nothing_is_markup(message: Message) -> None:
    payload = everything(message)
    assert '"mrkdwn"' not in json.dumps(payload)
    for text in strings(payload):
        assert "<" not in text
        assert ">" not in text
        assert not LONE_AMPERSAND.search(text)


@pytest.mark.parametrize("text", HOSTILE)
def test_each_hostile_text_is_inert_everywhere(text: str) -> None:
    message = notice(
        title=text, recipe=text, error=text, next_step=text, reasons=(text,), job_ids=(text,), lines=(text,)
    )
    for shown in strings(everything(message)):
        assert not set(shown) & set("<>\r\x1b\x00\x9b\u202e\u2028\u200b")


@given(texts | st.text(alphabet="&<>\U0001f600a"), st.integers(1, 200))
def test_escaping_cuts_between_characters(text: str, limit: int) -> None:
    shown = escaped(text, limit)
    assert len(shown.encode("utf-16-le", "surrogatepass")) // 2 <= limit
    assert not LONE_AMPERSAND.search(shown)
    plain = html.unescape(shown)
    assert plain == text or (plain.endswith("…") and text.startswith(plain[:-1]))


def test_a_cut_text_fills_its_room() -> None:
    assert escaped("abcdef", 6) == "abcdef"
    assert escaped("abcdefg", 6) == "abcde…"
    assert escaped("a&bcdefg", 8) == "a&amp;b…"
    assert escaped("&", 1) == "…"


def test_a_notice_in_blocks() -> None:
    message = slack_message(notice(), "n-1")
    assert message.text == "[ERROR] rate_limit · Orders to NetSuite · 3 jobs · needs a person"
    header, lead, facts, more, quote, context = message.blocks
    assert header["text"] == {"type": "plain_text", "text": "◆ Needs a person · Orders to NetSuite", "emoji": False}
    assert lead["text"] == {"type": "plain_text", "text": "Too many requests to NetSuite", "emoji": False}
    assert "Attempts\n5 of 5" in list(strings(facts))
    assert "Next\nretry or close it in aof-tui" in list(strings(more))
    assert "429 Too Many Requests\nretry later" in list(strings(quote))
    assert "Reference: n-1" in list(strings(context))
    assert message.fallback.startswith(f"{message.text}\nReference: n-1\n")


def test_the_reference_is_never_cut_away() -> None:
    message = slack_message(notice(recipe="x" * 5_000, error="&" * 9_000, lines=("y" * 400,) * 90), "n-1")
    assert "Reference: n-1" in list(strings(message.blocks[-1]))
    assert "Reference: n-1" in message.fallback


def test_a_report_in_blocks() -> None:
    message = slack_message(report(), "r-1")
    assert any("7 × rate_limit" in text for text in strings(list(message.blocks)))
