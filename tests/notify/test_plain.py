"""The plain form: calm, complete, and nothing quoted can pass for ours."""

from __future__ import annotations

import re
from dataclasses import replace

from hypothesis import given
from msgspec import structs

from aof_tui.base.text import clean
from aof_tui.domain.words import NoticeKind, Reason, Severity
from aof_tui.notify.message import Notice
from aof_tui.notify.render.compose import compose
from aof_tui.notify.render.plain import plain_text
from aof_tui.notify.render.sheet import MAX_ITEMS, MAX_LINE, MAX_QUOTE, brief, listed, quoted
from aof_tui.notify.render.words import REASONS, STATES
from tests.notify.samples import notice, notices, report, texts

NOTICE = """\
[ERROR] rate_limit · Orders to NetSuite · 3 jobs · needs a person
Too many requests to NetSuite

Workspace: prod
Incident: I7, open
Recipe: Orders to NetSuite (1234)
Category: rate_limit
Open failures: 3
Attempts: 5 of 5
First seen: 2026-09-21 13:13 UTC
Last seen: 2026-09-21 14:13 UTC
Jobs: j-1, j-2, j-3
Why: errors of this kind are repeated only when a person says so
Next: retry or close it in aof-tui

Error:
    429 Too Many Requests
    retry later

Reference: n-1
"""

REPORT = """\
[REPORT] prod · 12 failures · 9 recovered · 3 still open
12 failures recorded. In this time 9 recovered, 1 used up all attempts, 1 had to wait for a person, 0 had to be held.

Workspace: prod
From: 2026-09-20 14:13 UTC
Until: 2026-09-21 14:13 UTC
Still open now: 3: 1 held, 2 needs person
Repeats accepted: 14
Healed by a repeat, of those that ended: 64%
Median time to recovery: 12m 04s

By category:
    7 × rate_limit
    5 × timeout_network

Most frequent errors:
    7 × Orders to NetSuite: Orders to NetSuite (new)

Open incidents, the most urgent first:
    I7 · error · rate_limit · Orders to NetSuite · 3 open failures · open · since 2026-09-21 12:13 UTC
"""

OURS = re.compile(
    "Workspace|Incident|Recipe|Category|Open failures|Attempts|First seen|Last seen|Jobs|Messages|Why|Next"
    "|Error|Reference"
)


def test_a_notice_as_plain_text() -> None:
    assert plain_text(notice(), "n-1") == NOTICE


def test_a_report_as_plain_text() -> None:
    assert plain_text(report()) == REPORT


def test_a_report_says_so_when_nothing_failed() -> None:
    text = plain_text(report(recorded=0))
    assert text.startswith("[REPORT] prod · no job failed\nNo job failed in this time.\n")


def test_a_quiet_report_still_names_what_is_open() -> None:
    assert compose(report(recorded=0)).headline.endswith("no job failed")
    quiet = report(recorded=0)
    left = replace(quiet, report=structs.replace(quiet.report, still_open=2))
    assert compose(left).headline.endswith("no job failed · 2 failures still open")


@given(notices())
def test_every_unindented_line_is_one_of_ours(sample: Notice) -> None:
    text = plain_text(sample, "n-1")
    assert text == clean(text)
    first, *rest = text.split("\n")
    assert first.startswith("[")
    assert len(first) <= MAX_LINE
    lead = [line for line in rest[:1] if line]
    assert lead == ([brief(sample.title)] if brief(sample.recipe or "") and brief(sample.title) else [])
    labels = [line.split(":")[0] for line in rest[1:] if line and not line.startswith("    ")]
    assert all(OURS.fullmatch(label) for label in labels)
    assert [label for label in labels if labels.count(label) > 1] in ([], ["Messages", "Messages"])


@given(texts)
def test_foreign_text_forges_no_line_of_a_report(text: str) -> None:
    lines = plain_text(report(text)).split("\n")
    assert [line for line in lines if not line.startswith("    ")] == [
        line for line in REPORT.split("\n") if not line.startswith("    ")
    ]


@given(texts)
def test_quotes_are_bounded_and_say_what_is_missing(text: str) -> None:
    quote = quoted(text)
    whole = clean(text).strip()
    assert len(quote) <= MAX_QUOTE + 20
    if quote != "\n".join(line.rstrip() for line in whole.split("\n")):
        assert re.search(r"\n… \(\+\d+\)\Z", quote)


def test_lines_and_lists_are_cut_visibly() -> None:
    assert brief("x" * 400) == "x" * 299 + "…"
    assert brief("a\r\nb") == "a b"
    assert listed(["x"] * (MAX_ITEMS + 3))[-1] == "… (+3)"
    assert len(listed(["x"] * MAX_ITEMS)) == MAX_ITEMS


def test_jobs_name_how_many_are_not_shown() -> None:
    assert "Jobs: j-0, j-1, j-2, j-3, j-4 (+45)" in plain_text(
        notice(job_ids=tuple(f"j-{n}" for n in range(7)), open_failures=50)
    )


def test_every_kind_and_reason_has_words() -> None:
    assert set(STATES) == set(NoticeKind)
    assert set(REASONS) == set(Reason)
    assert len({words for _, words in STATES.values()}) == len(NoticeKind)


def test_an_alarm_without_recipe_or_workspace_is_whole() -> None:
    bare = notice(
        kind=NoticeKind.ALARM, workspace="", category=None, recipe=None, recipe_id=None, incident=None, status="",
        open_failures=0, attempts=None, first_seen_at=None, last_seen_at=None, reasons=("because",), error="",
        job_ids=(), severity=Severity.CRITICAL,
    )  # fmt: skip
    assert plain_text(bare) == (
        "[CRITICAL] Too many requests to NetSuite · alarm\n\nWhy: because\nNext: retry or close it in aof-tui\n"
    )
