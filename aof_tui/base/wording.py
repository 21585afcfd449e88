"""Small words for people: numbers with their noun, and what somebody may have meant."""

from __future__ import annotations

from collections.abc import Iterable


def counted(amount: int, one: str, many: str = "") -> str:
    """`1 failure`, `1,200 failures`; `many` where that is not the noun with an s."""
    return f"{amount:,} {one if amount == 1 else many or f'{one}s'}"


def nearest(word: object, valid: Iterable[str]) -> str:
    """`, did you mean x?` if one of the valid names is close to the word, else nothing."""
    import difflib

    close = difflib.get_close_matches(word.lower()[:64], list(valid), n=1) if isinstance(word, str) else []
    return f", did you mean {close[0]}?" if close else ""


def nearest_or_all(word: str, valid: Iterable[str]) -> str:
    """The same, and all valid names where none is close."""
    names = [str(name) for name in valid]
    return nearest(word, names) or (f"; there are {', '.join(names)}" if names else "")
