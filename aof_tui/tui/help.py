"""Help, made from the action table: every key, and why one is off now."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from aof_tui.tui.actions import ACTIONS, Scope, key_name
from aof_tui.tui.cells import Cell, Line, Tone, pad
from aof_tui.tui.fitting import wrap_lines
from aof_tui.tui.situation import Situation
from aof_tui.tui.story import scrolling_keys
from aof_tui.tui.toned import SCROLL_BAR, Lines, ScrolledLines, TonedDialog

FILTER_HELP = (
    ("word word", "all of the words occur in title, error, recipe or job"),
    ("-word", "this word does not occur"),
    ("status: category:", "the beginning of a status or category is enough"),
    ("recipe: job: incident:", "of one recipe, job or incident"),
    ("kind: severity:", "of incidents; kind: also in the log"),
    ("level: receiver:", "in the log; in the notifications"),
    ("workspace:", "of one workspace, in every list"),
    ('"a b" -"status:held"', "quotes hold blanks together and make a field mere text"),
)


INDENT = 14


def help_lines(situation: Situation, width: int) -> tuple[Line, ...]:
    """All actions by scope, with the reason of those that are off, and the words of the filter."""
    lines: list[Line] = []
    for scope in Scope:
        lines += [(Cell(str(scope), Tone.MARK),)]
        for action in ACTIONS:
            if action.scope is scope:
                keys = pad(" ".join(key_name(key) for key in action.keys), 12)
                off = action.why_not(situation)
                lines.append(
                    (Cell(f"  {keys}", Tone.STRONG), Cell(pad(action.title, 17)), Cell(action.help, Tone.MUTED))
                )
                if off is not None:
                    lines.append((Cell(f"{' ' * INDENT}off: {off}", Tone.WARN),))
        lines.append(())
    lines.append((Cell("Filter", Tone.MARK),))
    lines += [(Cell(f"  {pad(typed, 24)}", Tone.STRONG), Cell(means, Tone.MUTED)) for typed, means in FILTER_HELP]
    return wrap_lines(tuple(lines), width - SCROLL_BAR)


class HelpText(ScrolledLines):
    """The text of the help."""

    BINDINGS: ClassVar[list[BindingType]] = scrolling_keys()

    def __init__(self, situation: Situation) -> None:
        super().__init__(id="help-text")
        self._situation = situation

    def lines(self, width: int) -> tuple[Line, ...]:
        return help_lines(self._situation, width)


class HelpScreen(TonedDialog[None]):
    """Any of the usual keys closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,question_mark,enter", "close", show=False)]

    def __init__(self, situation: Situation) -> None:
        super().__init__()
        self._situation = situation

    def compose(self) -> ComposeResult:
        with Vertical(id="help"):
            title = Lines(id="dialog-title")
            title.update(((Cell("Keys", Tone.STRONG), Cell("   Esc closes", Tone.MUTED)),))
            yield title
            yield HelpText(self._situation)

    def action_close(self) -> None:
        self.dismiss(None)
