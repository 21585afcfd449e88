"""How many useless repeats a workspace may make: repeats that heal earn further ones, repeats that fail use them up.

A storm of repeats on downstreams that stay dead would keep them down. A breaker sees one downstream; this sees all.
"""

from __future__ import annotations

from dataclasses import dataclass

MOST = 1000.0
"""Tokens of a workspace in which repeats heal; one is used by each repeat that fails."""
EARNED = 2.0
"""By each repeat that heals: as long as a third of them do, nothing slows down."""
FULL_AFTER_S = 3600.0
"""Tokens come back with time, all of them in so long."""
ENOUGH = MOST / 4
"""Slowed down, repeats go on at their pace with so many: not to and fro around nothing."""
SLOWED_EVERY_S = 60.0
"""One request in so long while there are none: what heals must be noticed."""


@dataclass(frozen=True, slots=True)
class RetryBudget:
    """The tokens at a time (UTC seconds), and whether repeats are slowed down."""

    tokens: float = MOST
    at: float = 0.0
    slowed: bool = False

    def now(self, at: float) -> RetryBudget:
        """The budget at a later time; a clock that went back earns nothing."""
        earned = max(0.0, at - self.at) * MOST / FULL_AFTER_S
        return self._with(min(MOST, self.tokens + earned), at)

    def ended(self, at: float, healed: bool) -> RetryBudget:
        """After one more repeat of the engine's came to its end."""
        present = self.now(at)
        change = EARNED if healed else -1.0
        return present._with(min(MOST, max(0.0, present.tokens + change)), at)

    def _with(self, tokens: float, at: float) -> RetryBudget:
        return RetryBudget(tokens, at, tokens < ENOUGH if self.slowed else tokens < 1.0)
