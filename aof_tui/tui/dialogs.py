"""The modal question: y and n, Cancel chosen at first, words asked for where they are needed."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input

from aof_tui.tui.cells import Cell, Tone
from aof_tui.tui.question import Question
from aof_tui.tui.toned import Lines, TonedDialog

MAX_REASON = 500
AROUND_BODY = 6
"""Lines of a dialog besides what is asked: padding, title, the gap and the buttons."""
REASON_HEIGHT = 2


class Ask(TonedDialog[str | None]):
    """Asks one question. Answers None for no, else the words typed, which are none where none are asked for."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n,escape,q", "no", show=False),
        Binding("left,right,h,l", "other_button", show=False),
    ]
    """The keys that a question names are bound with it."""

    def __init__(self, question: Question) -> None:
        super().__init__()
        self.question = question
        self._bindings.bind(question.key, "yes", show=False)
        for place, (key, _) in enumerate(question.others):
            self._bindings.bind(key, f"other({place})", show=False)

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            title = Lines(id="dialog-title")
            title.update(((Cell(self.question.title, Tone.STRONG),),))
            yield title
            body = Lines(id="dialog-body")
            body.styles.height = len(self.question.lines)
            body.update(self.question.lines)
            yield body
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
        """What is asked is cut before the buttons are: an answer must never be given to what cannot be seen."""
        asked = AROUND_BODY + (REASON_HEIGHT if self.question.reason_asked is not None else 0)
        room = max(1, event.size.height - asked)
        self.query_one("#dialog-body").styles.height = min(len(self.question.lines), room)

    def on_mount(self) -> None:
        first = "#no" if self.question.reason_asked is None else "#reason"
        self.query_one(first).focus()

    def action_yes(self) -> None:
        """Confirms, if the reason asked for is there."""
        if self.question.reason_asked is None:
            self.dismiss("")
            return
        field = self.query_one("#reason", Input)
        if reason := field.value.strip():
            self.dismiss(reason)
        else:
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
