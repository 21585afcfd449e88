"""Keys that arrive faster than what they do: each waits until the one before it has had its whole effect.

A slow line or a paste brings many keys in one write. Textual forwards them all to the widget that has the focus at that
moment, so the letters behind “/” would act on the failure under the cursor, and “y” could answer a question nobody saw.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from textual.dom import DOMNode
from textual.events import Key, Paste
from textual.message import Message

if TYPE_CHECKING:
    from aof_tui.tui.app import AofApp

ROUNDS = 3
"""Ways from the focused widget up to the app: the key itself, what it posts or calls later, and what that opens."""
MOST_TICKS = 8
"""Ticks of the app that keys wait at most, for an engine that does not answer; then they are dropped."""
NEVER_WAITS = "ctrl+q"


class Followed(Message):
    """Comes up to the app behind a key, on the same way, so that the key is done when it arrives."""

    def __init__(self, turn: int, rounds_left: int) -> None:
        super().__init__()
        self.turn = turn
        self.rounds_left = rounds_left


class TypeAhead:
    """Holds keys back. They go on in their order, but none that was typed before a question showed answers it."""

    def __init__(self, app: AofApp) -> None:
        self._app = app
        self._held: deque[Key | Paste] = deque()
        self._turn = 0
        self._under_way = False
        self._question_comes = False
        self._ticks = 0

    def holds(self, event: Key | Paste) -> bool:
        """Whether this key waits; it is let in again later."""
        if isinstance(event, Key) and event.key == NEVER_WAITS:
            return False
        if self._under_way or self._question_comes or self._held:
            self._held.append(event)
            return True
        return False

    def let_in(self) -> None:
        """A key has been forwarded."""
        self._turn += 1
        self._ticks = 0
        self._under_way = True
        self._follow(ROUNDS)

    def followed(self, message: Followed) -> None:
        """One round is done."""
        if message.turn != self._turn:
            return
        if message.rounds_left > 1:
            self._follow(message.rounds_left - 1)
        else:
            self._under_way = False
            self._next()

    def question_comes(self) -> None:
        """A deed has begun that may ask: until it has, no key goes anywhere."""
        self._question_comes = True
        self._ticks = 0

    def question_shows(self) -> None:
        """What was typed before is no answer to it."""
        self._held.clear()
        self._question_comes = False

    def nothing_asked(self) -> None:
        """The deed asks nothing, or nothing more."""
        self._question_comes = False
        self._next()

    def tick(self) -> None:
        """Gives up after a time."""
        if not (self._under_way or self._question_comes):
            return
        self._ticks += 1
        if self._ticks > MOST_TICKS:
            self._held.clear()
            self._under_way = self._question_comes = False

    def _follow(self, rounds_left: int) -> None:
        way: DOMNode = self._app.focused or self._app.screen
        way.post_message(Followed(self._turn, rounds_left))

    def _next(self) -> None:
        if self._held and not self._under_way and not self._question_comes:
            event = self._held.popleft()
            self._app.call_next(self._app.take_key, event)
            self._under_way = True
