"""Single values: what is accepted, and what is said of the rest."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from aof_tui.config.secrets import SecretRef
from aof_tui.config.values import (
    LONGEST,
    BaseUrl,
    CronSchedule,
    Duration,
    IdOrName,
    MailAddress,
    Origin,
    PlainPath,
    PositiveDuration,
    ProxyUrl,
    SecretReference,
    Text,
    TimeZone,
    WorkspaceName,
    is_loopback,
)

FILE = {"folder": Path("/etc/aof-tui")}


def read(kind: Any, value: object, context: dict[str, Path] | None = None) -> Any:
    return TypeAdapter(kind).validate_python(value, context=context)


@pytest.mark.parametrize(
    ("text", "seconds"), [("0s", 0), ("90s", 90), ("1.5h", 5400), ("10m", 600), ("14d", 1_209_600), ("3650d", LONGEST)]
)
def test_a_duration_is_read_as_seconds(text: str, seconds: float) -> None:
    assert read(Duration, text, FILE) == seconds


@pytest.mark.parametrize("value", ["", "5", "m", "-5m", "5 w", "1e3s", "3651d", "999999999d", None, 60, 60.0, True, []])
def test_anything_else_in_a_file_is_no_duration(value: object) -> None:
    with pytest.raises(ValidationError, match=r"must be a duration: a number and s, m, h or d|must not be empty"):
        read(Duration, value, FILE)


@given(st.floats(min_value=0, max_value=LONGEST))
def test_a_duration_from_python_is_a_number_of_seconds(seconds: float) -> None:
    assert read(Duration, seconds) == seconds


@pytest.mark.parametrize("seconds", [-1.0, math.nan, math.inf])
def test_an_impossible_number_of_seconds_is_refused(seconds: float) -> None:
    with pytest.raises(ValidationError):
        read(Duration, seconds)


def test_a_period_is_longer_than_nothing() -> None:
    assert read(PositiveDuration, "1s", FILE) == 1
    with pytest.raises(ValidationError, match="longer than nothing"):
        read(PositiveDuration, "0s", FILE)


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://www.workato.com", "https://www.workato.com"),
        ("https://app.eu.workato.com/", "https://app.eu.workato.com"),
        ("HTTPS://www.workato.com:8443", "https://www.workato.com:8443"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://localhost:1", "http://localhost:1"),
        ("http://[::1]:80", "http://[::1]:80"),
    ],
)
def test_an_origin_is_kept_without_a_slash(text: str, origin: str) -> None:
    assert read(Origin, text) == origin


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("www.workato.com", "begins with https://"),
        ("ftp://www.workato.com", "begins with https://"),
        ("https://", "begins with https://"),
        ("https://a:99999", "begins with https://"),
        ("https://a:0", "begins with https://"),
        ("https://[::1", "begins with https://"),
        ("https://a b", "begins with https://"),
        ("https://a\\b", "begins with https://"),
        ("https://a\r\nHost: b", "begins with https://"),
        ("http://www.workato.com", "only for this machine"),
        ("http://127.0.0.1.example.com", "only for this machine"),
        ("http://localhost.example.com", "only for this machine"),
        ("https://www.workato.com/api", "without a path"),
        ("https://user:pass@www.workato.com", "user name or password"),
        ("https://@www.workato.com", "user name or password"),
        ("https://www.workato.com?x=1", "before any"),
        ("https://www.workato.com#x", "before any"),
        ("https://www.workato.com?", "before any"),
    ],
)
def test_other_urls_are_no_origin(text: str, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        read(Origin, text)


def test_a_base_url_ends_with_one_slash() -> None:
    assert read(BaseUrl, "https://slack.com/api") == "https://slack.com/api/"
    assert read(BaseUrl, "http://127.0.0.1:1/slack/api//") == "http://127.0.0.1:1/slack/api/"
    with pytest.raises(ValidationError, match="only for this machine"):
        read(BaseUrl, "http://slack.com/api/")


def test_a_proxy_may_be_plain_http_but_holds_no_password() -> None:
    assert read(ProxyUrl, "http://proxy.example.com:3128/") == "http://proxy.example.com:3128"
    with pytest.raises(ValidationError, match="user name or password"):
        read(ProxyUrl, "http://me:secret@proxy.example.com:3128")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "::1"])
def test_this_machine_is_known_by_its_names(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["example.com", "10.0.0.1", "", "localhost.localdomain", "::"])
def test_other_hosts_are_not_this_machine(host: str) -> None:
    assert not is_loopback(host)


@given(st.from_regex(r"[a-z0-9_-]{1,64}", fullmatch=True))
def test_a_workspace_name_is_short_and_plain(name: str) -> None:
    assert read(WorkspaceName, name) == name


@pytest.mark.parametrize("name", ["", "Prod", "a b", "a/b", "../a", "ä", "a\n", "a" * 65])
def test_other_workspace_names_are_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="1 to 64 lower-case"):
        read(WorkspaceName, name)


def test_a_reference_already_read_is_kept() -> None:
    reference = SecretRef("env", "X")
    assert read(SecretReference, reference) is reference
    for value in (5, ["env:X"], {"env": "X"}):
        with pytest.raises(ValidationError, match="a secret is never written here"):
            read(SecretReference, value, FILE)


def test_an_id_may_be_written_as_a_number() -> None:
    assert read(IdOrName, 1234567) == "1234567"
    assert read(IdOrName, "Sync orders") == "Sync orders"
    with pytest.raises(ValidationError):
        read(IdOrName, True)


@pytest.mark.parametrize("text", ["", "   ", "a\nb", "a\x1b[0m", "a\u2028b", "\ud800", "x" * 256])
def test_text_is_one_short_line(text: str) -> None:
    with pytest.raises(ValidationError):
        read(Text, text)


@pytest.mark.parametrize("text", ["0 8 * * *", "*/5 * * * *", "0 0 29 2 *", "30 6 * * MON-FRI"])
def test_a_cron_schedule_has_five_fields(text: str) -> None:
    assert read(CronSchedule, text) == text


@pytest.mark.parametrize("text", ["", "daily", "@daily", "* * * * * *", "0 8 * *", "61 * * * *", "0 0 31 2 *"])
def test_other_schedules_are_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="five fields"):
        read(CronSchedule, text)


def test_a_time_zone_has_a_known_name() -> None:
    assert read(TimeZone, "UTC") == "UTC"
    assert read(TimeZone, "Europe/Berlin") == "Europe/Berlin"
    for text in ("", "Mars", "/etc/passwd", "../UTC", "a\0b", "Europe"):
        with pytest.raises(ValidationError, match="must be a time zone"):
            read(TimeZone, text)


@pytest.mark.parametrize("text", ["a", "a@", "@b", "a@b c", "A <a@b.example>", "a@b\nBcc: c@d", "a@b,c@d", "a@b\n"])
def test_only_bare_mail_addresses_are_taken(text: str) -> None:
    assert read(MailAddress, "ops.team+aof@mail.example.com") == "ops.team+aof@mail.example.com"
    with pytest.raises(ValidationError, match="must be a mail address"):
        read(MailAddress, text)


def test_paths_begin_in_the_folder_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/users/me")
    assert read(PlainPath, "data/aof.db", FILE) == Path("/etc/aof-tui/data/aof.db")
    assert read(PlainPath, "/data/aof.db", FILE) == Path("/data/aof.db")
    assert read(PlainPath, "~/aof.db", FILE) == Path("/users/me/aof.db")
    assert read(PlainPath, "aof.db") == Path("aof.db")


@pytest.mark.parametrize("value", ["", "  ", "a\0b", "a\nb", 5, None, "~no-such-user-here/aof.db"])
def test_what_cannot_be_a_path_is_refused(value: object) -> None:
    with pytest.raises(ValidationError):
        read(PlainPath, value, FILE)


@given(st.text())
def test_a_refused_secret_reference_is_never_echoed(text: str) -> None:
    try:
        told = str(read(SecretReference, f"{text}s3cr3t-t0ken", FILE))
    except ValidationError as error:
        told = error.errors()[0]["msg"]
    assert told.startswith(("env:", "file:")) or "s3cr3t" not in told
