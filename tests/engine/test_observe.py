"""A rule on trial says what it would repeat and sends nothing; a person stands above it."""

from __future__ import annotations

from aof_tui.control.requests import Verb
from tests.engine.scene import Scene, play

ON_TRIAL = [{"name": "trial", "match": {"category": ["rate_limit"]}, "mode": "observe", "repeat": "auto"}]


def test_a_rule_that_observes_holds_what_it_would_repeat() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await scene.until_status("held")
        assert await scene.state() == ("held", "observe")
        assert scene.workato.repeats == []
        assert await scene.events("repeat.observed", "repeat.prepared") == ["repeat.observed"]
        assert (await scene.failure()).attempts == 0

    play(story, policies=ON_TRIAL)


def test_a_person_repeats_what_a_rule_only_observes() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await scene.until_status("held")
        assert (await scene.do(Verb.RETRY)).done
        await scene.until_status("watching", "recovered")
        assert len(scene.workato.repeats) == 1

    play(story, policies=ON_TRIAL)


def test_other_rules_repeat_as_always() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await scene.until_status("watching", "recovered")
        assert await scene.events("repeat.observed") == []

    play(story, policies=[{**ON_TRIAL[0], "match": {"category": ["downstream_5xx"]}}])
