"""The one table of what can be done. It feeds keys, footer, help, palette, read-only mode and "why not now"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from aof_tui.control.rows import FailureRow, WorkspaceState
from aof_tui.domain.words import FailureStatus, IncidentStatus, Mode, Reason


class Scope(StrEnum):
    """What an action is about; help is grouped by it."""

    FAILURE = "The failure under the cursor"
    INCIDENT = "The incident under the cursor"
    WORKSPACE = "The workspace"
    VIEW = "What is shown"
    LIST = "Moving in a list"
    PROGRAM = "The program"


@dataclass(frozen=True, slots=True)
class Situation:
    """What decides whether an action is possible."""

    read_only: bool = False
    engine: str = "running"
    fault: str | None = None
    """Why the engine does not answer, in words."""
    mode: str = Mode.ACT
    row_named: bool = False
    """The row under the cursor names a failure, known or still to be looked up."""
    failure: FailureRow | None = None
    """The failure itself, once it is known."""
    incident: str | None = None
    """The incident that a line of the log or a notification under the cursor is about."""
    workspace: WorkspaceState | None = None


WhyNot = Callable[[Situation], str | None]


def always(_: Situation) -> str | None:
    """Nothing stands in the way."""
    return None


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a person can do."""

    id: str
    keys: tuple[str, ...]
    title: str
    help: str
    scope: Scope
    acts: bool = False
    """It changes something at Workato or in the engine."""
    footer: bool = False
    specific: WhyNot = always

    def why_not(self, now: Situation) -> str | None:
        """Why it cannot be done now, in one sentence, or None."""
        if self.acts and (reason := _cannot_act(now)):
            return reason
        if self.scope is Scope.FAILURE and now.failure is None and not now.row_named:
            return "No failure is selected."
        return self.specific(now)


def _cannot_act(now: Situation) -> str | None:
    if now.read_only:
        return "This terminal is read-only."
    if now.fault is not None:
        return f"The engine does not answer: {now.fault}."
    if now.engine != "running":
        return f"The engine is not running (it is {now.engine})."
    return None


_RETRY_WAITS: Mapping[str, str] = MappingProxyType(
    {
        FailureStatus.REPEATING: "A repeat of this job is being sent now.",
        FailureStatus.WATCHING: "A repeat of this job is running: its end is awaited.",
        FailureStatus.IN_DOUBT: "It is being found out whether the last repeat was accepted.",
        FailureStatus.RECOVERED: "This failure has recovered.",
        FailureStatus.CLOSED: "This failure is closed.",
    }
)


def _nothing_is_sent(now: Situation, aim: str) -> str | None:
    if now.mode == Mode.OBSERVE:
        return f"The engine only observes: nothing is sent to Workato. Set “mode: act” to {aim}."
    if now.workspace is not None and now.workspace.paused_by is not None:
        return f"Repeats of {now.workspace.workspace} are paused by {now.workspace.paused_by}: P resumes them."
    if now.workspace is not None and now.workspace.acting_stopped is not None:
        return f"Acting stopped by itself: {now.workspace.acting_stopped}."
    return None


def _retry(now: Situation) -> str | None:
    nothing = _nothing_is_sent(now, "repeat jobs")
    return nothing if nothing or now.failure is None else _RETRY_WAITS.get(now.failure.status)


def held_for_stopped_recipe(failure: FailureRow | None) -> bool:
    """Whether the failure waits for its recipe to run again."""
    return failure is not None and failure.reason == Reason.RECIPE_STOPPED


def _start(now: Situation) -> str | None:
    if held_for_stopped_recipe(now.failure) or now.incident is not None:
        return _nothing_is_sent(now, "start recipes")
    return "Nothing here is about a stopped recipe: see its line in the log."


def _incident(now: Situation) -> str | None:
    if now.failure is None:
        return None
    return "This failure belongs to no incident yet." if now.failure.incident is None else None


def _acknowledge(now: Situation) -> str | None:
    if now.failure is not None and now.failure.incident_status == IncidentStatus.ACKNOWLEDGED:
        return f"{now.failure.incident} is acknowledged already."
    return _incident(now)


def _cancel(now: Situation) -> str | None:
    if now.failure is None or now.failure.status == FailureStatus.SCHEDULED:
        return None
    return "No repeat is planned for this failure."


