"""Tells systemd how the program is (systemd: sd_notify), where systemd started it."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from contextlib import suppress

SHORTEST_S = 0.1


class SystemdService:
    """Sends datagrams to the socket that systemd names; without one it does nothing."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        address = environ.get("NOTIFY_SOCKET", "")
        # A leading @ names a socket that is in no file system.
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self.watchdog_s = _watchdog_s(environ) if address else None

    def ready(self) -> None:
        """The engine answers."""
        self._say("READY=1")

    def feed(self) -> None:
        """The engine gets on."""
        self._say("WATCHDOG=1")

    def stopping(self) -> None:
        """The engine ends in order, which may take a minute."""
        self._say("STOPPING=1")

    def _say(self, words: str) -> None:
        # Whether anybody listens must never matter to the engine.
        if self._address:
            with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
                out.setblocking(False)
                out.sendto(words.encode("ascii"), self._address)


def _watchdog_s(environ: Mapping[str, str]) -> float | None:
    """How often systemd wants to hear of this very process, in seconds."""
    if environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    microseconds = environ.get("WATCHDOG_USEC", "")
    return max(SHORTEST_S, int(microseconds) / 1e6) if microseconds.isdecimal() and int(microseconds) > 0 else None
