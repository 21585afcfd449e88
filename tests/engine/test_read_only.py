"""An engine that was begun as read-only does nothing for anybody, whatever a screen or a script leaves out."""

from __future__ import annotations

import asyncio

from aof_tui.control.protocol import Control
from aof_tui.control.requests import Command, Verb
from aof_tui.engine.engine import Engine
from aof_tui.simulator.virtual_time import VirtualClock, run_virtual
from tests.engine.scene import MINUTE, Scene
from tests.harness.virtual import WORKSPACE


def test_every_wish_is_refused_and_nothing_changes() -> None:
    async def main(clock: VirtualClock) -> None:
        scene = Scene(clock, {"mode": "observe"})
        scene.workato.fail("j-1")
        stop = asyncio.Event()
        ready: asyncio.Future[Control] = asyncio.get_running_loop().create_future()
        engine = Engine(scene.bench.settings, scene.bench.ports(), read_only=True)
        task = asyncio.create_task(engine.run(ready.set_result, stop))
        control = await ready
        await clock.sleep(MINUTE)
        before = await scene.bench.rows("SELECT status, reason FROM failure")
        assert len(before) == 1
        for verb in Verb:
            wish = Command(verb, "cli:ana", WORKSPACE, "j-1", "I1", "a reason", "60")
            answer = await control.command(wish)
            assert (answer.done, answer.message) == (False, "this engine is read-only"), verb
        assert (await control.status()).read_only
        assert await scene.bench.rows("SELECT status, reason FROM failure") == before
        assert await scene.bench.rows("SELECT 1 FROM event WHERE actor != 'engine'") == []
        stop.set()
        await task
        assert scene.workato.repeats == []

    run_virtual(main)
