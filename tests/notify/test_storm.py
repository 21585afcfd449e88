"""A receiver gets at most twelve messages in ten minutes, and learns of all of them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aof_tui.domain.words import NoticeKind, Severity
from aof_tui.notify.message import Message, from_json, to_json
from aof_tui.notify.render.plain import plain_text
from aof_tui.notify.storm import CAP, MAX_LINES, RESERVED, WINDOW_S, Admission, Waiting, admit, digest
from tests.notify.samples import messages, notice, report

NOW = 10_000.0
ESCALATED, ALARM, OPENED = NoticeKind.ESCALATED, NoticeKind.ALARM, NoticeKind.OPENED


def row(number: int, message: Message) -> Waiting:
    return Waiting(number, f"n-{number}", message)


def rows(count: int, kind: NoticeKind = OPENED, first: int = 1) -> list[Waiting]:
    return [row(first + number, notice(kind=kind, incident=f"I{number}")) for number in range(count)]


def numbers(admission: Admission) -> list[int]:
    return [waiting.notification_id for waiting in admission.single]


some_rows = st.lists(st.sampled_from([ESCALATED, ALARM, OPENED, NoticeKind.RESOLVED]), max_size=60).map(
    lambda kinds: [row(number, notice(kind=kind)) for number, kind in enumerate(kinds)]
)


@given(some_rows, st.lists(st.floats(NOW - 2 * WINDOW_S, NOW), max_size=30))
def test_the_cap_holds_and_nothing_is_lost(waiting: list[Waiting], told_at: list[float]) -> None:
    admission = admit(waiting, told_at, NOW)
    recent = sum(NOW - at < WINDOW_S for at in told_at)
    sent = len(admission.single) + len(admission.digests)
    assert sent == 0 or recent + sent <= CAP
    served = [*admission.single, *(waiting for group in admission.digests for waiting in group)]
    assert len({waiting.notification_id for waiting in served}) == len(served)
    assert (admission.not_before is not None) == (len(served) < len(waiting))
    assert all(len(group) >= 2 for group in admission.digests)
    for group in admission.digests:
        assert len({waiting.message.kind is ALARM for waiting in group if hasattr(waiting.message, "kind")}) == 1
    if admission.not_before is not None:
        assert admission.not_before > NOW


def test_few_messages_go_as_they_are() -> None:
    waiting = rows(CAP - RESERVED)
    assert admit(waiting, [], NOW) == Admission(tuple(waiting), (), None)


def test_many_become_one_digest() -> None:
    waiting = rows(500)
    admission = admit(waiting, [], NOW)
    assert admission.single == tuple(waiting[:8])
    assert admission.digests == (tuple(waiting[8:]),)
    assert admission.not_before is None


def test_a_full_window_waits_until_its_oldest_is_past() -> None:
    told_at = [NOW - 500.0 + number for number in range(CAP)]
    assert admit(rows(3), told_at, NOW) == Admission((), (), NOW + 100.0)
    assert len(admit(rows(3), told_at, NOW + 110.0).single) == 3


def test_escalations_and_alarms_have_places_of_their_own() -> None:
    told_at = [NOW - 1.0] * (CAP - RESERVED)
    waiting = [*rows(2), *rows(1, ALARM, 10), *rows(2, ESCALATED, 20)]
    admission = admit(waiting, told_at, NOW)
    assert numbers(admission) == [20, 21, 10]
    assert admission.not_before is not None


def test_a_storm_of_ten_thousand_is_told_in_few_messages() -> None:
    told_at: list[float] = []
    waiting = rows(10_000)
    for now in range(0, 3_600, 5):
        admission = admit(waiting, told_at, float(now))
        told_at += [float(now)] * (len(admission.single) + len(admission.digests))
        served = {*numbers(admission), *(part.notification_id for group in admission.digests for part in group)}
        waiting = [part for part in waiting if part.notification_id not in served]
        if now % 60 == 0:
            waiting += rows(10, first=100_000 + now * 10)
    assert not waiting or len(waiting) < 200
    assert all(sum(at <= other < at + WINDOW_S for other in told_at) <= CAP for at in told_at)


@given(st.lists(messages, min_size=2, max_size=12))
def test_a_digest_names_all_it_stands_for(parts: list[Message]) -> None:
    waiting = [row(number, message) for number, message in enumerate(parts)]
    notice_, reference = digest(waiting, NOW)
    assert (notice_, reference) == digest(waiting, NOW)
    assert notice_.merged >= len(parts)
    assert 1 <= len(notice_.lines) <= MAX_LINES
    assert from_json(to_json(notice_)).at == NOW
    plain_text(notice_, reference)


def test_a_digest_shows_the_newest_of_each_incident() -> None:
    waiting = [
        row(1, notice(incident="I1", severity=Severity.WARNING)),
        row(2, notice(incident="I2", severity=Severity.CRITICAL)),
        row(3, notice(incident="I1", kind=NoticeKind.RESOLVED, workspace="prod")),
        row(4, report()),
    ]
    told, reference = digest(waiting, NOW)
    assert (told.kind, told.severity, told.merged, told.workspace) == (NoticeKind.DIGEST, Severity.CRITICAL, 4, "prod")
    assert told.lines == (
        "I1 [ERROR] rate_limit · Orders to NetSuite · 3 jobs · resolved (newest of 2)",
        "I2 [CRITICAL] rate_limit · Orders to NetSuite · 3 jobs · needs a person",
        "[REPORT] prod · 12 failures · 9 recovered · 3 still open",
    )
    assert reference.startswith("digest-")
    assert digest(waiting[:3], NOW)[1] != reference


def test_a_digest_of_digests_keeps_their_lines() -> None:
    inner, reference = digest(rows(5), NOW)
    outer, _ = digest([Waiting(1, reference, inner), row(2, notice(incident="I99"))], NOW)
    assert outer.merged == 6
    assert outer.lines[:5] == inner.lines
    assert outer.lines[5].startswith("I99 ")


def test_a_digest_of_alarms_is_an_alarm() -> None:
    assert digest(rows(3, ALARM), NOW)[0].kind is ALARM
    assert digest(rows(3, ESCALATED), NOW)[0].kind is NoticeKind.DIGEST