def _close(now: Situation) -> str | None:
    if now.failure is not None and now.failure.status in (FailureStatus.RECOVERED, FailureStatus.CLOSED):
        return _RETRY_WAITS[now.failure.status]
    return None


def _release(now: Situation) -> str | None:
    if now.failure is not None and now.failure.status != FailureStatus.HELD:
        return "Only a held failure can be released."
    return _nothing_is_sent(now, "repeat jobs")


def _backlog(now: Situation) -> str | None:
    if now.workspace is None:
        return "No workspace is known yet."
    if not now.workspace.counts.get(FailureStatus.HELD):
        return f"Nothing of {now.workspace.workspace} is held."
    return _nothing_is_sent(now, "repeat jobs")


def _pause(now: Situation) -> str | None:
    return "No workspace is known yet." if now.workspace is None else None


ACTIONS: tuple[Action, ...] = (
    Action("retry", ("r",), "Retry", "repeat the job now, after a question", Scope.FAILURE, True, True, _retry),
    Action("escalate", ("e",), "Escalate", "tell the next level now", Scope.FAILURE, True, True, _incident),
    Action(
        "acknowledge", ("a",), "Ack", "take the incident: it stops escalating", Scope.FAILURE, True, True, _acknowledge
    ),
    Action(
        "cancel", ("x",), "Cancel", "cancel the planned repeat and hold the job", Scope.FAILURE, True, True, _cancel
    ),
    Action("close", ("c",), "Close", "close the failure for good, with a reason", Scope.FAILURE, True, True, _close),
    Action("release", ("R",), "Release", "plan the repeat of a held job again", Scope.FAILURE, True, False, _release),
    Action("start", ("s",), "Start recipe", "start the recipe that was stopped", Scope.INCIDENT, True, False, _start),
    Action("story", ("enter",), "Story", "everything known of the failure", Scope.FAILURE, False, True),
    Action("filter", ("slash",), "Filter", "show only what matches", Scope.VIEW, False, True),
    Action(
        "pause", ("P",), "Pause", "pause or resume all repeats of the workspace", Scope.WORKSPACE, True, True, _pause
    ),
    Action(
        "backlog",
        ("B",),
        "Backlog",
        "release or close all that was held for a word",
        Scope.WORKSPACE,
        True,
        False,
        _backlog,
    ),
    Action("next_pane", ("tab",), "Next pane", "go to the next pane", Scope.VIEW),
    Action("previous_pane", ("shift+tab",), "Previous pane", "go to the pane before", Scope.VIEW),
    Action("pane_failing", ("1",), "Failing jobs", "go to the failing jobs", Scope.VIEW),
    Action("pane_countdowns", ("2",), "Retry countdowns", "go to what happens next, and when", Scope.VIEW),
    Action("pane_log", ("3",), "Log", "go to the log of every event", Scope.VIEW),
    Action("pane_notices", ("4",), "Notifications", "go to who was told what", Scope.VIEW),
    Action("metrics", ("m",), "Metrics", "what failed, recovered and was away in a day", Scope.VIEW),
    Action("zoom", ("z",), "Zoom", "show one pane alone, or all again", Scope.VIEW),
    Action("theme", ("t",), "Theme", "switch to the next theme", Scope.VIEW),
    Action("line_up", ("k", "up"), "Up", "one line up", Scope.LIST),
    Action("line_down", ("j", "down"), "Down", "one line down", Scope.LIST),
    Action("page_up", ("pageup", "ctrl+b"), "Page up", "one page up", Scope.LIST),
    Action("page_down", ("pagedown", "ctrl+f"), "Page down", "one page down", Scope.LIST),
    Action("first", ("g", "home"), "First", "to the first line", Scope.LIST),
    Action("last", ("G", "end"), "Last", "to the last line; the log follows again", Scope.LIST),
    Action("back", ("escape",), "Back", "clear the filter, or leave this screen", Scope.PROGRAM),
    Action("palette", ("ctrl+p", "colon"), "Commands", "find an action by its name", Scope.PROGRAM),
    Action("help", ("question_mark",), "Help", "all keys, and why one is off", Scope.PROGRAM, False, True),
    Action("quit", ("q", "ctrl+q"), "Quit", "leave; asks when repeats are pending", Scope.PROGRAM, False, True),
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
