"""Terminals of few lines and columns: what is asked can be read to its end, and every answer can be given."""

from __future__ import annotations

from tests.tui.driving import staged

TINY = (40, 10)


async def test_a_question_is_scrolled_and_its_buttons_stay() -> None:
    async with staged(size=TINY, wait_for="Failing jobs") as stage:
        await stage.shows("scheduled")
        await stage.press("r")
        await stage.shows("Repeat this job now?", "↑↓ more", "Cancel (n)", "Repeat now (y)")
        assert "keeps it from" not in stage.text
        await stage.press(*["down"] * 20)
        await stage.shows("counted as an attempt", "Cancel (n)", "Repeat now (y)")
        await stage.press("n")
        await stage.hides("Repeat now")
        assert stage.commands == []
        await stage.press("i")
        await stage.shows("I5", "Order syn")
        await stage.press("S")
        await stage.shows("Cancel (n)", "1 hour (1)", "4 hours (4)", "24 hours (d)", "Snooze this incident?")


async def test_the_pane_one_is_in_is_named_and_the_engine_is_seen() -> None:
    async with staged(size=TINY, wait_for="Failing jobs") as stage:
        await stage.press("4")
        await stage.shows("4 Notifications  18", "✓ engine running", "prod")
        await stage.press("question_mark")
        await stage.shows("Esc closes")
        assert all(len(line) <= TINY[0] for line in stage.lines)
        assert "…" not in "".join(stage.lines[2:-1])


async def test_a_missing_reason_is_asked_for_and_no_toast_covers_the_question() -> None:
    async with staged(size=TINY, wait_for="Failing jobs") as stage:
        await stage.shows("scheduled")
        stage.app.tell("A toast of more than one line, for it has very much to tell.")
        await stage.press("c")
        await stage.until(lambda: bool(stage.app.screen.query("Toast")))
        await stage.shows("Close it (Enter)", "Reason")
        await stage.press("enter")
        await stage.shows("A reason is needed; Esc cancels")
        assert "toast" not in stage.text
        assert len(stage.app._notifications) == 1
        assert stage.commands == []
        await stage.press(*"done", "enter")
        await stage.until(lambda: len(stage.commands) == 1)
        assert stage.commands[0].reason == "done"
