"""What the terminal says: one of a thing is one, what is over is due, and what cannot be done says why."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from aof_tui.base.text import display_width
from aof_tui.control.why_not import ENGINE_READ_ONLY
from aof_tui.domain.words import FailureStatus, Reason
from aof_tui.tui.actions import BY_ID
from aof_tui.tui.breaker_questions import probe_words
from aof_tui.tui.cells import Line
from aof_tui.tui.chrome import HeaderStrip
from aof_tui.tui.desk import Desk
from aof_tui.tui.incident_presenters import Downstreams, Incidents
from aof_tui.tui.metrics_text import metrics_lines
from aof_tui.tui.questions import quit_question
from aof_tui.tui.situation import Situation
from aof_tui.tui.story_text import MAX_ERROR_LINES, story_lines
from tests.tui import rows
from tests.tui.driving import HeldClock, staged
from tests.tui.fake_control import FakeControl


def text(lines: tuple[Line, ...]) -> str:
    return "\n".join("".join(cell.text for cell in line) for line in lines)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (1, ("1 repeat planned", "the next now", "1 request to Workato", "1 notification not")),
        (2, ("2 repeats planned", "2 requests to Workato", "2 notifications not")),
    ],
)
def test_one_is_not_said_as_many(number: int, said: tuple[str, ...]) -> None:
    state = rows.workspace(counts={FailureStatus.SCHEDULED: number})
    status = replace(rows.status(state), open_dispatches=number, notices_pending=number)
    question = text(quit_question(status, rows.NOW - 5, rows.NOW, store_stays=True).lines)
    assert all(words in question for words in (*said, "goes on at the next start"))


@pytest.mark.parametrize(
    ("number", "said"),
    [(1, ("… 1 more line\n", "about 1 task a repeat")), (2, ("… 2 more lines\n", "about 2 tasks a repeat"))],
)
def test_one_line_and_one_task_are_not_many(number: int, said: tuple[str, ...]) -> None:
    error = "\n".join(["x"] * (MAX_ERROR_LINES + number))
    story = rows.story_of(replace(rows.failure(1), error=error, repeat_tasks=number), (), ())
    told = text(story_lines(story, rows.NOW, 80))
    assert all(words in told for words in said)


@pytest.mark.parametrize(("number", "said"), [(1, "! 1 needs a person"), (2, "! 2 need a person")])
def test_one_failure_needs_a_person(number: int, said: str) -> None:
    desk = Desk(FakeControl(), HeldClock(), actor="terminal:ana", read_only=False)
    desk.status = rows.status(rows.workspace(counts={FailureStatus.NEEDS_PERSON: number}))
    assert said in text(HeaderStrip(desk).lines(120))


def test_one_repeat_of_unknown_price() -> None:
    metrics = rows.metrics_of("prod", 0.0, rows.NOW)
    metrics = replace(metrics, tasks=replace(metrics.tasks, unpriced=1))
    assert text(metrics_lines(metrics, 80)).endswith(", 1 repeat of unknown price")


def test_a_demo_promises_no_next_start() -> None:
    question = text(quit_question(rows.status(rows.workspace()), None, rows.NOW, store_stays=False).lines)
    assert "a demo keeps nothing" in question
    assert "next start" not in question


def test_a_probe_whose_time_has_come_is_due() -> None:
    breaker = replace(rows.breakers()[1], probe=None, next_probe_at=rows.NOW - 240)
    assert Downstreams().cells(breaker, rows.NOW)[1].text == "due"
    assert probe_words(breaker, rows.NOW) == "due for 4m: the next repeat that waits for it"
    later = replace(breaker, next_probe_at=rows.NOW + 95)
    assert Downstreams().cells(later, rows.NOW)[1].text == "1:35"


def test_incidents_of_two_workspaces_with_one_name_are_two_rows() -> None:
    one, other = rows.incident(7), rows.incident(7, workspace="test")
    assert Incidents().key(one) != Incidents().key(other)


@pytest.mark.parametrize("reason", [Reason.POLL_ERROR, Reason.HANDLED_BY_ROOT])
def test_what_cannot_be_repeated_is_said_before_any_question(reason: Reason) -> None:
    failure = replace(rows.failure(0), status=FailureStatus.NEEDS_PERSON, reason=reason)
    now = Situation(row_named=True, failure=failure, workspace=rows.workspace())
    assert BY_ID["retry"].why_not(now) is not None
    assert BY_ID["retry"].why_not(replace(now, failure=replace(failure, reason=Reason.POLICY_ASK))) is None


async def test_a_viewer_is_told_that_it_is_the_engine_that_refuses() -> None:
    control = FakeControl()
    control.engine = replace(control.engine, read_only=True)
    async with staged(control) as stage:
        await stage.shows("read-only")
        for key in ("r", "a", "P", "F"):
            await stage.press(key)
            await stage.told(ENGINE_READ_ONLY)
        assert stage.commands == []
        assert len(stage.app.screen_stack) == 1


@pytest.mark.parametrize("width", [40, 78])
def test_no_line_of_a_story_is_cut(width: int) -> None:
    failure = rows.failure(4)
    story = rows.story_of(failure, tuple(rows.event(number) for number in range(1, 6)), (rows.notice(1),))
    plan = {"policy": "the rule of the configuration that " * 4 + "ends here"}
    lines = story_lines(replace(story, plan=plan), rows.NOW, width)
    assert max(display_width("".join(cell.text for cell in line)) for line in lines) <= width
    assert "ends here" in " ".join(text(lines).split())
