"""The screen with the whole story of one failure; it renews itself while it is open."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from aof_tui.base.errors import AofError
from aof_tui.control.requests import Topic
from aof_tui.control.rows import FailureRow, Story
from aof_tui.tui.actions import ACTIONS, Scope, View
from aof_tui.tui.cells import Cell, Line, Tone
from aof_tui.tui.chrome import HeaderStrip, KeyStrip
from aof_tui.tui.coalesce import Coalesced
from aof_tui.tui.desk import Desk
from aof_tui.tui.fitting import wrap_line
from aof_tui.tui.incident_name import IncidentName
from aof_tui.tui.live_screen import LiveScreen
from aof_tui.tui.situation import Situation
from aof_tui.tui.story_text import story_lines
from aof_tui.tui.toned import SCROLL_BAR, ScrolledLines

_SCROLLING = {
    "line_up": "scroll_up",
    "line_down": "scroll_down",
    "page_up": "page_up",
    "page_down": "page_down",
    "first": "scroll_home",
    "last": "scroll_end",
}


def scrolling_keys() -> list[BindingType]:
    """The keys of the action table for moving, on text that scrolls."""
    return [
        Binding(key, _SCROLLING[action.id], show=False)
        for action in ACTIONS
        if action.scope is Scope.LIST
        for key in action.keys
    ]


class StoryText(ScrolledLines):
    """The story as text."""

    BINDINGS: ClassVar[list[BindingType]] = scrolling_keys()

    def __init__(self, desk: Desk) -> None:
        super().__init__(id="story")
        self.desk = desk
        self.story: Story | None = None
        self.words = "Loading…"

    def lines(self, width: int) -> tuple[Line, ...]:
        if self.story is None:
            return wrap_line((Cell(self._words_now(), Tone.MUTED),), width - SCROLL_BAR)
        return story_lines(self.story, self.desk.time.now(), width - SCROLL_BAR)

    def _words_now(self) -> str:
        if not self.desk.stale:
            return self.words
        why = f": {self.desk.fault}" if self.desk.fault else ""
        return f"The story cannot be shown now, for the engine does not answer{why}."


class StoryScreen(LiveScreen):
    """Acting keys work here too: they act on this failure."""

    kind = View.STORY

    def __init__(self, desk: Desk, failure: FailureRow) -> None:
        super().__init__()
        self.desk = desk
        self.failure = failure
        self.text = StoryText(desk)
        self._header = HeaderStrip(desk)
        self._keys = KeyStrip(self.kind)
        self._loads = Coalesced(self, self._load)

    def compose(self) -> ComposeResult:
        yield self._header
        yield self.text
        yield self._keys

    def on_mount(self) -> None:
        self.text.focus()
        self.reload(frozenset(Topic))

    def reload(self, topics: frozenset[Topic]) -> None:
        if topics:
            self._loads.request()

    def tick(self, situation: Situation) -> None:
        self._header.tick()
        self._keys.show(situation)
        self.text.tick()

    def failure_at_cursor(self) -> FailureRow | None:
        return self.failure

    def names_failure(self) -> bool:
        return True

    async def find_failure(self) -> FailureRow | None:
        return self.failure

    def incident_at_cursor(self) -> IncidentName | None:
        failure = self.failure
        return None if failure.incident is None else IncidentName(failure.workspace, failure.incident)

    async def _load(self) -> None:
        try:
            story = await self.desk.control.story(self.failure.workspace, self.failure.master_job_id)
        except AofError as error:
            if self.text.story is None:
                self.text.words = f"The story cannot be shown now: {error}"
                self.text.renew()
            return
        if story is None:
            self.text.words = "The engine knows nothing of this failure any more."
        else:
            self.failure = story.failure
            self.text.story = story
        self.text.renew()
