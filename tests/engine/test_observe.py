"""A rule on trial says what it would repeat and sends nothing; a person stands above it."""

from __future__ import annotations

from aof_tui.control.requests import Verb
from aof_tui.domain.words import Mode
from tests.engine.scene import MINUTE, Scene, play, play_around

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


def test_acting_after_observing_asks_once_what_to_do_with_what_was_held() -> None:
    async def around(scene: Scene) -> None:
        scene.workato.fail("j-1")
        scene.workato.fail("j-2")
        await scene.bench.run(lambda _control: scene.until_status("held", job_id="j-2"))
        scene.bench.settings = scene.bench.settings.model_copy(update={"mode": Mode.ACT})
        await scene.bench.run(lambda _control: acting(scene))

    async def acting(scene: Scene) -> None:
        await scene.clock.sleep(20 * MINUTE)
        assert await scene.state() == ("held", "observe")
        asked = await scene.bench.rows("SELECT title, status FROM incident WHERE kind = 'backlog'")
        assert [(row["status"], str(row["title"])[:36]) for row in asked] == [
            ("open", "2 failures were held while only obse")
        ]
        assert [told for told in await scene.told() if told.startswith("alarm")] == ["alarm>admins", "alarm>oncall"]
        assert (await scene.do(Verb.RELEASE, None)).message == "released 2 failures of the backlog"
        await scene.until_status("recovered", job_id="j-1")
        await scene.until_status("recovered", job_id="j-2")
        assert await scene.bench.rows("SELECT status FROM incident WHERE kind = 'backlog'") == [{"status": "resolved"}]

    play_around(around, mode="observe")
