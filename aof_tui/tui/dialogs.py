"""The modal question: y and n, Cancel chosen at first, words asked for where they are needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input

from aof_tui.base.text import display_width
from aof_tui.tui.cells import Cell, Line, Tone
from aof_tui.tui.fitting import wrap_lines
from aof_tui.tui.question import Question
from aof_tui.tui.toned import SCROLL_BAR, Lines, ScrolledLines, TonedDialog

MAX_REASON = 500
WIDEST = 72
"""Cells of a dialog, as the style sheet has it."""
BESIDES = 4
"""Cells of a dialog at the sides of its text."""
LOW_BELOW = 14
"""Lines of the terminal below which a dialog does without empty ones."""


LOOSE, TIGHT = 6, 2
"""Cells of a button besides its words, with room around it and without."""


class Asked(ScrolledLines, can_focus=False):
    """What is asked, broken into lines; the keys of the dialog scroll it."""

    def __init__(self, asked: tuple[Line, ...]) -> None:
        super().__init__(id="dialog-body")
        self._asked = asked

    def fit(self, width: int, room: int) -> bool:
        """Takes as many lines as there are, or as there is room for; whether some stay hidden."""
        needed = len(self.lines(width))
        self.styles.height = min(needed, room)
        return needed > room

    def lines(self, width: int) -> tuple[Line, ...]:
        return wrap_lines(self._asked, width - SCROLL_BAR)


class Ask(TonedDialog[str | None]):
    """Asks one question. Answers None for no, else the words typed, which are none where none are asked for."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n,escape,q", "no", show=False),
        Binding("left,right,h,l", "other_button", show=False),
        Binding("up,k", "scroll_text(-1)", show=False),
        Binding("down,j", "scroll_text(1)", show=False),
        Binding("pageup", "scroll_text(-5)", show=False),
        Binding("pagedown", "scroll_text(5)", show=False),
    ]
    """The keys that a question names are bound with it."""

    def __init__(self, question: Question, *, on_shown: Callable[[], object]) -> None:
        """`on_shown` is called when keys can answer it, just before it is painted."""
        super().__init__()
        self._on_shown = on_shown
        self.question = question
        self._bindings.bind(question.key, "yes", show=False)
        for place, (key, _) in enumerate(question.others):
            self._bindings.bind(key, f"other({place})", show=False)

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            yield Lines(id="dialog-title")
            yield Asked(self.question.lines)
            if self.question.reason_asked is not None:
                yield Input(
                    self.question.typed,
                    id="reason",
                    placeholder=self.question.reason_asked,
                    max_length=MAX_REASON,
                )
            # While a reason is typed, letters are letters.
            no, yes = ("n", self.question.key) if self.question.reason_asked is None else ("Esc", "Enter")
            with Horizontal(id="buttons"):
                yield Button(f"{self.question.cancel} ({no})", id="no", compact=True)
                others = [
                    Button(f"{name} ({key})", id=f"other-{place}", classes="other", compact=True)
                    for place, (key, name) in enumerate(self.question.others)
                ]
                confirm = Button(f"{self.question.confirm} ({yes})", id="yes", compact=True)
                # Choices of one kind are read from the first to the last; another thing to do stands before yes.
                yield from [confirm, *others] if self.question.key != "y" else [*others, confirm]

    def on_resize(self, event: events.Resize) -> None:
        """Lays all out anew. What is asked can be scrolled, and the buttons stay: both must be seen to answer."""
        width = min(WIDEST, event.size.width) - BESIDES
        low = event.size.height < LOW_BELOW
        self.set_class(low, "-low")
        gap = 0 if low else 1
        # Padding, title and its gap, the gap below the text, the field and its gap, the buttons.
        taken = 2 * gap + 1 + gap + gap + self._fit_buttons(width)
        if self.question.reason_asked is not None:
            taken += 1 + gap
        body = self.query_one(Asked)
        hidden = body.fit(width, max(1, event.size.height - taken))
        more = (Cell("  ↑↓ more", Tone.WARN),) if hidden else ()
        self.query_one("#dialog-title", Lines).update(((Cell(self.question.title, Tone.STRONG), *more),))

    def _fit_buttons(self, width: int) -> int:
        """Brings all buttons into the width, one below the other if need be; how many lines they take."""
        buttons = list(self.query(Button))
        words = sum(display_width(str(button.label)) for button in buttons)
        box = self.query_one("#buttons")
        tight = words + LOOSE * len(buttons) > width
        stacked = words + TIGHT * len(buttons) > width
        box.set_class(tight, "-tight")
        box.set_class(stacked, "-stacked")
        return len(buttons) if stacked else 1

    def on_mount(self) -> None:
        first = "#no" if self.question.reason_asked is None else "#reason"
        self.query_one(first).focus()
        self._on_shown()

    def action_scroll_text(self, by: int) -> None:
        self.query_one(Asked).scroll_relative(y=by, animate=False)

    def action_yes(self) -> None:
        """Confirms, if the reason asked for is there."""
        if self.question.reason_asked is None:
            self.dismiss("")
            return
        field = self.query_one("#reason", Input)
        if reason := field.value.strip():
            self.dismiss(reason)
        else:
            what = (self.question.reason_asked or "").partition(",")[0].lower()
            field.value = ""
            field.placeholder = f"A {what} is needed; Esc cancels"
            field.add_class("-needed")
            field.focus()
            self.app.bell()

    def action_no(self) -> None:
        self.dismiss(None)

    def action_other(self, place: int) -> None:
        self.dismiss(self.question.others[place][1])

    def action_other_button(self) -> None:
        buttons = list(self.query(Button))
        here = next((place for place, button in enumerate(buttons) if button.has_focus), 0)
        buttons[(here + 1) % len(buttons)].focus()

    @on(Button.Pressed, "#yes")
    @on(Input.Submitted, "#reason")
    def confirm(self, event: events.Event | Button.Pressed | Input.Submitted) -> None:
        event.stop()
        self.action_yes()

    @on(Button.Pressed, ".other")
    def choose_other(self, event: Button.Pressed) -> None:
        event.stop()
        self.action_other(int((event.button.id or "").removeprefix("other-")))

    @on(Button.Pressed, "#no")
    def refuse(self, event: Button.Pressed) -> None:
        event.stop()
        self.action_no()
