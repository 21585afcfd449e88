"""Windows over long lists: the cursor stays with its row, and the cost does not grow."""

from __future__ import annotations

import asyncio

from msgspec.structs import replace
from textual.events import MouseScrollDown

from aof_tui.control.requests import FailureQuery, Topic
from aof_tui.control.rows import FailureRow, Page
from aof_tui.tui.window_table import WindowTable
from tests.tui import rows
from tests.tui.driving import LARGE, Stage, staged
from tests.tui.fake_control import FakeControl


class LongList(FakeControl):
    """A hundred thousand failures, each made when it is asked for."""

    async def failures(self, query: FailureQuery) -> Page[FailureRow]:
        places = range(100_000)[query.skip : query.skip + query.limit]
        base = rows.failure(0)
        found = tuple(replace(base, master_job_id=f"j-{place:06d}", title=f"Order {place}") for place in places)
        return Page(found, 100_000, None, self.at)


def table(stage: Stage) -> WindowTable[FailureRow]:
    return stage.app.main.query_one("#failing", WindowTable)


def cursor_job(stage: Stage) -> str | None:
    row = table(stage).current
    return None if row is None else row.master_job_id


async def test_the_cursor_stays_with_its_row_when_rows_come_and_go() -> None:
    async with staged() as stage:
        await stage.press("j", "j", "j")
        assert cursor_job(stage) == "j-0003"
        newcomers = [replace(rows.failure(100 + n), last_failed_at=rows.NOW) for n in range(30)]
        stage.control.failure_rows[:0] = newcomers
        stage.control.publish(Topic.FAILURES)
        await stage.until(lambda: table(stage).count == 54)
        assert cursor_job(stage) == "j-0003"
        assert table(stage).cursor == 33
        await stage.shows("▌! needs person")
        stage.control.failure_rows = [row for row in stage.control.failure_rows if row.master_job_id != "j-0001"]
        stage.control.publish(Topic.FAILURES)
        await stage.until(lambda: table(stage).count == 53)
        assert cursor_job(stage) == "j-0003"
        assert table(stage).cursor == 32


async def test_in_a_pane_nobody_went_to_the_cursor_stays_on_top() -> None:
    async with staged(size=LARGE) as stage:
        countdowns = stage.app.main.query_one("#countdowns", WindowTable)
        await stage.until(lambda: countdowns.count == 15)
        sooner = [replace(rows.failure(700 + n), next_action_at=rows.NOW + n) for n in range(0, 28, 7)]
        stage.control.failure_rows += sooner
        stage.control.publish(Topic.FAILURES)
        await stage.until(lambda: countdowns.count == 19)
        assert countdowns.cursor == 0
        await stage.press("2")
        stage.control.failure_rows += [replace(rows.failure(770), next_action_at=rows.NOW - 1)]
        stage.control.publish(Topic.FAILURES)
        await stage.until(lambda: countdowns.count == 20)
        assert countdowns.cursor == 1


async def test_the_wheel_takes_the_cursor_along() -> None:
    async with staged(LongList(), wait_for="Order 0") as stage:
        await stage.until(lambda: table(stage).allow_vertical_scroll)
        for _ in range(80):
            before = table(stage).first_visible
            table(stage).post_message(MouseScrollDown(None, 5, 5, 0, 1, 0, False, False, False))
            await stage.until(lambda before=before: table(stage).first_visible > before)  # type: ignore[misc]  # bound
        place = table(stage).first_visible
        await stage.until(lambda: cursor_job(stage) == f"j-{place:06d}")
        stage.control.publish(Topic.FAILURES)
        await stage.shows(f"job j-{place:06d}")
        assert (place > 120, table(stage).cursor) == (True, place)
        assert all(table(stage).row_at(index) for index in range(place, place + table(stage).visible_rows))


