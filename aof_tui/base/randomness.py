"""The randomness port. Draws are keyed, so that a decision made twice draws the same number."""

from __future__ import annotations

import hashlib
import random
import uuid


class Randomness:
    """Draws that depend only on the seed and the key of what they are for, and fresh ids."""

    def __init__(self, seed: str | None = None) -> None:
        """Without a seed the draws differ from process to process; with one they are the same everywhere."""
        self._source = random.SystemRandom() if seed is None else random.Random(f"{seed}/ids")
        self._seed = f"{self._source.getrandbits(128):032x}" if seed is None else seed

    def uniform(self, low: float, high: float, *key: str | int) -> float:
        """A number in [low, high), the same one for the same key."""
        text = "\x1f".join([self._seed, *map(str, key)])
        fraction = int.from_bytes(hashlib.sha256(text.encode()).digest()[:7], "big") / 2**56
        return low + (high - low) * fraction

    def new_id(self) -> str:
        """A new identity in UUID form (random, version 4)."""
        return str(uuid.UUID(int=self._source.getrandbits(128), version=4))
