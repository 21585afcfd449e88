"""The one table of what can be done. It feeds keys, footer, help, palette, read-only mode and "why not now"."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum, auto
from types import MappingProxyType

from msgspec import Struct

from aof_tui.tui import reasons
from aof_tui.tui.reasons import WhyNot, always
from aof_tui.tui.situation import Situation


class Scope(StrEnum):
    """What an action is about; help is grouped by it."""

    ROW = "What is under the cursor"
    FAILURE = "The failure under the cursor"
    INCIDENT = "The incident under the cursor, or that of the failure"
    WORKSPACE = "The workspace"
    VIEW = "What is shown"
    LIST = "Moving in a list"
    PROGRAM = "The program"


class View(StrEnum):
    """A screen with a footer."""

    MAIN = auto()
    STORY = auto()
    INCIDENTS = auto()
    METRICS = auto()


NOWHERE: frozenset[View] = frozenset()
MAIN = frozenset({View.MAIN})
FAILURES = frozenset({View.MAIN, View.STORY})
INCIDENTS = frozenset({View.INCIDENTS})
BESIDES = frozenset({View.STORY, View.INCIDENTS, View.METRICS})
"""Screens that one comes back from."""
EVERYWHERE = frozenset(View)


class Action(Struct, frozen=True):
    """One thing a person can do. A footer shows actions in the order of the table and leaves the last ones out."""

    id: str
    keys: tuple[str, ...]
    title: str
    help: str
    scope: Scope
    acts: bool = False
    """It changes something at Workato or in the engine."""
    footer: frozenset[View] = NOWHERE
    specific: WhyNot = always

    def why_not(self, now: Situation) -> str | None:
        """Why it cannot be done now, in one sentence, or None."""
        if self.acts and (reason := reasons.cannot_act(now)):
            return reason
        if self.scope is Scope.FAILURE and (reason := reasons.no_failure(now)):
            return reason
        if self.scope is Scope.INCIDENT and (reason := reasons.no_incident(now)):
            return reason
        return self.specific(now)


def _on_failure(
    id: str, key: str, title: str, help: str, why_not: WhyNot, footer: frozenset[View] = FAILURES
) -> Action:
    return Action(id, (key,), title, help, Scope.FAILURE, True, footer, why_not)


def _on_incident(
    id: str, key: str, title: str, help: str, why_not: WhyNot, footer: frozenset[View] = INCIDENTS
) -> Action:
    return Action(id, (key,), title, help, Scope.INCIDENT, True, footer, why_not)


def _on_workspace(
    id: str, key: str, title: str, help: str, why_not: WhyNot, footer: frozenset[View] = NOWHERE
) -> Action:
    return Action(id, (key,), title, help, Scope.WORKSPACE, True, footer, why_not)


def _view(id: str, key: str, title: str, help: str, footer: frozenset[View] = NOWHERE) -> Action:
    return Action(id, (key,), title, help, Scope.VIEW, False, footer)


ACTIONS: tuple[Action, ...] = (
    _on_failure("retry", "r", "Retry", "repeat the job now, after a question", reasons.retry),
    _on_incident("acknowledge", "a", "Ack", "take it: it stops escalating", reasons.acknowledge, FAILURES | INCIDENTS),
    _on_incident("escalate", "e", "Escalate", "tell the next level now", reasons.on_incident, FAILURES | INCIDENTS),
    _on_incident("snooze", "S", "Snooze", "leave it alone for some hours", reasons.on_incident),
    _on_incident("resolve", "v", "Resolve", "it is over", reasons.resolve),
    _on_failure("cancel", "x", "Cancel", "cancel the planned repeat and hold the job", reasons.cancel),
    Action(
        "open",
        ("enter",),
        "Open",
        "a failure's story; an incident's failures",
        Scope.ROW,
        False,
        MAIN | INCIDENTS,
        reasons.nothing_to_open,
    ),
    _view("incidents", "i", "Incidents", "all that is not resolved, the worst first", MAIN),
    _view("filter", "slash", "Filter", "show only what matches", MAIN | INCIDENTS),
    _on_failure("close", "c", "Close", "close the failure for good, with a reason", reasons.close),
    _on_failure("release", "R", "Release", "plan the repeat of a held job again", reasons.release),
    _on_failure("fallback", "F", "Fallback", "start its fallback recipe, after a question", reasons.fallback),
    _on_incident("assign", "A", "Assign", "say who sees to it", reasons.on_incident),
    Action(
        "start", ("s",), "Start recipe", "start the recipe that was stopped", Scope.ROW, True, INCIDENTS, reasons.start
    ),
    _on_workspace("pause", "P", "Pause", "pause or resume all repeats", reasons.on_workspace, MAIN),
    _on_workspace(
        "backlog", "B", "Backlog", "release or close all that was held for a word", reasons.backlog, INCIDENTS
    ),
    _on_workspace(
        "breaker", "b", "Breaker", "close a downstream's breaker, or open one", reasons.on_workspace, INCIDENTS
    ),
    _view("metrics", "m", "Metrics", "what failed, recovered and was away in a day", MAIN),
    _view("next_pane", "tab", "Next pane", "go to the next pane"),
    _view("previous_pane", "shift+tab", "Previous pane", "go to the pane before"),
    _view("pane_failing", "1", "Failing jobs", "go to the failing jobs"),
    _view("pane_countdowns", "2", "Retry countdowns", "go to what happens next, and when"),
    _view("pane_log", "3", "Log", "go to the log of every event"),
    _view("pane_notices", "4", "Notifications", "go to who was told what"),
    _view("zoom", "z", "Zoom", "show one pane alone, or all again"),
    _view("theme", "t", "Theme", "switch to the next theme"),
    Action("line_up", ("k", "up"), "Up", "one line up", Scope.LIST),
    Action("line_down", ("j", "down"), "Down", "one line down", Scope.LIST),
    Action("page_up", ("pageup", "ctrl+b"), "Page up", "one page up", Scope.LIST),
    Action("page_down", ("pagedown", "ctrl+f"), "Page down", "one page down", Scope.LIST),
    Action("first", ("g", "home"), "First", "to the first line", Scope.LIST),
    Action("last", ("G", "end"), "Last", "to the last line; the log follows again", Scope.LIST),
    Action("palette", ("ctrl+p", "colon"), "Commands", "find an action by its name", Scope.PROGRAM),
    Action("back", ("escape",), "Back", "clear the filter, or leave this screen", Scope.PROGRAM, False, BESIDES),
    Action("help", ("question_mark",), "Help", "all keys, and why one is off", Scope.PROGRAM, False, EVERYWHERE),
    Action("quit", ("q", "ctrl+q"), "Quit", "leave; asks when repeats are pending", Scope.PROGRAM, False, MAIN),
)

BY_ID: Mapping[str, Action] = MappingProxyType({action.id: action for action in ACTIONS})

_KEY_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "enter": "Enter",
        "escape": "Esc",
        "slash": "/",
        "question_mark": "?",
        "colon": ":",
        "tab": "Tab",
        "shift+tab": "Shift-Tab",
        "pageup": "PgUp",
        "pagedown": "PgDn",
        "home": "Home",
        "end": "End",
        "up": "↑",
        "down": "↓",
    }
)


def key_name(key: str) -> str:
    """A key as people write it."""
    if key in _KEY_NAMES:
        return _KEY_NAMES[key]
    return key.replace("ctrl+", "Ctrl-")
