"""Tells systemd how the program is (systemd: sd_notify), where systemd started it."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from contextlib import suppress

from aof_tui.base.clock import monotonic_us
from aof_tui.base.text import one_line

SHORTEST_S = 0.1
RELOAD_WITHIN_S = 600.0
"""How long one engine may take to end and the next to begin: a large store is checked first."""


class SystemdService:
    """Sends datagrams to the socket that systemd names; without one it does nothing."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        address = environ.get("NOTIFY_SOCKET", "")
        # A leading @ names a socket that is in no file system.
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self.watchdog_s = _watchdog_s(environ) if address else None
        self._reloading = False

    def ready(self, status: str = "") -> None:
        """The engine answers; `status` is what `systemctl status` shows."""
        words = ["READY=1"]
        if self._reloading:
            words.append(f"STATUS={one_line(status)}")
            words += [f"WATCHDOG_USEC={self.watchdog_s * 1e6:.0f}"] if self.watchdog_s is not None else []
        self._reloading = False
        self._say(*words)

    def reloading(self) -> None:
        """The configuration is read again; `ready` ends it. Meanwhile the next engine may need as long as a first."""
        self._reloading = True
        patience = [f"WATCHDOG_USEC={RELOAD_WITHIN_S * 1e6:.0f}"] if self.watchdog_s is not None else []
        self._say("RELOADING=1", f"MONOTONIC_USEC={monotonic_us()}", *patience)

    def feed(self) -> None:
        """The engine gets on."""
        self._say("WATCHDOG=1")

    def stopping(self) -> None:
        """The engine ends in order, which may take a minute."""
        self._say("STOPPING=1")

    def _say(self, *words: str) -> None:
        # Whether anybody listens must never matter to the engine.
        if self._address:
            with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
                out.setblocking(False)
                out.sendto("\n".join(words).encode("utf-8", "replace"), self._address)


def _watchdog_s(environ: Mapping[str, str]) -> float | None:
    """How often systemd wants to hear of this very process, in seconds."""
    if environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    microseconds = environ.get("WATCHDOG_USEC", "")
    return max(SHORTEST_S, int(microseconds) / 1e6) if microseconds.isdecimal() and int(microseconds) > 0 else None
