"""What rows are said to stand in the way of is refused by the engine as well."""

from __future__ import annotations

from aof_tui.control.requests import Verb
from aof_tui.control.why_not import of_failure
from tests.engine.scene import MINUTE, Scene, play

VERBS = (Verb.RETRY, Verb.CANCEL, Verb.CLOSE, Verb.RELEASE, Verb.START_FALLBACK)


async def refused(scene: Scene) -> set[Verb]:
    """The verbs that the row shows to be in vain; the engine is asked for each."""
    row = await scene.failure()
    found = {verb for verb in VERBS if of_failure(verb, row) is not None}
    for verb in sorted(found):
        assert not (await scene.do(verb, reason="it is asked")).done, (verb, row.status)
    return found


def test_no_wish_is_said_to_be_in_vain_that_the_engine_would_grant() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.heals = True
        scene.workato.fail("j-1")
        await scene.until_status("scheduled")
        await scene.clock.sleep(2 * MINUTE)
        assert await refused(scene) == {Verb.RELEASE, Verb.START_FALLBACK}
        assert (await scene.do(Verb.CANCEL)).done
        assert await refused(scene) == {Verb.CANCEL}
        assert (await scene.do(Verb.RETRY)).done
        await scene.until_status("watching")
        assert await refused(scene) == {Verb.RETRY, Verb.CANCEL, Verb.RELEASE, Verb.START_FALLBACK}
        await scene.until_status("recovered")
        assert await refused(scene) == set(VERBS)

    play(story)
