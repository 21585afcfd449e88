"""An engine that goes away and comes back: said once, shown as long as it lasts, and what is old looks old."""

from __future__ import annotations

from msgspec.structs import replace

from aof_tui.base.errors import TemporaryError
from aof_tui.control.requests import Topic
from aof_tui.tui.cells import Tone
from aof_tui.tui.chrome import Detail, HeaderStrip
from aof_tui.tui.desk import Desk
from tests.tui import rows
from tests.tui.driving import HeldClock, Stage, staged
from tests.tui.fake_control import FakeControl

PATH = "/run/user/1000/a-long-folder-name/aof-tui/control.sock"


def toasts(stage: Stage, text: str) -> int:
    return sum(text in toast.message for toast in stage.app._notifications)


def colours(stage: Stage) -> set[str]:
    """Of the words of the first row."""
    strip = stage.app.screen._compositor.render_strips()[4]
    return {str(segment.style.color) for segment in strip if segment.style and segment.text.strip("▌ ")}


async def test_the_loss_is_said_once_and_cleared_once() -> None:
    async with staged() as stage:
        control = stage.control
        assert len(colours(stage)) > 1
        control.fault = TemporaryError(f"no engine answers at {PATH}: start one with aof-tui headless")
        control.publish()
        await stage.shows("× STALE for 0s: no engine answers at …/control.sock", "as of 00:00:00 UTC: 24 open")
        asked = control.queries["status"]
        await stage.until(lambda: control.queries["status"] > asked)
        assert toasts(stage, "Lost the engine") == 1
        assert PATH in next(toast.message for toast in stage.app._notifications)
        await stage.until(lambda: len(colours(stage)) == 1)
        detail = stage.app.main.query_one("#detail", Detail)
        assert {cell.tone for line in detail.lines(80) for cell in line if cell.text.strip()} == {Tone.MUTED}
        control.fault = None
        await stage.shows("✓ engine running")
        assert toasts(stage, "The engine answers again.") == 1
        assert "STALE" not in stage.text
        await stage.until(lambda: len(colours(stage)) > 1)


async def test_a_story_that_cannot_be_read_says_that_the_engine_does_not_answer() -> None:
    async with staged() as stage:
        stage.control.fault = TemporaryError(f"no engine answers at {PATH}: start one with aof-tui headless")
        stage.control.publish()
        await stage.shows("× STALE")
        await stage.press("enter")
        await stage.shows("The story cannot be shown now, for the engine does not answer", "start one with")
        stage.control.fault = None
        await stage.shows("✓ engine running", "j-0000")


async def test_until_a_key_is_used_the_cursor_stays_on_the_newest_row() -> None:
    async with staged() as stage:
        view = stage.app.main.failing.view
        for number in (100, 101):
            stage.control.failure_rows.insert(0, replace(rows.failure(number), last_failed_at=rows.NOW + number))
            stage.control.publish(Topic.FAILURES)
            total = len(stage.control.failure_rows)
            await stage.until(lambda: view.count == total)  # noqa: B023 - awaited here
            assert view.cursor == 0
        await stage.press("h", "x")
        stage.control.failure_rows.insert(0, replace(rows.failure(102), last_failed_at=rows.NOW + 102))
        stage.control.publish(Topic.FAILURES)
        await stage.until(lambda: view.count == 27)
        assert view.cursor == 1


def desk(control: FakeControl, fault: str | None = None, workspaces: int = 1) -> Desk:
    known = Desk(control, HeldClock(), actor="terminal:ana", read_only=False)
    state = rows.workspace()
    states = tuple(replace(state, workspace=f"workspace-{number}") for number in range(workspaces))
    known.status = replace(rows.status(state), workspaces=states, rate=120.0)
    known.time.anchor(rows.NOW, 1.0)
    known.error = None if fault is None else TemporaryError(fault)
    return known


def test_the_header_drops_what_matters_least_first() -> None:
    header = HeaderStrip(desk(FakeControl()))
    texts = ["".join(cell.text for cell in header.lines(width)[0]) for width in (120, 60, 46, 38)]
    assert texts == [
        " aof-tui  workspace-0  act  ×120  ✓ engine running  swept 12s ago",
        " aof-tui  workspace-0  act  ✓ engine running  swept 12s ago",
        " aof-tui  workspace-0  act  ✓ engine running",
        " workspace-0  act  ✓ engine running",
    ]
    many = HeaderStrip(desk(FakeControl(), workspaces=9))
    assert "".join(cell.text for cell in many.lines(80)[0]) == " 9 workspaces  act  ✓ engine running"
