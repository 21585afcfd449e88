from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aof_tui.domain.model import ErrorParts
from aof_tui.policy.error_text import MAX_JSON, parse_error
from aof_tui.policy.fingerprint import fingerprint

UUID = "058ea58e-fcd5-4206-b93f-c1dcfbf95a32"


def test_plain_text_is_taken_apart_and_loses_the_steps_input() -> None:
    text = (
        f'Bad request: Custom field \'SICCode__c\' is not present; Error ID {UUID}; input: {{"email": "a@example.com"}}'
    )
    assert parse_error(text) == ErrorParts(
        text="Bad request: Custom field 'SICCode__c' is not present",
        error_type="Bad request",
        message="Custom field 'SICCode__c' is not present",
        error_id=UUID,
    )


def test_the_json_string_of_parts_tells_the_same() -> None:
    parts = {
        "adapter": "marketo",
        "error_type": "Bad request",
        "message": "Custom field SICCode__c is not present",
        "error_id": UUID,
        "error_at": "2019-09-13T15:27:27.446-07:00",
        "input": "<redacted>",
        "line_number": "3",
        "action": "create_lead",
    }
    assert parse_error(json.dumps(parts)) == ErrorParts(
        text="Bad request: Custom field SICCode__c is not present",
        error_type="Bad request",
        adapter="marketo",
        message="Custom field SICCode__c is not present",
        line_number=3,
        action="create_lead",
        error_id=UUID,
    )


def test_error_parts_stand_above_the_text_but_empty_ones_do_not() -> None:
    error = parse_error(
        "Bad request: old words", {"message": "new words", "error_type": "", "adapter": None, "line_number": 2}
    )
    assert (error.error_type, error.message, error.line_number) == ("Bad request", "new words", 2)
    assert parse_error("Error", {}) == ErrorParts(text="Error", message="Error")


def test_an_inner_message_is_added_unless_the_message_says_it() -> None:
    inner = {"error_type": "Exception", "message": "It broke", "inner_message": "#<NoMethodError: It broke>"}
    assert parse_error(None, inner).message == "It broke"
    inner["inner_message"] = "#<NoMethodError: nil here>"
    assert parse_error(None, inner).message == "It broke; #<NoMethodError: nil here>"
    inner["inner_message"] = "plain cause"
    assert parse_error(None, inner).text == "Exception: It broke; plain cause"
    assert parse_error(None, {"inner_message": "only this"}).message == "only this"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("502 Bad Gateway", 502),
        ("  404 Not Found", 404),
        ("503", 503),
        ("429: slow", 429),
        ("RestClient::BadGateway: 502 Bad Gateway", 502),
        ("404 records were skipped", None),
        ("500 Rows failed", None),
        ("Order 503 failed", None),
        ("50200 is too much", None),
        ("200 OK", None),
    ],
)
def test_a_code_at_the_beginning_is_the_failed_steps(text: str, code: int | None) -> None:
    assert parse_error(text).http_code == code


@pytest.mark.parametrize(
    "text", ['{"error":"invalid_token"}', '{"message": "x", "status": 429}', '{"message":', '["message"]', "{" * 3_000]
)
def test_json_of_other_services_stays_text(text: str) -> None:
    assert parse_error(text).text == text


def test_json_that_would_exhaust_the_parser_stays_text() -> None:
    deep = '{"message":' * 20_000
    assert parse_error(deep).error_type is None
    long = json.dumps({"message": "x" * MAX_JSON, "error_type": "T"})
    assert parse_error(long).error_type is None


@pytest.mark.parametrize(
    ("value", "line"),
    [("7", 7), (7, 7), (True, None), ("x", None), ("9" * 30, None), ("٣", None), (2.5, None), (None, None)],
)
def test_a_line_number_is_a_number(value: Any, line: int | None) -> None:
    assert parse_error("x", {"line_number": value}).line_number == line


def test_a_message_that_is_no_text_is_shown_as_json() -> None:
    assert parse_error(None, {"message": {"code": "X"}}).message == '{"code": "X"}'


def test_nothing_said_is_an_empty_text() -> None:
    assert parse_error(None) == ErrorParts(text="")
    assert parse_error("") == ErrorParts(text="")


def test_what_is_kept_is_clean_redacted_and_short() -> None:
    error = parse_error("Bad\x1b[31m: mail bob@example.com password=hunter2 " + "y" * 1_000_000)
    assert "\x1b" not in error.text
    assert "bob@" not in error.text
    assert "hunter2" not in error.text
    assert len(error.text) < 25_000


def test_names_are_one_clean_line() -> None:
    error = parse_error("x", {"adapter": "net\nsuite\x07", "action": 5, "error_type": "T" * 1_000})
    assert error.adapter == "net suite␇"
    assert error.action is None
    assert len(error.error_type or "") == 200


@given(
    st.text(max_size=200),
    st.dictionaries(st.sampled_from(["message", "error_type", "line_number"]), st.text() | st.integers()),
)
def test_any_error_is_taken_apart(text: str, parts: dict[str, str | int]) -> None:
    error = parse_error(text, parts)
    assert fingerprint(error).startswith("v1:")
