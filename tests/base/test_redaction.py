from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aof_tui.base.redaction import _STEPS, MAX_CHARACTERS, redact

TEXT = st.text(st.characters(codec="utf-8"), max_size=200)

CANARIES = [
    "bob.jones+erp@example.co.uk",
    "bob%40example.com",
    "+49 170 1234567",
    "+1-212-555-0199",
    "(212) 555-0199",
    "212-555-0199",
    "DE89 3704 0044 0532 0130 00",
    "GB29NWBK60161331926819",
    "4111 1111 1111 1111",
    "5500-0000-0000-0004",
    "378282246310005",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dBjftJeZ4CVP",
    "xoxb-123456789012-abcdefABCDEF",
    "xapp-1-A012-345-abc",
    "wrkaus-eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dBjftJeZ4CVP",
    "wrk-9f86d081884c7d659a2f",
    "AKIAIOSFODNN7EXAMPLE",
    "AIzaSyA1234567890abcdefghijklmnopqrstuv",
    "ya29.a0AfH6SMBx1234567890",
    "abc8Q~abcdefghijklmnopqrstuvwxyz0123456789",
    "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
    "SG.ngeVfQFYQlKU0ufo8x5d1A.TwL2iGABf9DHoTf09kqeF8tAmbihYzrnopKc",
    "00D5g000001XyZa!AQEAQFZyx1234567890abcdef",
]
PLACED = [
    ("password={}", "hunter2"),
    ("password: {}", "correcthorse"),
    ('"password":"{}"', "hunter two"),
    ('\\"client_secret\\": \\"{}\\"', "s3cr3t-value"),
    (":api_key=>'{}'", "abc def"),
    ("Authorization: Bearer {}", "abcDEF123456"),
    ("Authorization: Basic {}", "dXNlcjpwYXNz"),
    ("bearer {} was refused", "a1b2c3d4e5f6"),
    ("https://bob:{}@db.example.com/x", "pa55w0rd"),
    ("postgres://{}@db.example.com/x", "bob"),
    ("https://api.example.com/x?access_token={}&page=2", "abcdef"),
    ("https://api.example.com/x?X-Amz-Signature={}&page=2", "abcdef"),
    ("AccountKey={};EndpointSuffix=core", "Zm9vYmFy+/w=="),
    ("<wsse:Password>{}</wsse:Password>", "letmein"),
    ("Cookie: JSESSIONID={}", "AB12CD34"),
    ("x-api-key: {}", "f00ba4f00ba4"),
    ("token={}", "abc"),
    ("phone: {}", "0170 1234567"),
    ('"mobile_number": "{}"', "01701234567"),
    ("https://hooks.slack.com/{}", "services/T000/B000/XXXXYYYY"),
    ("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n{}\n-----END RSA PRIVATE KEY-----", "MIIEowIBAAKCAQEA"),
    ("-----BEGIN PRIVATE KEY-----\n{}", "MIIEowIBAAKCAQEA"),
]


def test_a_card_number_is_found_between_other_digits() -> None:
    assert redact("4111 1111 1111 1111 000") == "‹card› 000"
    assert redact("77 4111-1111-1111-1111 2 x") == "77 ‹card› 2 x"
    assert redact("2345 4111 1111 1111 1111 5500 0000 0000 0004") == "2345 ‹card› ‹card›"
    assert redact("order 1234 5678 9012 3456 7") == "order 1234 5678 9012 3456 7"


@pytest.mark.parametrize("canary", CANARIES)
@pytest.mark.parametrize("frame", ["{}", "failed for {} today", "<{}>", "'{}'", "x={},y=1", "at\n{}\n", '{{"v":"{}"}}'])
def test_no_canary_survives(canary: str, frame: str) -> None:
    redacted = redact(frame.format(canary))
    assert canary not in redacted
    assert "‹" in redacted


@pytest.mark.parametrize(("frame", "canary"), PLACED)
def test_no_value_survives_where_its_place_tells_that_it_is_secret(frame: str, canary: str) -> None:
    assert canary not in redact(frame.format(canary))


@given(st.sampled_from(CANARIES), TEXT, TEXT)
def test_no_canary_survives_whatever_surrounds_it(canary: str, before: str, after: str) -> None:
    assert canary not in redact(f"{before} {canary} {after}")


@pytest.mark.parametrize(
    "text",
    [
        "502 Bad Gateway",
        "j-AEcaNzd9-dGQ4Bf",
        "Error ID 058ea58e-fcd5-4206-b93f-c1dcfbf95a32",
        "2025-06-14T16:17:14.000-07:00",
        "14.06.2025 16:17:14",
        "1718381834000",
        "Invalid username, password, security token; or user locked out.",
        "Unexpected token: }",
        "INVALID_TOKEN: The token is bad",
        "Token: expired",
        "Basic authentication is disabled",
        "Bearer authorization required",
        "duplicate key value violates unique constraint",
        "Missing required parameter: api_key",
        "password authentication failed for user x",
        "10.1.2.3:8080 refused",
        "1,048,576 rows of 4111111111111112",
        "SO20 is not an account, US12345678901234567 neither, DE12 short",
        "00115000012345678901",
    ],
)
def test_what_errors_are_told_apart_by_stays(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("mail a@example.com or b@example.org", "mail ‹email› or ‹email›"),
        ("pay DE89370400440532013000 IS LATE", "pay ‹iban› IS LATE"),
        ("DE89 3704 0044 0532 0130 00 12", "‹iban› 12"),
        ("https://u:p@example.com/x", "https://‹credentials›@example.com/x"),
        ("password=‹secret›", "password=‹secret›"),
        ('{"token": "abc", "id": 5}', '{"token": "‹secret›", "id": 5}'),
    ],
)
def test_marks_are_constant_so_that_equal_causes_stay_equal(text: str, redacted: str) -> None:
    assert redact(text) == redacted


@given(TEXT)
def test_redacting_twice_changes_nothing_more(text: str) -> None:
    assert redact(redact(text)) == redact(text)


@given(
    st.lists(
        st.sampled_from([*CANARIES, "password", "=", ": ", '"', "'", "token", "Bearer ", "://", "@", "‹", "-", "1"]),
        max_size=8,
    )
)
def test_redacting_twice_changes_nothing_more_of_secrets(pieces: list[str]) -> None:
    once = redact("".join(pieces))
    assert redact(once) == once


def test_a_huge_text_keeps_its_ends_only() -> None:
    redacted = redact("a" * MAX_CHARACTERS + " bob@example.com")
    assert len(redacted) <= MAX_CHARACTERS
    assert redacted.endswith("‹email›")


@pytest.mark.parametrize(("marks", "pattern"), [step[:2] for step in _STEPS])
@settings(max_examples=30)
@given(data=st.data())
def test_all_that_a_pattern_matches_holds_one_of_its_marks(
    marks: tuple[str, ...], pattern: re.Pattern[str], data: st.DataObject
) -> None:
    found = pattern.search(data.draw(st.from_regex(pattern)))
    assert found is not None
    looked_behind = 20
    text = found.string[max(0, found.start() - looked_behind) : found.end()].lower()
    assert any(mark in text for mark in marks)
