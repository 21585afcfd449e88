"""Work that is asked for often and done once at a time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from textual.dom import DOMNode


class Coalesced:
    """Runs `work` as a worker of `owner`. Asking while it runs makes it run once more, however often one asks."""

    def __init__(self, owner: DOMNode, work: Callable[[], Awaitable[None]]) -> None:
        self._owner = owner
        self._work = work
        self._wanted = False
        self._running = False

    def request(self) -> None:
        """Asks for the work to be done, soon."""
        self._wanted = True
        if not self._running and self._owner.is_attached:
            self._running = True
            self._owner.run_worker(self._run())

    async def _run(self) -> None:
        try:
            while self._wanted:
                self._wanted = False
                await self._work()
        finally:
            self._running = False
