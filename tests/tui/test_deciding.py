"""A failure whose new error is still being read: nothing is decided, and no repeat is promised."""

from __future__ import annotations

from msgspec.structs import replace

from tests.tui import rows
from tests.tui.driving import LARGE, staged
from tests.tui.fake_control import FakeControl


async def test_it_is_shown_as_deciding_until_then() -> None:
    control = FakeControl()
    undecided = replace(rows.failure(0), next_action_at=rows.NOW + 23, undecided_until=rows.NOW + 23)
    control.failure_rows[0] = undecided
    async with staged(control, size=LARGE) as stage:
        await stage.until(lambda: stage.text.count("… deciding") == 3)
        assert stage.text.count("0:23") == 2
        await stage.press("enter")
        await stage.shows("status          … deciding")
        control.failure_rows[0] = replace(undecided, undecided_until=None)
        control.publish()
        await stage.shows("status          ↻ scheduled")
