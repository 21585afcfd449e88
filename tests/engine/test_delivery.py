"""From the outbox to the receivers: at least once, in bounded numbers, and told elsewhere where it fails."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import pairwise

import pytest

from aof_tui.control.requests import Command, Verb
from aof_tui.domain.words import NoticeKind
from aof_tui.notify.channels import Dead, Delivery, Postponed, Trouble
from aof_tui.notify.message import Message, Notice, kind_of
from aof_tui.simulator.virtual_time import VirtualClock, run_virtual
from tests.engine.scene import HOUR, MINUTE, Scene, play, play_around
from tests.harness.virtual import WORKSPACE, MemoryChannel

INVALID = {"adapter": "rest", "error_type": "Request error", "message": "422 Unprocessable Entity: name is missing"}
NO_REPORTS: dict[str, object] = {"reports": []}
LATER = Postponed(Trouble.SERVER, "HTTP 503")
UNKNOWN = Postponed(Trouble.NO_ANSWER, "no answer", ambiguous=True)
NO_CHANNEL = Dead(Trouble.REFUSED, "channel_not_found")


def fail_invalid(scene: Scene, job_id: str = "j-1", recipe_id: int = 7) -> None:
    """A failure that people are told of at once."""
    scene.workato.fail(job_id, recipe_id).error_parts = dict(INVALID)


async def outbox(scene: Scene, **where: str) -> list[dict[str, object]]:
    rows = await scene.bench.rows("SELECT * FROM outbox ORDER BY notification_id")
    return [row for row in rows if all(row[name] == value for name, value in where.items())]


async def until_state(scene: Scene, state: str, within: float = 2 * HOUR, **where: str) -> None:
    async def reached() -> bool:
        rows = await outbox(scene, **where)
        return bool(rows) and all(row["state"] == state for row in rows)

    await scene.until(reached, within)


class Holding(MemoryChannel):
    """Takes every message, and is an hour over its answer to those it holds."""

    def __init__(self, clock: VirtualClock, holds: Callable[[str], bool] = lambda _reference: True) -> None:
        super().__init__()
        self._clock = clock
        self._holds = holds
        self.taken = asyncio.Event()

    async def send(self, message: Message, reference: str) -> Delivery:
        answer = await super().send(message, reference)
        if self._holds(reference):
            self.taken.set()
            await self._clock.sleep(HOUR)
        return answer


def test_what_was_sent_but_not_noted_is_sent_again_under_the_same_reference() -> None:
    async def main(clock: VirtualClock) -> None:
        scene = Scene(clock, NO_REPORTS)
        held = scene.bench.slack = Holding(clock)
        fail_invalid(scene)
        await scene.bench.run_until_killed(lambda _control: held.taken.wait())
        assert [row["state"] for row in await outbox(scene)] == ["pending"]
        scene.bench.slack = MemoryChannel()
        await scene.bench.run(lambda _control: until_state(scene, "delivered"))
        assert len(held.sent) == len(scene.bench.slack.sent) == 1
        assert scene.bench.slack.sent[0] == held.sent[0]

    run_virtual(main)


@pytest.mark.parametrize("body", ["{", '{"version":2}', '{"version":1,"report":{"report":{"mood":"good"},"at":1}}'])
def test_a_message_of_another_version_is_told_in_short_and_keeps_nothing_back(body: str) -> None:
    async def main(clock: VirtualClock) -> None:
        scene = Scene(clock, NO_REPORTS)
        held = scene.bench.slack = Holding(clock)
        fail_invalid(scene)
        await scene.bench.run_until_killed(lambda _control: held.taken.wait())
        (row,) = await outbox(scene)
        scene.bench.store._connection.raw.execute("UPDATE outbox SET body = ?", [body])
        scene.bench.slack = MemoryChannel()
        fail_invalid(scene, "j-2", 8)
        await scene.bench.run(lambda _control: until_state(scene, "delivered"))
        ((short, reference), *others) = scene.bench.slack.sent
        assert isinstance(short, Notice)
        assert (short.title, reference) == (row["summary"], row["reference"])
        assert len(others) == len(await outbox(scene)) - 1

    run_virtual(main)


def test_a_notice_is_committed_with_what_it_tells_of() -> None:
    async def main(clock: VirtualClock) -> None:
        scene = Scene(clock, NO_REPORTS)
        fail_invalid(scene)

        async def referred(_control: object) -> None:
            await scene.until_status("needs_person")

        await scene.bench.run_until_killed(referred)
        events = await scene.bench.rows(
            "SELECT kind, at FROM event WHERE kind IN ('failure.referred', 'notice.queued') ORDER BY sequence"
        )
        assert [event["kind"] for event in events] == ["failure.referred", "notice.queued"]
        assert events[0]["at"] == events[1]["at"] == (await outbox(scene))[0]["created_at"]

    run_virtual(main)


@pytest.mark.parametrize("answer", [LATER, UNKNOWN])
def test_a_passing_trouble_is_tried_again_later_and_longer_under_the_same_reference(answer: Postponed) -> None:
    async def story(scene: Scene) -> None:
        scene.bench.slack.answers = [answer, answer, answer]
        fail_invalid(scene)
        await until_state(scene, "delivered", kind="needs_person")
        assert len({reference for _, reference in scene.bench.slack.sent}) == 1
        row = (await outbox(scene, kind="needs_person"))[0]
        assert row["attempts"] == 4
        assert await scene.events("notice.delayed", "notice.delivered") == ["notice.delayed"] * 3 + ["notice.delivered"]
        rows = await scene.bench.rows("SELECT at FROM event WHERE kind IN ('notice.delayed', 'notice.delivered')")
        waits = [later - earlier for earlier, later in pairwise(float(str(row["at"])) for row in rows)]
        assert waits == sorted(waits)
        assert waits[0] >= 7.5

    play(story, **NO_REPORTS)


def test_a_pause_that_the_channel_asks_for_is_kept() -> None:
    async def story(scene: Scene) -> None:
        scene.bench.slack.answers = [Postponed(Trouble.RATE_LIMITED, "ratelimited", after_s=120.0)]
        fail_invalid(scene)
        await until_state(scene, "delivered", kind="needs_person")
        rows = await scene.bench.rows("SELECT at FROM event WHERE kind LIKE 'notice.del%' ORDER BY sequence")
        assert float(str(rows[1]["at"])) - float(str(rows[0]["at"])) >= 120

    play(story, **NO_REPORTS)


def test_a_message_whose_arrival_stays_unknown_is_given_up_after_a_few_tries_and_told_elsewhere() -> None:
    async def story(scene: Scene) -> None:
        scene.bench.slack.answers = [UNKNOWN] * 100
        fail_invalid(scene)
        await until_state(scene, "dead", kind="needs_person")
        assert len(scene.bench.slack.sent) == 8
        assert len({reference for _, reference in scene.bench.slack.sent}) == 1
        await until_state(scene, "delivered", receiver="admins")

    play(story, **NO_REPORTS, escalation={"receivers": ["admins"], "after": "1d"})


def test_a_dead_letter_is_told_through_another_receiver_with_all_it_held() -> None:
    async def story(scene: Scene) -> None:
        scene.bench.slack.answers = [NO_CHANNEL]
        fail_invalid(scene)
        await until_state(scene, "dead", kind="needs_person")
        await until_state(scene, "delivered", kind="alarm")
        alarm, reference = scene.bench.email.sent[0]
        dead = (await outbox(scene, kind="needs_person"))[0]
        assert reference == f"alarm-{dead['reference']}"
        assert isinstance(alarm, Notice)
        assert "name is missing" in alarm.error
        assert alarm.reasons == ("channel_not_found",)

    play(story, **NO_REPORTS)


def test_an_alarm_that_cannot_be_delivered_raises_none() -> None:
    async def story(scene: Scene) -> None:
        scene.bench.slack.answers = [NO_CHANNEL] * 50
        scene.bench.email.answers = [Dead(Trouble.REFUSED, "mailbox unavailable")] * 50
        fail_invalid(scene)
        await until_state(scene, "dead", kind="alarm")
        await scene.clock.sleep(20 * MINUTE)
        assert [(row["kind"], row["receiver"]) for row in await outbox(scene)] == [
            ("needs_person", "oncall"),
            ("alarm", "admins"),
        ]

    play(story, **NO_REPORTS)


def test_a_receiver_that_refuses_who_we_are_is_told_of_once_an_hour_and_keeps_its_messages() -> None:
    async def story(scene: Scene) -> None:
        scene.bench.slack.refuses = lambda _message, _reference: Postponed(Trouble.AUTH, "invalid_auth")
        for recipe_id in (8, 9):
            scene.workato.recipe(recipe_id)
        fail_invalid(scene)
        fail_invalid(scene, "j-8", 8)
        fail_invalid(scene, "j-9", 9)
        await scene.clock.sleep(25 * MINUTE)
        assert {row["state"] for row in await outbox(scene, kind="needs_person")} == {"pending"}
        alarms = await outbox(scene, kind="alarm")
        assert 1 <= len(alarms) <= 2
        assert {row["receiver"] for row in alarms} == {"admins"}
        scene.bench.slack.refuses = lambda _message, _reference: None
        await until_state(scene, "delivered", kind="needs_person")

    play(story, **NO_REPORTS)


THREE = [
    {"name": "oncall", "slack": {"token": "env:SLACK", "channel": "C1"}},
    {"name": "admins", "slack": {"token": "env:SLACK", "channel": "C2"}},
    {"name": "backup", "slack": {"token": "env:SLACK", "channel": "C3"}},
]


def test_what_fails_is_told_through_a_receiver_that_does_not_fail_itself() -> None:
    async def story(scene: Scene) -> None:
        backup = MemoryChannel()
        scene.bench.more_channels["backup"] = (backup,)
        await scene.bench.run(lambda _control: both_fail(scene))
        assert [kind_of(message) for message, _ in backup.sent][-1] is NoticeKind.ALARM
        dead = (await outbox(scene, kind="needs_person", receiver="oncall"))[-1]
        assert backup.sent[-1][1] == f"alarm-{dead['reference']}"

    async def both_fail(scene: Scene) -> None:
        scene.bench.email.answers = [Dead(Trouble.REFUSED, "is_archived")] * 9
        fail_invalid(scene)
        await scene.until_status("needs_person")
        # The super admin is not reached either, which the engine learns before the receiver of the route fails.
        command = Command(Verb.ESCALATE, "terminal:ana", WORKSPACE, incident="I1")
        assert (await scene.control.command(command)).done
        await until_state(scene, "dead", receiver="admins")
        scene.bench.slack.answers = [NO_CHANNEL] * 9
        scene.workato.recipe(8)
        fail_invalid(scene, "j-2", 8)
        await scene.until_status("needs_person", job_id="j-2")
        await scene.clock.sleep(2 * MINUTE)

    play_around(story, **NO_REPORTS, receivers=THREE)


def test_where_every_receiver_fails_the_alarm_waits_with_one() -> None:
    async def story(scene: Scene) -> None:
        scene.bench.email.answers = [LATER] * 12
        scene.bench.slack.answers = [NO_CHANNEL]
        fail_invalid(scene)
        await scene.until_status("needs_person")
        assert (await scene.do(Verb.ESCALATE)).done
        await until_state(scene, "dead", kind="needs_person")
        await until_state(scene, "delivered", receiver="admins", within=4 * HOUR)
        assert (await outbox(scene, kind="alarm"))[0]["receiver"] == "admins"

    play(story, **NO_REPORTS)


async def storm(scene: Scene, recipes: int) -> None:
    """As many incidents at once as there are recipes."""
    for recipe_id in range(100, 100 + recipes):
        scene.workato.recipe(recipe_id)
    await scene.clock.sleep(2 * MINUTE)
    for recipe_id in range(100, 100 + recipes):
        fail_invalid(scene, f"j-{recipe_id}", recipe_id)


async def until_told(scene: Scene, notices: int) -> None:
    async def told() -> bool:
        rows = await outbox(scene, kind="needs_person")
        return len(rows) == notices and all(row["state"] == "delivered" for row in rows)

    await scene.until(told, within=3 * HOUR)


def test_a_storm_is_told_in_few_messages_and_nothing_is_lost() -> None:
    async def story(scene: Scene) -> None:
        await storm(scene, 60)
        await until_told(scene, 60)
        messages = [message for message, _ in scene.bench.slack.sent]
        digests = [message for message in messages if isinstance(message, Notice) and message.merged]
        single = [message for message in messages if kind_of(message) is NoticeKind.NEEDS_PERSON]
        assert digests
        assert len(single) + sum(message.merged for message in digests) == 60
        rows = await scene.bench.rows("SELECT delivered_at AS at FROM outbox WHERE state = 'delivered' ORDER BY at")
        times = sorted({float(str(row["at"])) for row in rows})
        assert all(sum(1 for other in times if 0 <= other - at < 600) <= 12 for at in times)

    play(story, **NO_REPORTS, escalation={"receivers": ["admins"], "after": "1d"})


def is_digest(reference: str) -> bool:
    return reference.startswith("digest-")


def test_a_digest_of_unknown_arrival_comes_again_as_the_same_one() -> None:
    async def story(scene: Scene) -> None:
        unknown = [UNKNOWN] * 3

        def lose(_message: Message, reference: str) -> Delivery | None:
            return unknown.pop() if is_digest(reference) and unknown else None

        scene.bench.slack.refuses = lose
        await storm(scene, 30)

        async def digested() -> bool:
            return len(unknown) < 3

        await scene.until(digested)
        # What comes in between is told apart from it.
        scene.workato.recipe(90)
        fail_invalid(scene, "j-90", 90)
        await until_told(scene, 31)
        tries = [message for message, reference in scene.bench.slack.sent if reference == first_digest(scene)]
        assert len(tries) == 4
        assert len({message.lines for message in tries if isinstance(message, Notice)}) == 1

    play(story, **NO_REPORTS, escalation={"receivers": ["admins"], "after": "1d"})


def first_digest(scene: Scene) -> str:
    return next(reference for _, reference in scene.bench.slack.sent if reference.startswith("digest-"))


def test_a_crash_between_a_digest_and_its_commit_sends_the_same_one_again() -> None:
    async def main(clock: VirtualClock) -> None:
        scene = Scene(clock, NO_REPORTS)
        held = scene.bench.slack = Holding(clock, is_digest)

        async def until_digest(_control: object) -> None:
            await storm(scene, 30)
            await held.taken.wait()

        await scene.bench.run_until_killed(until_digest)
        scene.bench.slack = MemoryChannel()
        scene.workato.recipe(90)
        fail_invalid(scene, "j-90", 90)
        await scene.bench.run(lambda _control: until_told(scene, 31))
        (again,) = [message for message in scene.bench.slack.sent if message[1] == held.sent[-1][1]]
        assert isinstance(again[0], Notice)
        assert isinstance(held.sent[-1][0], Notice)
        assert again[0].lines == held.sent[-1][0].lines

    run_virtual(main)


def test_the_end_of_the_engine_still_tells_what_is_due() -> None:
    async def story(scene: Scene) -> None:
        async def paused(_control: object) -> None:
            fail_invalid(scene)
            await scene.until_status("needs_person")
            await scene.clock.sleep(MINUTE)
            before = len(scene.bench.slack.sent)
            # The notice is committed with the command, and the engine is asked to stop before it was sent.
            scene.bench.email.answers = []
            command = Command(Verb.ESCALATE, "terminal:ana", WORKSPACE, incident="I1")
            assert (await scene.control.command(command)).done
            assert len(scene.bench.slack.sent) == before

        await scene.bench.run(paused)
        assert [kind_of(message) for message, _ in scene.bench.email.sent] == [NoticeKind.ESCALATED]
        assert {row["state"] for row in await outbox(scene)} == {"delivered"}

    play_around(story, **NO_REPORTS)


def test_a_channel_that_hangs_delays_the_end_by_five_seconds_and_no_more() -> None:
    async def story(scene: Scene) -> None:
        held = scene.bench.email = Holding(scene.clock)
        times: list[float] = []

        async def escalated(_control: object) -> None:
            fail_invalid(scene)
            await scene.until_status("needs_person")
            assert (await scene.do(Verb.ESCALATE)).done
            await held.taken.wait()
            times.append(scene.clock.wall())

        await scene.bench.run(escalated)
        assert scene.clock.wall() - times[0] <= 6
        assert [row["state"] for row in await outbox(scene, receiver="admins")] == ["pending"]
        assert (await scene.events("engine.stopped")) == ["engine.stopped"]
        assert len({reference for _, reference in held.sent}) == 1

    play_around(story, **NO_REPORTS)
