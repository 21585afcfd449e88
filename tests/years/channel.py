"""A channel that fails now and then, and says what it was given."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass

from aof_tui.base.clock import Clock
from aof_tui.notify.channels import Checked, Dead, Delivered, Delivery, Postponed, Trouble
from aof_tui.notify.message import Message, Notice

AMBIGUOUS = Postponed(Trouble.NO_ANSWER, "no answer", ambiguous=True)
UNLOGGED = "(not logged)"
REFUSALS: tuple[Delivery, ...] = (
    Postponed(Trouble.NETWORK, "not reached"),
    Postponed(Trouble.RATE_LIMITED, "too many", after_s=30.0),
    Dead(Trouble.INVALID, "never"),
)


@dataclass(frozen=True, slots=True)
class Sent:
    """One handing over."""

    receiver: str
    reference: str
    life: int
    """Which engine did it."""
    taken: bool
    ambiguous: bool


class FickleChannel:
    """Takes most messages; `calm` takes all."""

    def __init__(self, receiver: str, clock: Clock, seed: str, life: Callable[[], int]) -> None:
        self.sent: list[Sent] = []
        self.unlogged: list[float] = []
        """When it took an alarm that no database holds, in seconds since the world's start."""
        self.calm = False
        self._receiver = receiver
        self._clock = clock
        self._chance = random.Random(f"{seed}/{receiver}")
        self._life = life

    @property
    def name(self) -> str:
        return "slack" if self._receiver == "oncall" else "email"

    async def send(self, message: Message, reference: str) -> Delivery:
        answer = self._answer()
        taken = answer is AMBIGUOUS or isinstance(answer, Delivered)
        try:
            await self._clock.sleep(self._chance.uniform(0.0, 2.0))
        except asyncio.CancelledError:
            self._note(reference, taken=taken, ambiguous=True)
            raise
        self._note(reference, taken=taken, ambiguous=answer is AMBIGUOUS)
        if taken and isinstance(message, Notice) and UNLOGGED in message.title:
            self.unlogged.append(self._clock.boot())
        return answer

    def _note(self, reference: str, *, taken: bool, ambiguous: bool) -> None:
        self.sent.append(Sent(self._receiver, reference, self._life(), taken, ambiguous))

    def _answer(self) -> Delivery:
        drawn = self._chance.random()
        if self.calm or drawn < 0.9:
            return Delivered(f"m{len(self.sent)}")
        return AMBIGUOUS if drawn < 0.95 else self._chance.choice(REFUSALS)

    async def check(self) -> Checked:
        return Checked(True, "fickle")
