"""Slack's limits, written down a second time, from its block reference."""

from __future__ import annotations

from typing import Any


def violations(payload: dict[str, Any]) -> list[str]:
    """What Slack would refuse a message for."""
    blocks = payload.get("blocks", [])
    found = [problem for block in blocks for problem in _block(block)]
    if not 0 < _units(payload.get("text", "")) <= 40_000:
        found.append("text")
    if len(blocks) > 50:
        found.append("number of blocks")
    if sum(_units(text) for block in blocks for text in _texts(block)) > 13_000:
        found.append("sum of all texts")
    return found


def _block(block: dict[str, Any]) -> list[str]:
    kind = block["type"]
    if kind == "header":
        return _plain(block["text"], 150)
    if kind == "context":
        return [] if 1 <= len(block["elements"]) <= 10 else ["context"]
    if kind == "rich_text":
        empty = [text for text in _texts(block) if not text]
        return ["empty rich text"] if empty or not block["elements"] else []
    if kind == "section":
        fields = block.get("fields")
        if fields is None:
            return _plain(block["text"], 3_000)
        return [problem for part in fields for problem in _plain(part, 2_000)] + (
            ["fields"] if len(fields) > 10 else []
        )
    return [f"unknown block {kind}"]


def _plain(part: dict[str, Any], limit: int) -> list[str]:
    return [] if part["type"] == "plain_text" and 0 < _units(part["text"]) <= limit else [f"text of {limit}"]


def _texts(value: object) -> list[str]:
    if isinstance(value, dict):
        own = [value["text"]] if isinstance(value.get("text"), str) else []
        return own + [text for part in value.values() for text in _texts(part)]
    return [text for part in value for text in _texts(part)] if isinstance(value, list | tuple) else []


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
