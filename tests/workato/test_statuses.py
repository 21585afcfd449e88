"""Workato's words for a run's state."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aof_tui.domain.words import RunStatus
from aof_tui.workato.statuses import run_status


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("succeeded", RunStatus.SUCCEEDED),
        ("Completed", RunStatus.SUCCEEDED),
        ("success", RunStatus.SUCCEEDED),
        ("failed", RunStatus.FAILED),
        (" error ", RunStatus.FAILED),
        ("pending", RunStatus.PENDING),
        ("running", RunStatus.PENDING),
        ("processing", RunStatus.PENDING),
        ("cancelled", RunStatus.CANCELLED),
        ("canceled", RunStatus.CANCELLED),
        ("ABORTED", RunStatus.CANCELLED),
    ],
)
@pytest.mark.parametrize("completed", [True, False])
@pytest.mark.parametrize("is_error", [True, False])
def test_a_known_word_decides_alone(word: str, status: RunStatus, completed: bool, is_error: bool) -> None:
    assert run_status(word, completed=completed, is_error=is_error) is status


@pytest.mark.parametrize(
    ("word", "completed", "is_error", "status"),
    [
        ("hibernating", False, True, RunStatus.PENDING),
        ("hibernating", True, True, RunStatus.FAILED),
        ("hibernating", True, False, RunStatus.UNKNOWN),
        ("cancelling", False, False, RunStatus.PENDING),
        ("canceling", True, True, RunStatus.CANCELLED),
        (None, False, False, RunStatus.PENDING),
        (None, True, True, RunStatus.FAILED),
        (None, True, False, RunStatus.SUCCEEDED),
        ("", True, False, RunStatus.SUCCEEDED),
    ],
)
def test_another_word_has_ended_only_with_a_completion_time(
    word: str | None, completed: bool, is_error: bool, status: RunStatus
) -> None:
    assert run_status(word, completed=completed, is_error=is_error) is status


@given(st.text(min_size=1).filter(str.strip), st.booleans())
def test_an_unknown_word_is_never_a_success(word: str, is_error: bool) -> None:
    known = {"succeeded", "success", "completed"}
    found = run_status(word, completed=True, is_error=is_error)
    assert (found is RunStatus.SUCCEEDED) == (word.strip().lower() in known)
