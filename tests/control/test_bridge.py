"""A Control across two threads: answers, time limits, the engine's death."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from aof_tui.base.clock import SystemClock
from aof_tui.base.errors import StoreHeldError, UsageError
from aof_tui.control.bridge import EngineFaultError, EngineGoneError, EngineUnreachableError, ThreadBridge
from aof_tui.control.protocol import Control
from aof_tui.control.requests import (
    Changes,
    Command,
    EventQuery,
    FailureQuery,
    IncidentQuery,
    NotificationQuery,
    Topic,
    Verb,
)
from aof_tui.control.thread import EngineThread
from tests.control.fake import BareControl, empty_status

RETRY = Command(Verb.RETRY, "terminal:ana", "prod", "j-1")


class Host:
    """An engine main around a BareControl, made in the engine's own loop."""

    def __init__(self, *, hang: bool = False) -> None:
        self.hang = hang
        self.bare: BareControl | None = None
        self.loop: asyncio.AbstractEventLoop | None = None

    async def __call__(self, ready: Callable[[Control], None], stop: asyncio.Event) -> None:
        self.bare = BareControl(hang=self.hang)
        self.loop = asyncio.get_running_loop()
        ready(self.bare)
        await stop.wait()

    def there(self, act: Callable[[BareControl], None]) -> None:
        """Runs something on the engine's loop."""
        assert self.loop is not None
        assert self.bare is not None
        self.loop.call_soon_threadsafe(act, self.bare)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - the condition changes in another thread
            await asyncio.sleep(0.001)


async def ready(thread: EngineThread) -> None:
    def answers() -> bool:
        try:
            thread.living()
        except EngineUnreachableError:
            return False
        return True

    await until(answers)


@asynccontextmanager
async def hosted(host: Host) -> AsyncIterator[EngineThread]:
    thread = EngineThread(host)
    thread.start()
    try:
        await ready(thread)
        yield thread
    finally:
        thread.request_stop()
        assert thread.join(10)


def quick(thread: EngineThread) -> ThreadBridge:
    return ThreadBridge(thread, SystemClock(), answer_within_s=0.05, command_within_s=0.05)


async def test_every_question_reaches_the_engine_and_comes_back() -> None:
    host = Host()
    async with hosted(host) as thread:
        control = thread.control
        assert await control.status() == empty_status()
        assert (await control.failures(FailureQuery())).total == 0
        assert (await control.incidents(IncidentQuery())).total == 0
        assert (await control.events(EventQuery())).total == 0
        assert (await control.notifications(NotificationQuery())).total == 0
        assert await control.story("prod", "j-1") is None
        assert (await control.command(RETRY)).done
        assert host.bare is not None
        assert host.bare.commands == [RETRY]


async def test_an_error_of_the_engine_comes_back_as_it_is() -> None:
    async with hosted(Host()) as thread:
        with pytest.raises(UsageError, match="makes no reports"):
            await thread.control.report("prod", 0, 1)


async def test_a_fault_of_the_engine_is_named_by_its_kind_alone(caplog: pytest.LogCaptureFixture) -> None:
    async with hosted(Host()) as thread:
        with pytest.raises(EngineFaultError, match=r"failed to answer: LookupError$"):
            await thread.control.incidents(IncidentQuery(text=("fault",)))
    assert "the engine failed to answer" in caplog.text


async def test_a_stuck_engine_never_holds_the_caller() -> None:
    host = Host(hang=True)
    async with hosted(host) as thread:
        with pytest.raises(EngineUnreachableError, match="has not answered"):
            await quick(thread).status()


async def test_a_late_command_is_not_taken_back() -> None:
    host = Host(hang=True)
    async with hosted(host) as thread:
        with pytest.raises(EngineUnreachableError, match="may still be done"):
            await quick(thread).command(RETRY)
        host.there(lambda bare: bare.let_go.set())
        assert host.bare is not None
        bare = host.bare
        await until(lambda: bare.commands == [RETRY])


async def test_the_feed_is_pulled_and_ends() -> None:
    host = Host()
    async with hosted(host) as thread:
        feed = thread.control.subscribe()
        assert await feed.wait(0) == Changes()
        for number in range(5_000):
            host.there(lambda bare, number=number: bare.hub.publish([Topic.FAILURES], [f"j-{number}"]))  # type: ignore[misc]  # mypy cannot infer a lambda with a default
        await thread.control.status()
        assert await feed.wait(5) == Changes(frozenset({Topic.FAILURES}), everything=True)
        feed.close()
        feed.close()


async def test_before_its_start_an_engine_is_unreachable_and_never_asked() -> None:
    thread = EngineThread(Host())
    with pytest.raises(EngineUnreachableError, match="starting"):
        await thread.control.status()
    assert thread.join(0)


async def test_an_ended_engine_is_gone() -> None:
    async with hosted(Host()) as thread:
        feed = thread.control.subscribe()
        await feed.wait(0)
        thread.request_stop()
        assert thread.join(10)
        with pytest.raises(EngineGoneError, match="has stopped"):
            await thread.control.status()
        feed.close()
        thread.request_stop()


async def test_an_engine_that_ends_while_it_is_asked_does_not_cancel_the_caller() -> None:
    host = Host(hang=True)
    async with hosted(host) as thread:
        asked = asyncio.ensure_future(thread.control.status())
        assert host.bare is not None
        bare = host.bare
        await until(lambda: bare.calls == 1)
        thread.request_stop()
        with pytest.raises(EngineGoneError):
            await asked


async def test_a_cancelled_caller_is_cancelled() -> None:
    host = Host(hang=True)
    async with hosted(host) as thread:
        asked = asyncio.ensure_future(thread.control.status())
        assert host.bare is not None
        bare = host.bare
        await until(lambda: bare.calls == 1)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked


class ClosedSeat:
    """The instant in which an engine's loop has closed but its thread has not said so yet."""

    def living(self) -> tuple[asyncio.AbstractEventLoop, Control]:
        loop = asyncio.new_event_loop()
        loop.close()
        return loop, BareControl()


async def test_a_closed_loop_is_an_engine_that_is_gone() -> None:
    with pytest.raises(EngineGoneError):
        await ThreadBridge(ClosedSeat()).status()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (StoreHeldError("process 7 holds the store"), "died: process 7 holds the store"),
        (ValueError("token=abc"), "died: ValueError"),
    ],
)
async def test_a_dead_engine_says_of_what_but_quotes_only_its_own_errors(error: Exception, words: str) -> None:
    async def die(ready: Callable[[Control], None], stop: asyncio.Event) -> None:
        raise error

    thread = EngineThread(die)
    thread.start()
    assert thread.join(10)
    assert thread.error is error
    with pytest.raises(EngineGoneError) as gone:
        await thread.control.status()
    assert str(gone.value).endswith(words)


async def test_a_stop_asked_for_before_the_start_prevents_it() -> None:
    thread = EngineThread(Host())
    thread.request_stop()
    thread.start()
    assert not thread.started
    assert thread.join(0)


async def test_a_stop_asked_for_at_any_moment_of_the_start_is_not_lost() -> None:
    for _ in range(50):
        thread = EngineThread(Host())
        thread.start()
        asker = threading.Thread(target=thread.request_stop)
        asker.start()
        assert await asyncio.to_thread(thread.join, 10)
        asker.join()