async def test_a_row_that_is_gone_leaves_the_cursor_where_it_was() -> None:
    async with staged() as stage:
        await stage.press("G")
        assert cursor_job(stage) == "j-0023"
        stage.control.failure_rows.pop()
        stage.control.publish(Topic.FAILURES)
        await stage.until(lambda: cursor_job(stage) == "j-0022")
        stage.control.failure_rows.clear()
        stage.control.publish()
        await stage.shows("No failing jobs.")
        await stage.press("j", "k", "G", "g", "pagedown", "pageup")
        assert cursor_job(stage) is None


async def test_all_moving_keys() -> None:
    async with staged(FakeControl(100)) as stage:
        view = table(stage)
        page = view.visible_rows
        for keys, place in (
            (("j", "down"), 2),
            (("k", "up"), 0),
            (("pagedown",), page),
            (("ctrl+f",), 2 * page),
            (("pageup", "ctrl+b"), 0),
            (("G",), 99),
            (("home",), 0),
            (("end",), 99),
            (("g",), 0),
        ):
            await stage.press(*keys)
            assert view.cursor == place
            assert view.first_visible <= place < view.first_visible + page


async def test_a_hundred_thousand_rows_are_read_in_windows() -> None:
    control = LongList(0, 0, 0)
    async with staged(control, size=LARGE) as stage:
        await stage.shows("Failing jobs  100,000")
        await stage.press("G")
        await stage.shows("Order 99999")
        assert cursor_job(stage) == "j-099999"
        assert len(table(stage)._rows) <= 300
        await stage.press("pageup", "pageup", "pageup", "pageup", "pageup", "pageup")
        await stage.until(lambda: cursor_job(stage) is not None)
        place = table(stage).cursor
        assert cursor_job(stage) == f"j-{place:06d}"


async def test_a_storm_of_changes_is_read_a_few_times_a_second() -> None:
    async with staged() as stage:
        before = stage.control.queries["failures"]
        began = asyncio.get_running_loop().time()
        for _ in range(300):
            stage.control.publish()
            await asyncio.sleep(0.001)
        await stage.until(lambda: stage.control.queries["failures"] > before)
        took = asyncio.get_running_loop().time() - began
        assert stage.control.queries["failures"] - before <= 2 + 8 * took


async def test_countdowns_run_by_the_engines_rate_without_reading_anything() -> None:
    control = FakeControl()
    control.rate = 120.0
    async with staged(control) as stage:
        await stage.press("2")
        await stage.shows("NEXT STEP", "14:49")
        await stage.passes(1.0)
        await stage.shows("12:49")
        assert "  now  " in stage.text


async def test_a_click_moves_the_cursor_and_a_second_one_opens_the_story() -> None:
    async with staged() as stage:
        await stage.pilot.click("#failing", offset=(10, 4))
        assert cursor_job(stage) == "j-0003"
        await stage.pilot.click("#failing", offset=(10, 6), times=2)
        await stage.shows("fingerprint")


async def test_panes_by_number_and_tab_and_zoom() -> None:
    async with staged(size=LARGE) as stage:
        main = stage.app.main
        for key, number in (("2", 2), ("tab", 3), ("tab", 4), ("tab", 1), ("shift+tab", 4), ("3", 3)):
            await stage.press(key)
            assert main.active.number == number
            assert main.active.view.has_focus
        await stage.press("z")
        await stage.hides("Failing jobs  24")
        await stage.shows("WHAT HAPPENED")
        await stage.press("escape")
        await stage.shows("Failing jobs  24")


async def test_an_error_of_one_pane_marks_it_old() -> None:
    async with staged() as stage:
        from aof_tui.base.errors import UsageError

        async def refuse(*_: object) -> object:
            raise UsageError("no")

        stage.control.failures = refuse  # type: ignore[method-assign,assignment]  # one query fails, the others answer
        stage.control.publish(Topic.FAILURES)
        await stage.shows("Failing jobs  24, old")
        assert "Order sync" in stage.text
