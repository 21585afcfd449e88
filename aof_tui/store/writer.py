"""The one writer: runs whole transactions in the order in which they were asked for, one commit each."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Protocol, TypeVar

from aof_tui.base.errors import StoreError
from aof_tui.store.port import Tx

T = TypeVar("T")

log = logging.getLogger(__name__)


class Session(Protocol):
    """A connection with transaction control, as an adapter gives it to the writer."""

    @property
    def tx(self) -> Tx:
        """The statements of the open transaction."""
        ...

    async def begin(self) -> None:
        """Begin an immediate transaction."""
        ...

    async def commit(self) -> None: ...

    async def rollback(self) -> None:
        """Roll back; without an open transaction nothing happens."""
        ...


class Writer:
    """Owns a session and a task. Only that task ever touches the session, so no caller's cancellation reaches it."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._queue: asyncio.Queue[tuple[Callable[[], Awaitable[None]], asyncio.Future[Any]] | None] = asyncio.Queue()
        self._closed = False
        self._task = asyncio.get_running_loop().create_task(self._run(), name="store writer")

    async def write(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        """Queue `work` at once and wait for its commit. Cancelling the wait does not cancel the work."""
        return await self._queued(partial(self._transact, work))

    async def alone(self, work: Callable[[], Awaitable[T]]) -> T:
        """Run `work` between two transactions, in the order of calls. Cancelling the wait does not cancel it."""
        return await self._queued(work)

    async def _queued(self, work: Callable[[], Awaitable[T]]) -> T:
        self.refuse_inside()
        if self._closed:
            raise StoreError("the store is closed")
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._queue.put_nowait((partial(self._answer, work, answer), answer))
        try:
            return await answer
        finally:
            del answer  # See `_answer`.

    def refuse_inside(self) -> None:
        """A transaction that waits for the store would wait for itself: raises RuntimeError inside of one."""
        if asyncio.current_task() is self._task:
            raise RuntimeError("inside a transaction only its Tx may be used")

    async def stop(self) -> None:
        """Refuse new transactions, finish the queued ones and end the task."""
        if not self._closed:
            self._closed = True
            self._queue.put_nowait(None)
        await asyncio.wait([self._task])

    async def _run(self) -> None:
        try:
            while (job := await self._queue.get()) is not None:
                await job[0]()
        finally:
            self._closed = True
            while not self._queue.empty():
                if (job := self._queue.get_nowait()) is not None:
                    job[1].cancel()

    async def _answer(self, work: Callable[[], Awaitable[T]], answer: asyncio.Future[T]) -> None:
        try:
            result = await work()
        except Exception as error:
            if answer.done():
                log.warning("a transaction nobody waits for any more failed: %s", error)
            else:
                answer.set_exception(error)
        except BaseException:
            answer.cancel()
            raise
        else:
            if not answer.done():
                answer.set_result(result)
        finally:
            # An error knows the frames it came through; known by them, it would keep all that was to be written.
            del answer

    async def _transact(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        try:
            await self._session.begin()
            result = await work(self._session.tx)
            await self._session.commit()
        except BaseException:
            await self._session.rollback()
            raise
        return result
