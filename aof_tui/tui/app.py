"""The terminal application over a Control: what Textual does by itself made safe, time, questions, leaving."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.events import Event, Key, Paste
from textual.filter import LineFilter
from textual.screen import Screen

from aof_tui.base.clock import Clock, SystemClock
from aof_tui.base.text import one_line
from aof_tui.control.protocol import Control
from aof_tui.control.requests import Topic
from aof_tui.tui.actions import ACTIONS, Scope
from aof_tui.tui.desk import Desk
from aof_tui.tui.follow import Follower
from aof_tui.tui.live_screen import LiveScreen
from aof_tui.tui.main_screen import MainScreen
from aof_tui.tui.row_view import RowView
from aof_tui.tui.situation import Situation
from aof_tui.tui.terminal import InertText
from aof_tui.tui.themes import BUILT_IN, OWN_VARIABLES, Themes, own_themes
from aof_tui.tui.type_ahead import NEVER_WAITS, Followed, TypeAhead

if TYPE_CHECKING:
    from textual.command import Provider

    from aof_tui.tui.dispatch import Dispatch
    from aof_tui.tui.question import Question

TICK_S = 0.25
TICKS_IN_A_SECOND = 4
MAX_TOAST = 400


def _action_commands() -> type[Provider]:
    from aof_tui.tui.palette import ActionCommands

    return ActionCommands


class AofApp(App[int]):
    """Shows what a Control says and sends what a person decides."""

    CSS_PATH = "app.tcss"
    TITLE = "aof-tui"
    COMMANDS = {_action_commands}  # noqa: RUF012 - Textual declares it
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(key, f"do('{action.id}')", action.title, show=False, priority=key == NEVER_WAITS)
        for action in ACTIONS
        if action.scope not in (Scope.LIST, Scope.VIEW)
        for key in action.keys
    ]

    def __init__(
        self,
        control: Control,
        *,
        actor: str,
        read_only: bool = False,
        ends_engine: bool = False,
        store_stays: bool = True,
        clock: Clock | None = None,
        read_themes: Callable[[], Themes] = own_themes,
        on_first_paint: Callable[[], None] | None = None,
    ) -> None:
        """`ends_engine`: leaving ends the engine too; without `store_stays` also all that it knows.

        `on_first_paint` is called once, when something shows, and after it `read_themes`.
        """
        super().__init__()
        self.desk = Desk(control, SystemClock() if clock is None else clock, actor=actor, read_only=read_only)
        self.main = MainScreen(self.desk)
        self.type_ahead = TypeAhead(self)
        self._store_stays = store_stays
        self._follower = Follower(self.desk, self._show_changes)
        self._read_themes = read_themes
        self._theme_names: tuple[str, ...] = ()
        self._ends_engine = ends_engine
        self._on_first_paint = on_first_paint
        self._inert = InertText()
        self._leaving = False
        self._lost = False
        self._ticks = 0
        self._begin_with_built_in_theme()

    @cached_property
    def _dispatch(self) -> Dispatch:
        from aof_tui.tui.dispatch import Dispatch

        return Dispatch(self, self.desk, store_stays=self._store_stays)

    # Themes

    def _begin_with_built_in_theme(self) -> None:
        self.register_theme(BUILT_IN)
        # Without its watcher: the styles are not read yet, and reading them twice delays the first screen.
        self.set_reactive(App.theme, BUILT_IN.name)
        self.set_class(BUILT_IN.dark, "-dark-mode")
        self.add_class(f"-theme-{BUILT_IN.name}")
        self.stylesheet.set_variables(self.get_css_variables())

    def _take_themes(self) -> None:
        themes = self._read_themes()
        for theme in themes.good:
            changed = theme.name == self.theme and theme != BUILT_IN
            self.register_theme(theme)
            if changed:
                self.refresh_css()
        self._theme_names = tuple(theme.name for theme in themes.good)
        for problem in themes.problems:
            self.tell(f"Theme not used: {problem}", good=False)

    def next_theme(self) -> None:
        """Another look."""
        names = self._theme_names
        if names:
            place = names.index(self.theme) if self.theme in names else -1
            self.theme = names[(place + 1) % len(names)]
            self.tick()

    # Textual's own ways, made safe

    def get_line_filters(self) -> Sequence[LineFilter]:
        return [*super().get_line_filters(), self._inert]

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return dict(OWN_VARIABLES)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """None: Textual's own would write pictures of customer data to disk."""
        return ()

    def _fatal_error(self) -> None:
        from rich.segment import Segments
        from rich.traceback import Traceback

        # Textual's own prints the values of local variables, which can be secrets and customer data.
        traceback = Traceback(show_locals=False, width=None)
        self._exit_renderables.append(Segments(self.console.render(traceback, self.console.options)))
        self._close_messages_no_wait()

    async def on_event(self, event: Event) -> None:
        if isinstance(event, Key | Paste) and not event.is_forwarded:
            if not self.type_ahead.holds(event):
                await self.take_key(event)
        else:
            await super().on_event(event)

    async def take_key(self, event: Key | Paste) -> None:
        """Lets a key do what it does, when its turn has come."""
        await super().on_event(event)
        self.type_ahead.let_in()

    @on(Followed)
    def _key_followed(self, message: Followed) -> None:
        self.type_ahead.followed(message)

    def get_default_screen(self) -> Screen[Any]:
        return self.main

    # Beginning and time

    def on_mount(self) -> None:
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        if self._on_first_paint is not None:
            self._on_first_paint()
        self.run_worker(self._follower.run(), name="follow")
        self.set_interval(TICK_S, self._timer)
        self._take_themes()

    def _timer(self) -> None:
        self._ticks += 1
        self.type_ahead.tick()
        if self.desk.time.rate > 1 or self._ticks % TICKS_IN_A_SECOND == 0:
            self.tick()

    def tick(self) -> None:
        """Time has passed or something has changed: repaints what that changes."""
        situation = self.situation()
        for screen in self.screen_stack:
            if isinstance(screen, LiveScreen):
                screen.tick(situation)

    @on(RowView.Moved)
    def _row_moved(self) -> None:
        self.live.show_keys(self.situation())

    def _show_changes(self, topics: frozenset[Topic]) -> None:
        if self.desk.kept_out or (self._ends_engine and self.desk.gone and self.desk.status is None):
            # It never came up (another engine holds the store, say): nothing to show, and the reason is told outside.
            self.exit(1)
        for screen in self.screen_stack:
            if isinstance(screen, LiveScreen):
                screen.reload(topics)
        self._tell_of_loss()
        self.tick()

    def _tell_of_loss(self) -> None:
        """Once when the engine is lost, once when it is back; between them the header tells of it."""
        lost = self.desk.status is not None and self.desk.fault is not None
        if lost == self._lost:
            return
        self._lost = lost
        if not lost:
            self.tell("The engine answers again.")
        elif self.desk.gone:
            self.tell(f"The engine has stopped: {self.desk.fault}.", good=False)
        else:
            self.tell(f"Lost the engine: {self.desk.fault}. What is shown is old; it is asked again.", good=False)

    # Talking with the person

    def tell(self, message: str, *, good: bool = True) -> None:
        """One toast about what the person did."""
        text = one_line(message[:MAX_TOAST])
        self.notify(text, severity="information" if good else "warning", markup=False)

    async def ask(self, question: Question) -> str | None:
        """Asks; None means no."""
        from aof_tui.tui.dialogs import Ask

        # Behind all keys that were read before it.
        shown = partial(self.call_later, self.type_ahead.question_shows)
        answer = await self.push_screen_wait(Ask(question, on_shown=shown))
        self.type_ahead.question_comes()
        return answer

    # Actions

    @property
    def live(self) -> LiveScreen:
        """The uppermost screen that shows the engine."""
        for screen in reversed(self.screen_stack):
            if isinstance(screen, LiveScreen):
                return screen
        return self.main

    def situation(self) -> Situation:
        """What decides which actions are possible now."""
        return self._dispatch.situation()

    def action_do(self, action_id: str) -> None:
        """Does an action of the table, or says why not."""
        self._dispatch.do(action_id)

    # Leaving

    async def action_quit(self) -> None:
        self.leave()

    def leave(self) -> None:
        """Leaves what lies over the main screen, else the program."""
        if self.live is not self.main:
            self.live.back()
        elif not self._leaving:
            self._leaving = True
            self.type_ahead.question_comes()
            self.run_worker(self._ask_and_leave())

    async def _ask_and_leave(self) -> None:
        if not self._ends_engine or await self._dispatch.confirm_quit():
            self.exit(0)
        self._leaving = False
        self.type_ahead.nothing_asked()
