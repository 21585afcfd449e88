"""Keyed draws for the world: the same key gives the same answer, whatever was drawn before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from aof_tui.base.randomness import Randomness

K = TypeVar("K")

_BASE62 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


class Draws:
    """What the world decides by chance, from a seed and a key."""

    def __init__(self, seed: str) -> None:
        self._randomness = Randomness(seed)

    def between(self, bounds: tuple[float, float], *key: str | int) -> float:
        """A number within the bounds."""
        low, high = bounds
        return low if low == high else self._randomness.uniform(low, high, *key)

    def chance(self, share: float, *key: str | int) -> bool:
        """True for `share` of all keys."""
        return share > 0 and self._randomness.uniform(0, 1, *key) < share

    def whole(self, count: int, *key: str | int) -> int:
        """A whole number from 0 up to, without, `count`."""
        return int(self._randomness.uniform(0, count, *key))

    def choose(self, options: Sequence[K], *key: str | int) -> K:
        """One of the options, each as likely."""
        return options[self.whole(len(options), *key)]

    def weigh(self, weights: Mapping[K, float], *key: str | int) -> K:
        """One of the keys of `weights`, as likely as its weight says."""
        point = self._randomness.uniform(0, sum(weights.values()), *key)
        options = list(weights)
        for option in options[:-1]:
            point -= weights[option]
            if point < 0:
                return option
        return options[-1]

    def letters(self, count: int, *key: str | int) -> str:
        """Letters and digits, as Workato's handles have them; at most nine."""
        number = self.whole(62**count, *key, "letters")
        characters = []
        for _ in range(count):
            number, digit = divmod(number, 62)
            characters.append(_BASE62[digit])
        return "".join(characters)

    def hexadecimal(self, count: int, *key: str | int) -> str:
        """Hexadecimal digits."""
        parts = [f"{self.whole(16**12, *key, 'hex', part):012x}" for part in range((count + 11) // 12)]
        return "".join(parts)[:count]

    def uuid(self, *key: str | int) -> str:
        """An id in UUID form."""
        digits = self.hexadecimal(32, *key)
        return "-".join([digits[:8], digits[8:12], "4" + digits[13:16], "a" + digits[17:20], digits[20:]])
