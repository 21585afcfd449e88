"""Messages, texts that mean harm, and a clock that waits in no time."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from dataclasses import replace

from hypothesis import strategies as st

from aof_tui.control.rows import IncidentRow, ReportRow
from aof_tui.domain.words import Category, NoticeKind, Reason, Severity
from aof_tui.notify.message import Message, Notice, ReportNotice

AT = 1_790_000_000.0

HOSTILE = (
    "<!channel> <!here> <@U123> <https://evil.example.com|Click here>",
    "*bold* _it_ ~no~ `code` @channel @here #general",
    "a&lt;b &amp; <script>alert(1)</script> & more",
    "Subject\r\nBcc: victim@example.com\r\n\r\nbody",
    "line\nNext: pay the attacker\rError: none",
    "form\x0bfeed\x0c\x1c\x1d\x1e\x85nel\u2028sep\u2029par",
    "\x1b]52;c;ZXZpbA==\x07\x1b[2Jcleared\x9b31m",
    "right\u202eleft\u2066iso\u2069 zero\u200bwidth\ufeff",
    "lone \ud800 surrogate \udfff and pair \ud83d\ude00",
    "$reference ${lead} %s {0.__class__}",
    "\x00nul and " + "x" * 5_000,
    "&" * 4_000,
    "\U0001f600" * 2_000,
    "many\n" * 1_000,
    "   ",
    "==?utf-8?b?DQpCY2M6IHY=?==?utf-8?q?=0ABcc:_v?=",
    "=?utf-8?q?=0D=0ABcc:_victim=40example.com?=",
)

texts = st.one_of(
    st.sampled_from(HOSTILE), st.text(max_size=60), st.text(alphabet="<>&@!|\r\n\u2028 :;a.=?", max_size=80)
)
lines = st.lists(texts, max_size=60).map(tuple)
times = st.floats(0, 4e9)


@st.composite
def notices(draw: st.DrawFn) -> Notice:
    return draw(
        st.builds(
            Notice,
            kind=st.sampled_from([kind for kind in NoticeKind if kind is not NoticeKind.REPORT]),
            workspace=texts,
            severity=st.sampled_from(Severity),
            title=texts,
            at=times,
            category=st.none() | st.sampled_from(Category),
            recipe_id=st.none() | texts,
            recipe=st.none() | texts,
            incident=st.none() | st.integers(1, 9999).map("I{}".format),
            status=texts,
            open_failures=st.integers(0, 10**6),
            attempts=st.none() | st.integers(0, 99),
            max_attempts=st.none() | st.integers(1, 99),
            first_seen_at=st.none() | times,
            last_seen_at=st.none() | times,
            reasons=st.lists(st.sampled_from(Reason) | texts, max_size=8).map(tuple),
            next_step=texts,
            error=texts,
            job_ids=lines,
            lines=lines,
            merged=st.integers(0, 10**4),
        )
    )


def notice(**changes: object) -> Notice:
    """What a person is typically woken by."""
    sample = Notice(
        kind=NoticeKind.NEEDS_PERSON,
        workspace="prod",
        severity=Severity.ERROR,
        title="Too many requests to NetSuite",
        at=AT,
        category=Category.RATE_LIMIT,
        recipe_id="1234",
        recipe="Orders to NetSuite",
        incident="I7",
        status="open",
        open_failures=3,
        attempts=5,
        max_attempts=5,
        first_seen_at=AT - 3_600,
        last_seen_at=AT,
        reasons=(Reason.POLICY_ASK,),
        next_step="retry or close it in aof-tui",
        error="429 Too Many Requests\nretry later",
        job_ids=("j-1", "j-2", "j-3"),
    )
    return replace(sample, **changes)  # type: ignore[arg-type]  # the tests name fields only


def incident_row(text: str = "Orders to NetSuite") -> IncidentRow:
    return IncidentRow(
        workspace="prod", incident="I7", kind="jobs", status="open", novelty="new", category="rate_limit",
        severity="error", title=text, recipe_id="1", recipe=text, fingerprint="v1:x", open_failures=3, total=9, level=0,
        first_seen_at=AT - 7200, last_seen_at=AT, escalate_at=None, remind_at=None, acknowledged_by=None,
        snoozed_until=None, assignee=None, resolved_at=None,
    )  # fmt: skip


def report(text: str = "Orders to NetSuite", recorded: int = 12) -> ReportNotice:
    quiet = recorded == 0
    row = ReportRow(
        workspace="prod",
        since=AT - 86_400,
        until=AT,
        recorded=recorded,
        recovered=0 if quiet else 9,
        exhausted=0 if quiet else 1,
        needs_person=0 if quiet else 1,
        held=0,
        still_open=0 if quiet else 3,
        repeats_accepted=0 if quiet else 14,
        healed_by_repeat_share=None if quiet else 0.64,
        median_time_to_recovery_s=None if quiet else 724.0,
        by_category={} if quiet else {"timeout_network": 5, "rate_limit": 7},
        top_errors=() if quiet else ({"count": 7, "recipe": text, "error": text, "novelty": "new"},),
        open_incidents=() if quiet else (incident_row(text),),
        open_by_status={} if quiet else {"held": 1, "needs_person": 2},
    )
    return ReportNotice(row, AT)


messages: st.SearchStrategy[Message] = st.one_of(notices(), texts.map(report), st.just(report(recorded=0)))


class StepClock:
    """Moves only when somebody sleeps."""

    boot_id = "test"

    def __init__(self, rate: float = 1.0) -> None:
        self.rate = rate
        self.now = 1_000.0

    def wall(self) -> float:
        return AT + self.now

    def boot(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += max(0.0, seconds)
        await asyncio.sleep(0)

    async def wait(self, event: asyncio.Event, seconds: float | None) -> bool:
        await self.sleep(seconds or 0.0)
        return event.is_set()

    def deadline(self, seconds: float) -> AbstractAsyncContextManager[object]:
        return asyncio.timeout(seconds)
