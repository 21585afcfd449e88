"""The key that starts a fallback recipe: what is asked, what is sent, and why not."""

from __future__ import annotations

from msgspec.structs import replace

from aof_tui.control.requests import Command, Verb
from aof_tui.control.rows import CommandResult, FallbackRow
from aof_tui.tui.questions import fallback_question
from tests.tui import rows
from tests.tui.driving import staged
from tests.tui.fake_control import FakeControl

EXHAUSTED = rows.failure(5)


async def test_F_starts_the_fallback_of_an_exhausted_failure() -> None:  # noqa: N802 - it is the key's name
    control = FakeControl()
    control.result = CommandResult(False, "its policy names no fallback; there are: none")
    async with staged(control) as stage:
        await stage.press("F")
        await stage.told("this one is scheduled.")
        await stage.press("j", "j", "j", "j", "j", "F")
        await stage.shows("Start the fallback of this failure now?", EXHAUSTED.recipe, "j-0005", "runs at Workato")
        await stage.press("n")
        await stage.hides("Start the fallback")
        assert stage.commands == []
        await stage.press("F")
        await stage.shows("Start the fallback of this failure now?")
        await stage.press("y")
        await stage.until(
            lambda: stage.commands == [Command(Verb.START_FALLBACK, "terminal:ana", "prod", master_job_id="j-0005")]
        )
        await stage.told("its policy names no fallback")


def asked(fallbacks: tuple[FallbackRow, ...]) -> str:
    story = replace(rows.story_of(EXHAUSTED, (), ()), fallbacks=fallbacks)
    question = fallback_question(EXHAUSTED, rows.workspace(production=True), story)
    return "\n".join("".join(cell.text for cell in line) for line in question.lines)


def test_the_question_says_when_it_was_started_before() -> None:
    former = FallbackRow(
        name="by-hand",
        recipe_id="777",
        recipe="Order by hand",
        forced=False,
        state="doubted",
        dispatch_id="d-1",
        decided_at=rows.NOW - 60,
        next_at=None,
        sending_at=rows.NOW - 60,
        http_status=None,
        outcome=None,
        job_id=None,
    )
    assert "PRODUCTION" in asked(())
    assert "before" not in asked(())
    assert "by-hand  Order by hand" in asked((former,))
    assert "started before at 23:59:00 UTC (doubted): it may run twice" in asked((former,))
