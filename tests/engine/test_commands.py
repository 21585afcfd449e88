"""What a person may ask for, and when it is refused."""

from __future__ import annotations

import httpx
import pytest
from msgspec.structs import replace

from aof_tui.control.requests import Command, Verb
from tests.engine.scene import HOUR, MINUTE, Scene, play
from tests.harness.virtual import WORKSPACE


def test_a_forced_repeat_goes_at_once_uses_no_attempt_and_names_the_person() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await scene.until_status("scheduled")
        asked = scene.clock.wall()
        assert (await scene.do(Verb.RETRY)).done
        await scene.until_status("recovered", within=MINUTE)
        assert scene.workato.repeats[0][0] - asked < 10
        row = await scene.failure()
        assert (row.attempts, row.forced, row.reason) == (0, 1, "forced_repeat_succeeded")
        rows = await scene.bench.rows("SELECT actor FROM event WHERE kind = 'repeat.forced'")
        assert rows == [{"actor": "terminal:ana"}]

    play(story)


def test_a_used_up_failure_can_be_forced_once_more_and_begins_no_new_cycle() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.heals = False
        scene.workato.fail("j-1")
        await scene.until_status("exhausted")
        assert (await scene.do(Verb.RETRY)).done
        await scene.until_status("watching", "repeating")
        await scene.until_status("exhausted")
        await scene.clock.sleep(2 * HOUR)
        assert len(scene.workato.repeats) == 6
        row = await scene.failure()
        assert (row.attempts, row.forced) == (5, 1)

    play(story)


def test_a_forced_repeat_that_workato_rejects_stays_with_the_person() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.on_repeat = lambda jobs: scene.workato.results([(job, "failed") for job in jobs])
        scene.workato.fail("j-1")
        await scene.until_status("scheduled")
        await scene.do(Verb.RETRY)
        await scene.until_status("needs_person")
        assert (await scene.state())[1] == "not_repeatable"
        assert (await scene.failure()).forced == 0

    play(story)


def test_a_forced_repeat_that_was_lost_is_held_even_where_doubt_means_repeat() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.on_repeat = lambda _jobs: httpx.ReadError("reset")
        scene.workato.fail("j-1")
        await scene.until_status("scheduled")
        await scene.do(Verb.RETRY)
        await scene.until_status("held")
        assert len(scene.workato.repeats) == 1

    play(story, retry={"when_in_doubt": "repeat"})


def test_a_stopped_recipe_can_be_repeated_by_force() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        scene.workato.running = False
        await scene.until_status("held")
        assert (await scene.do(Verb.RETRY)).done
        await scene.until_status("recovered")

    play(story)


def test_what_is_under_way_or_over_is_not_repeated_by_force() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.on_repeat = lambda jobs: scene.workato.results([(job, "enqueued") for job in jobs])
        scene.workato.fail("j-1")
        await scene.until_status("scheduled")
        assert (await scene.do(Verb.RETRY)).done
        again = await scene.do(Verb.RETRY)
        assert not again.done
        await scene.until_status("watching")
        assert not (await scene.do(Verb.RETRY)).done
        scene.workato.rerun("j-1", "succeeded")
        await scene.until_status("recovered")
        over = await scene.do(Verb.RETRY)
        assert not over.done
        assert "twice" in over.message
        assert not (await scene.do(Verb.CLOSE, reason="x")).done
        assert len(scene.workato.repeats) == 1

    play(story)


def test_a_planned_repeat_is_cancelled_and_released() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await scene.until_status("scheduled")
        assert not (await scene.do(Verb.RELEASE)).done
        assert (await scene.do(Verb.CANCEL, reason="not now")).done
        assert await scene.state() == ("held", "plan_cancelled")
        assert not (await scene.do(Verb.CANCEL)).done
        await scene.clock.sleep(HOUR)
        assert scene.workato.repeats == []
        assert (await scene.do(Verb.RELEASE)).done
        await scene.until_status("recovered")

    play(story)


def test_closing_needs_a_reason_and_ends_it() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.fail("j-1")
        await scene.until_status("scheduled")
        assert not (await scene.do(Verb.CLOSE, reason="  ")).done
        assert (await scene.do(Verb.CLOSE, reason="order was cancelled")).done
        assert await scene.state() == ("closed", "closed_by_person")
        refusal = await scene.do(Verb.RETRY)
        assert not refusal.done
        assert "closed" in refusal.message
        await scene.clock.sleep(HOUR)
        assert scene.workato.repeats == []

    play(story)


