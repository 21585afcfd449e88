"""A message as Slack takes it.

Slack's limits as its block validators state them: 50 blocks, header 150, section text 3,000, 10 fields of 2,000,
context 10 elements; `text` is cut above 40,000. Only & < > are special, and escaping them disarms links and mentions;
* _ ~ ` cannot be escaped, so text stands in plain_text or preformatted elements only, never in mrkdwn.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from aof_tui.notify.message import Message
from aof_tui.notify.render.compose import compose
from aof_tui.notify.render.plain import sheet_text
from aof_tui.notify.render.sheet import Sheet

HEADER = 150
SECTION = 3_000
FIELD = 2_000
FIELDS = 10
CONTEXT = 300
FALLBACK = 3_000
"""Far below what Slack takes: this text is sent when the full form was refused."""

Block: TypeAlias = dict[str, object]

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


@dataclass(frozen=True, slots=True)
class SlackMessage:
    """`text` is what a phone's preview shows beside `blocks`; `fallback` says all that fits without blocks."""

    text: str
    blocks: tuple[Block, ...]
    fallback: str


def slack_message(message: Message, reference: str) -> SlackMessage:
    """The message within Slack's limits."""
    sheet = compose(message)
    return SlackMessage(
        text=escaped(sheet.headline, SECTION),
        blocks=tuple(_blocks(sheet, reference)),
        fallback=escaped(f"{sheet.headline}\nReference: {reference}\n\n{sheet_text(sheet, '')}", FALLBACK),
    )


def escaped(text: str, limit: int) -> str:
    """The text with & < > as entities in at most `limit` UTF-16 units; cut between characters, with an ellipsis."""
    units = [_ENTITIES.get(char, char) for char in text[: limit + 1]]
    sizes = [len(unit) + (unit > "\uffff") for unit in units]
    if sum(sizes) <= limit:
        return "".join(units)
    room, kept = limit - 1, 0
    while sizes[kept] <= room:
        room -= sizes[kept]
        kept += 1
    return "".join(units[:kept]) + "…"


def _blocks(sheet: Sheet, reference: str) -> Iterator[Block]:
    yield {"type": "header", "text": _plain(sheet.banner, HEADER)}
    if sheet.lead:
        yield {"type": "section", "text": _plain(sheet.lead, SECTION)}
    for start in range(0, len(sheet.facts), FIELDS):
        fields = [_plain(f"{label}\n{value}", FIELD) for label, value in sheet.facts[start : start + FIELDS]]
        yield {"type": "section", "fields": fields}
    for heading, lines in sheet.lists:
        yield _preformatted(f"{heading}\n" + "\n".join(lines))
    if sheet.quote:
        yield _preformatted(sheet.quote)
    yield {"type": "context", "elements": [_plain(f"Reference: {reference}", CONTEXT), _plain(sheet.headline, CONTEXT)]}


def _plain(text: str, limit: int) -> Block:
    return {"type": "plain_text", "text": escaped(text, limit), "emoji": False}


def _preformatted(text: str) -> Block:
    element = {"type": "text", "text": escaped(text, SECTION)}
    return {"type": "rich_text", "elements": [{"type": "rich_text_preformatted", "elements": [element]}]}
