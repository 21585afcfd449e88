"""Who started the program and watches it."""

from __future__ import annotations

from typing import Protocol


class Service(Protocol):
    """The service manager that started the program."""

    @property
    def watchdog_s(self) -> float | None:
        """How often it wants to be fed at least, in real seconds; None where it does not watch."""
        ...

    def feed(self) -> None:
        """The program gets on."""
        ...
