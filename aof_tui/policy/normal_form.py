"""A text without what differs between two failures of one cause."""

from __future__ import annotations


def normalise(text: str) -> str:
    return " ".join(text.casefold().split())
