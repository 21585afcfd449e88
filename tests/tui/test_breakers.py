"""Breakers: what the header says, the list, and the key that closes or opens one."""

from __future__ import annotations

from msgspec.structs import replace

from aof_tui.control.requests import Command, Topic, Verb
from tests.tui import rows
from tests.tui.driving import LARGE, Stage, staged
from tests.tui.fake_control import FakeControl

ANA = "terminal:ana"


def with_breakers(amount: int = 4) -> FakeControl:
    control = FakeControl()
    control.engine = replace(control.engine, breakers=rows.breakers()[:amount])
    return control


def sent(verb: Verb, downstream: str) -> list[Command]:
    return [Command(verb, ANA, "prod", value=downstream)]


async def has_sent(stage: Stage, commands: list[Command]) -> None:
    await stage.until(lambda: stage.commands == commands)


async def go_to(stage: Stage, place: int) -> None:
    """To the breaker at this place of the list."""
    await stage.press("i")
    await stage.shows("Downstreams that wait  4")
    await stage.press("tab", *["j"] * place)
    await stage.until(lambda: stage.app.situation().breaker == rows.breakers()[place])


async def test_the_header_counts_breakers_that_are_not_closed() -> None:
    async with staged(with_breakers(2)) as stage:
        await stage.shows("⊘ 2 breakers open")
        for left, words in ((1, "⊘ 1 breaker open"), (0, "")):
            stage.control.engine = replace(stage.control.engine, breakers=rows.breakers()[:left])
            stage.control.publish(Topic.STATUS)
            await (stage.shows(words) if words else stage.hides("breaker"))


async def test_b_closes_one_after_saying_what_that_means() -> None:
    async with staged(with_breakers()) as stage:
        await go_to(stage, 1)
        await stage.press("b")
        await stage.shows(
            "Close this breaker?", "Ticketing (jira)", "failures in a row", "7 failures wait", "one repeat, in 1:35"
        )
        await stage.press("y")
        await stage.until(lambda: stage.commands == sent(Verb.CLOSE_BREAKER, "connection:2"))


async def test_b_then_o_keeps_one_open() -> None:
    async with staged(with_breakers()) as stage:
        await go_to(stage, 2)
        await stage.press("b")
        await stage.shows("Keep open (o)", "under way: the repeat of j-0007", "1 failure waits")
        await stage.press("o")
        await stage.until(lambda: stage.commands == sent(Verb.OPEN_BREAKER, "application:slack"))


async def test_one_that_a_person_keeps_open_can_only_be_closed() -> None:
    async with staged(with_breakers()) as stage:
        await go_to(stage, 3)
        await stage.press("b")
        await stage.shows("terminal:ben", "stays open until somebody closes it")
        assert "Keep open" not in stage.text
        await stage.press("o", "n")
        await stage.hides("Close this breaker?")
        assert stage.commands == []


async def test_b_elsewhere_opens_that_of_a_downstream_that_is_named() -> None:
    async with staged() as stage:
        expected: list[Command] = []
        for typed, named in (("connection:7", "connection:7"), ("ticketing (jira)", "connection:2")):
            await stage.press("b")
            await stage.shows("Open the breaker of which downstream?", "connection:2  Ticketing (jira)")
            await stage.press(*("space" if key == " " else key for key in typed), "enter")
            expected += sent(Verb.OPEN_BREAKER, named)
            await has_sent(stage, expected)


async def test_keys_for_failures_and_incidents_have_none_here() -> None:
    async with staged(with_breakers()) as stage:
        await go_to(stage, 0)
        for key, why in (("r", "No failure"), ("a", "No incident"), ("enter", "b closes it")):
            await stage.press(key)
            await stage.told(why)
        assert stage.commands == []


async def test_the_list_follows_the_status_and_goes_when_the_last_one_is_closed() -> None:
    async with staged(with_breakers(), size=LARGE) as stage:
        await go_to(stage, 0)
        first, *others = rows.breakers()
        stage.control.engine = replace(stage.control.engine, breakers=(replace(first, held=987), *others))
        # The status comes with every change, whatever it is about.
        stage.control.publish(Topic.EVENTS)
        await stage.shows("987")
        stage.control.engine = replace(stage.control.engine, breakers=())
        stage.control.publish(Topic.EVENTS)
        await stage.hides("Downstreams that wait")
        await stage.until(lambda: stage.app.situation().incident == "I5")


async def test_a_filter_is_that_of_the_queue() -> None:
    async with staged(with_breakers()) as stage:
        await go_to(stage, 0)
        await stage.press("slash")
        await stage.press(*"lost")
        await stage.shows("Incidents  1 of 10")
