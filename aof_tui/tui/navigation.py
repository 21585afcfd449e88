"""What is shown: panes, screens, filter, help, theme."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from aof_tui.control.rows import FailureRow, IncidentRow
from aof_tui.tui.actions import View
from aof_tui.tui.desk import Desk
from aof_tui.tui.live_screen import LiveScreen

if TYPE_CHECKING:
    from aof_tui.tui.app import AofApp

PANES = ("failing", "countdowns", "log", "notices")


class Navigation:
    """At most one screen lies over the main one; every other way begins there."""

    def __init__(self, app: AofApp, desk: Desk) -> None:
        self._app = app
        self._desk = desk

    def go(self, action_id: str) -> None:
        """Does an action of the table that only changes what is shown."""
        app = self._app
        panes = {f"pane_{name}": partial(self._pane, number) for number, name in enumerate(PANES, 1)}
        ways: dict[str, Callable[[], object]] = {
            **panes,
            "filter": self._filter,
            "next_pane": partial(app.live.next_pane, 1),
            "previous_pane": partial(app.live.next_pane, -1),
            "zoom": app.main.zoom,
            "incidents": self._incidents,
            "metrics": self._metrics,
            "theme": app.next_theme,
            "back": app.live.back,
            "palette": app.action_command_palette,
            "help": self._help,
            "quit": app.leave,
        }
        ways[action_id]()

    def open_story(self, failure: FailureRow) -> None:
        """The story of a failure, over the main screen."""
        from aof_tui.tui.story import StoryScreen

        if self._app.live.kind is not View.STORY:
            self._app.push_screen(StoryScreen(self._desk, failure))
            self._app.call_after_refresh(self._app.tick)

    def open_incident(self, incident: IncidentRow) -> None:
        """An incident's open failures; without any, its log."""
        from_queue = self._app.live.kind is View.INCIDENTS
        self._to_main()
        self._app.call_later(partial(self._app.main.show_incident, incident, from_queue=from_queue))

    def _to_main(self) -> None:
        if self._app.live is not self._app.main:
            self._app.live.back()

    def _pane(self, number: int) -> None:
        self._to_main()
        self._app.call_later(self._app.main.activate_number, number)

    def _filter(self) -> None:
        """A filter belongs to a list: typed over a story, its letters would act on the failure shown."""
        if not self._app.live.has_lists:
            self._to_main()
            self._app.call_later(self._app.main.open_filter)
        else:
            self._app.live.open_filter()

    def _incidents(self) -> None:
        from aof_tui.tui.incidents import IncidentsScreen

        self._switch(View.INCIDENTS, lambda: IncidentsScreen(self._desk, self._app.main.looked_at))

    def _metrics(self) -> None:
        from aof_tui.tui.metrics import MetricsScreen

        self._switch(View.METRICS, lambda: MetricsScreen(self._desk))

    def _switch(self, kind: View, make: Callable[[], LiveScreen]) -> None:
        """Opens a screen instead of the one that lies over the main one; its key again closes it."""
        there = self._app.live.kind
        self._to_main()
        if there is not kind:
            self._app.call_later(self._push, make)

    def _push(self, make: Callable[[], LiveScreen]) -> None:
        self._app.push_screen(make())
        self._app.call_after_refresh(self._app.tick)

    def _help(self) -> None:
        from aof_tui.tui.help import HelpScreen

        self._app.push_screen(HelpScreen(self._app.situation()))
