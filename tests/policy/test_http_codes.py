from __future__ import annotations

import pytest

from aof_tui.policy.http_codes import code_spans, leading_code, spoken_code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("503 Service Unavailable", 503),
        ("503 service_unavailable", 503),
        ("Request failed with status code 429", 429),
        ("HTTP Error 502: Bad Gateway", 502),
        ("HTTP/1.1 500", 500),
        ("The remote server returned an error: (401) Unauthorized.", 401),
        ("Server returned HTTP response code: 503 for URL", 503),
        ('{"status":404}', 404),
        ('{"code": "422"}', 422),
        ("statusCode=429", 429),
        ("RestClient::BadGateway: 502 Bad Gateway", 502),
        ("POST https://api.example.com/x: 409 Conflict, not 500 Internal Server Error", 409),
        ("got 502 from upstream", 502),
        ("Order 503 is missing", None),
        ("received 500 rows", None),
        ("failed after 500 ms", None),
        ("order status: 503-22", None),
        ("HTTP 200", None),
        ("error code 1205", None),
        ("invoice #404 Not Found", None),
    ],
)
def test_a_code_counts_where_the_text_names_it_as_one(text: str, code: int | None) -> None:
    assert spoken_code(text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("404", 404),
        ("404: x", 404),
        ("404 <html>", 404),
        ("550 5.1.1 no", 550),
        ("404 Records", None),
        ("404 items", None),
        ("4040", None),
    ],
)
def test_a_leading_number_is_a_code_unless_it_counts_something(text: str, code: int | None) -> None:
    assert leading_code(text) == code


def test_spans_of_codes_are_found_everywhere() -> None:
    text = "502 Bad Gateway, then HTTP 503"
    assert [text[begin:end] for begin, end in code_spans(text)] == ["502", "503", "502"]
    assert code_spans("nothing") == []