def test_incidents_are_acknowledged_assigned_snoozed_escalated_and_resolved() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.heals = False
        scene.workato.fail("j-1")
        await scene.until_status("exhausted")
        assert (await scene.do(Verb.ASSIGN, value="ben")).done
        assert not (await scene.do(Verb.SNOOZE, value="soon")).done
        assert not (await scene.do(Verb.SNOOZE, value="-1")).done
        assert (await scene.do(Verb.SNOOZE, value="7200")).done
        await scene.clock.sleep(HOUR)
        assert "escalated>admins" not in await scene.told()
        looks = await scene.bench.rows("SELECT check_at FROM incident")
        assert float(str(looks[0]["check_at"])) > scene.clock.wall() + MINUTE  # not again and again until it wakes
        await scene.clock.sleep(2 * HOUR)
        assert "escalated>admins" in await scene.told()
        assert (await scene.do(Verb.ESCALATE, incident="I1")).done
        assert not (await scene.do(Verb.RESOLVE)).done
        assert (await scene.do(Verb.CLOSE, reason="done by hand")).done
        assert (await scene.do(Verb.RESOLVE)).done
        assert not (await scene.do(Verb.ACKNOWLEDGE)).done
        row = (await scene.bench.rows("SELECT status, assignee, level FROM incident"))[0]
        assert row == {"status": "resolved", "assignee": "ben", "level": 2}

    play(story)


HOSTILE = "x\x1b]52;c;aGFjaw==\x07\u202e\nben password=hunter22 "


def test_what_a_person_writes_is_made_harmless_and_short_before_it_is_kept() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.heals = False
        scene.workato.fail("j-1")
        await scene.until_status("exhausted")
        wish = Command(Verb.CLOSE, "cli:" + HOSTILE * 40, WORKSPACE, "j-1", reason=HOSTILE * 40, value=HOSTILE * 40)
        for verb in (Verb.ASSIGN, Verb.ESCALATE, Verb.ACKNOWLEDGE, Verb.RETRY):
            assert (await scene.control.command(replace(wish, verb=verb))).done
        await scene.until_status("exhausted")
        assert (await scene.control.command(wish)).done
        assert (await scene.control.command(replace(wish, verb=Verb.PAUSE))).done
        rows = await scene.bench.rows("SELECT text, actor FROM event WHERE actor LIKE 'cli:%'")
        rows += await scene.bench.rows("SELECT body AS text, summary AS actor FROM outbox")
        rows += await scene.bench.rows("SELECT acknowledged_by AS text, assignee AS actor FROM incident")
        rows += await scene.bench.rows("SELECT paused_by AS text, paused_by AS actor FROM workspace")
        rows += await scene.bench.rows("SELECT outcome AS text, actor FROM attempt WHERE forced")
        kept = [str(row[column]) for row in rows for column in ("text", "actor")]
        assert len(rows) > 12
        for harm in ("\x1b", "\x07", "\u202e", "hunter22"):
            assert not [text for text in kept if harm in text]
        assert max(len(str(row["actor"])) for row in rows if str(row["actor"]).startswith("cli:")) == 300
        [incident] = await scene.bench.rows("SELECT length(assignee) AS size FROM incident")
        assert incident == {"size": 80}

    play(story)


def test_who_acknowledges_a_snoozed_incident_keeps_it_when_the_snooze_would_end() -> None:
    async def story(scene: Scene) -> None:
        scene.workato.heals = False
        scene.workato.fail("j-1")
        await scene.until_status("exhausted")
        assert (await scene.do(Verb.SNOOZE, value="600")).done
        assert (await scene.do(Verb.ACKNOWLEDGE)).done
        again = await scene.do(Verb.ACKNOWLEDGE)
        assert (again.done, again.message) == (False, "I1 was taken already, by terminal:ana")
        await scene.clock.sleep(2 * HOUR)
        assert await scene.bench.rows("SELECT status, snoozed_until FROM incident") == [
            {"status": "acknowledged", "snoozed_until": None}
        ]
        assert "escalated>admins" not in await scene.told()

    play(story)


@pytest.mark.parametrize("verb", list(Verb))
def test_a_wish_for_what_does_not_exist_is_refused_in_words(verb: Verb) -> None:
    async def story(scene: Scene) -> None:
        command = Command(verb, "cli:x", WORKSPACE, "j-404", "I99")
        if verb not in (Verb.PAUSE, Verb.RESUME):
            assert not (await scene.control.command(command)).done
        nowhere = await scene.control.command(replace(command, workspace="nowhere"))
        assert not nowhere.done
        assert "nowhere" in nowhere.message

    play(story)
