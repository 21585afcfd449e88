"""Fallbacks in the story of a failure, in the terminal and on the command line."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from aof_tui.cli.failures import _print_story
from aof_tui.control.rows import FallbackRow
from aof_tui.tui.story_text import story_lines
from tests.tui import rows

STARTED = FallbackRow(
    name="by-hand",
    recipe_id="900",
    recipe="Orders by hand",
    forced=True,
    state="succeeded",
    dispatch_id="d-1",
    decided_at=rows.NOW,
    next_at=None,
    sending_at=rows.NOW,
    http_status=202,
    outcome="answered",
    job_id="j-f",
)
PLANNED = replace(STARTED, forced=False, state="planned", recipe=None, dispatch_id=None, http_status=None, job_id=None)


def said(*fallbacks: FallbackRow) -> str:
    story = replace(rows.story_of(rows.failure(1), (), ()), fallbacks=fallbacks)
    return "\n".join("".join(cell.text for cell in line) for line in story_lines(story, rows.NOW, 120))


def test_the_terminal_tells_each_start_and_nothing_where_there_is_none() -> None:
    text = said(STARTED, PLANNED)
    assert "Fallbacks (2)" in text
    assert "by-hand: recipe Orders by hand → j-f, HTTP 202, forced by a person" in text
    assert "by-hand: recipe 900\n" in text
    assert "Fallbacks" not in said()


def test_the_command_line_tells_them_too(capsys: pytest.CaptureFixture[str]) -> None:
    _print_story(replace(rows.story_of(rows.failure(1), (), ()), fallbacks=(STARTED, PLANNED)))
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert any(line.startswith("FALLBACK STATE RECIPE") for line in lines)
    assert any("by-hand forced succeeded Orders by hand" in line and "HTTP 202 j-f d-1" in line for line in lines)
    assert any(line.startswith("by-hand planned 900") for line in lines)
