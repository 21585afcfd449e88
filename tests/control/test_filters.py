"""The grammar of filters: what it understands, what it calls a problem, and what it lets through."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aof_tui.control.filters import (
    EVENT_FIELDS,
    FAILURE_FIELDS,
    INCIDENT_FIELDS,
    MAX_WORDS,
    NO_FIELDS,
    NOTICE_FIELDS,
    Fields,
    event_query,
    failure_query,
    incident_query,
    notification_query,
    parse_filter,
)


def test_words_fields_and_exceptions() -> None:
    typed = parse_filter('order "two words" -test status:held recipe:"Order sync" job:j-7 nosuch:x', FAILURE_FIELDS)
    query = failure_query(typed)
    assert query.text == ("order", "two words", "nosuch:x")
    assert query.without == ("test",)
    assert query.statuses == ("held",)
    assert query.recipes == ("Order sync",)
    assert query.master_job_ids == ("j-7",)
    assert not query.only_open


def test_the_beginning_of_a_word_is_enough() -> None:
    assert parse_filter("status:needs", FAILURE_FIELDS).values("status") == ("needs_person",)
    assert parse_filter("category:r", FAILURE_FIELDS).values("category") == ("rate_limit", "recipe_logic")
    assert parse_filter('status:"in doubt"', FAILURE_FIELDS).values("status") == ("in_doubt",)


def test_a_word_that_cannot_be_is_said_and_matches_nothing() -> None:
    typed = parse_filter("status:xyz", FAILURE_FIELDS)
    assert (typed.problem or "").startswith("no status begins with “xyz”; there are scheduled, ")
    assert typed.values("status") == ("xyz",)


def test_the_other_panes_have_their_own_fields() -> None:
    events = event_query(parse_filter("level:err kind:repeat.acc job:j-1 incident:I2 -x y", EVENT_FIELDS))
    assert (events.levels, events.kinds) == (("error",), ("repeat.accepted",))
    assert (events.master_job_id, events.incident, events.without, events.text) == ("j-1", "I2", ("x",), ("y",))
    notices = notification_query(parse_filter("status:dead receiver:oncall slack", NOTICE_FIELDS))
    assert (notices.states, notices.receivers, notices.text) == (("dead",), ("oncall",), ("slack",))


@given(st.text())
def test_nothing_typed_fails(text: str) -> None:
    typed = parse_filter(text, FAILURE_FIELDS)
    assert len(typed.words) + len(typed.without) <= MAX_WORDS
    assert all(typed.words)
    failure_query(typed)


@given(st.lists(st.text(alphabet="abc-: ", min_size=1).filter(str.strip), max_size=4), st.sampled_from(["", "-"]))
def test_words_in_quotes_come_back_as_typed(words: list[str], before: str) -> None:
    typed = parse_filter("  ".join(f'{before}"{word}"' for word in words), FAILURE_FIELDS)
    assert (typed.without if before else typed.words) == tuple(words)
    assert (typed.fields, typed.problem) == ({}, None)


def test_a_word_in_quotes_is_text() -> None:
    typed = parse_filter('"status:held" "-x" "-" -"status:held" -"a b:c"', FAILURE_FIELDS)
    assert (typed.words, typed.without, typed.fields) == (("status:held", "-x", "-"), ("status:held", "a b:c"), {})
    assert typed.problem is None


def test_every_listing_can_be_narrowed_to_workspaces() -> None:
    text = 'workspace:prod workspace:"two words"'
    names = ("prod", "two words")
    assert failure_query(parse_filter(text, FAILURE_FIELDS)).workspaces == names
    assert event_query(parse_filter(text, EVENT_FIELDS)).workspaces == names
    assert incident_query(parse_filter(text, INCIDENT_FIELDS)).workspaces == names
    assert notification_query(parse_filter(text, NOTICE_FIELDS)).workspaces == names


@pytest.mark.parametrize("known", [FAILURE_FIELDS, EVENT_FIELDS, INCIDENT_FIELDS, NOTICE_FIELDS, NO_FIELDS])
@pytest.mark.parametrize("name", [*FAILURE_FIELDS, *EVENT_FIELDS, *INCIDENT_FIELDS, *NOTICE_FIELDS])
def test_no_field_of_any_listing_is_taken_for_text(known: Fields, name: str) -> None:
    for typed in (f"-{name}:x", f"--{name.upper()}:x", f'-{name}:"x y"', *([] if name in known else [f"{name}:x"])):
        assert parse_filter(typed, known).problem, typed


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("status:recoverd", "no status begins with “recoverd”, did you mean recovered?"),
        ("stauts:held", "there is no field “stauts”, did you mean status?"),
        ("-stauts:held", "there is no field “stauts”, did you mean status?"),
        ("-status:held", "-status: cannot be said; name the ones that are wanted"),
        ("-workspace:prod", "-workspace: cannot be said; name the ones that are wanted"),
        ("-severity:warning", "there is no field “severity” here; there are status, category,"),
        ("severity:warning", "there is no field “severity” here; there are status, category,"),
        ("-level:error", "there is no field “level” here"),
        ("-kind:jobs", "there is no field “kind” here"),
        ("-project:x", '-project: is no field; quotes make it text, as in -"project:…"'),
        ("--project:x", "-project: is no field"),
        ("-reason:observe", "-reason: is no field"),
        ("-Net::ReadTimeout", "-net: is no field"),
        ('-st"atus:held"', "-status: cannot be said"),
        ('-" "', "nothing but blanks stands in quotes"),
        ('" "', "nothing but blanks stands in quotes"),
        ('-""', "nothing but blanks stands in quotes"),
        ("-12:30 -http://x", "-http: is no field"),
        ("x job:", "job: needs a value"),
        ("incident:I1 incident:I2", "only one incident can be asked for at once"),
        ("word " * (MAX_WORDS + 1), "a filter has at most 16 words and 1,000 characters"),
        (
            "status:zz status:yy",
            "no status begins with “zz”; there are scheduled, repeating, in_doubt,",
        ),
        ("Net::ReadTimeout at 12:30, status -", None),
        ('-"Net::ReadTimeout" -12:30 project:x', None),
        ("job:1 job:2 status:held status:exhausted", None),
    ],
)
def test_what_would_let_other_rows_through_is_a_problem(text: str, problem: str | None) -> None:
    found = parse_filter(text, FAILURE_FIELDS).problem
    assert found == problem if problem is None else (found or "").startswith(problem)


def test_incidents_and_notices_leave_out_what_is_not_wanted() -> None:
    typed = parse_filter("kind:recipe severity:critical category:auth incident:I3 -shop", INCIDENT_FIELDS)
    query = incident_query(typed)
    assert query.kinds == ("recipe_stopped", "recipe_silent")
    assert (query.severities, query.categories, query.incident) == (("critical",), ("auth_connection",), "I3")
    assert (query.without, query.only_open) == (("shop",), True)
    assert notification_query(parse_filter("-shop", NOTICE_FIELDS)).without == ("shop",)
