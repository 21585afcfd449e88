"""The least that Textual can show: one word on an empty screen."""

from __future__ import annotations

from textual.app import App
from textual.screen import Screen

WORD = "nothing"


class Nothing(Screen[None]):
    """Says so."""

    def render(self) -> str:
        return WORD


class EmptyApp(App[None]):
    """Has no screen but this one."""

    def get_default_screen(self) -> Screen[None]:
        return Nothing()


if __name__ == "__main__":
    EmptyApp().run()
