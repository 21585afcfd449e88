"""What the benchmark of the attached terminal takes for an effect, what it counts, and the store that it fills."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from benchmarks.attach import Figures, Watching, side_by_side
from benchmarks.attach import missed as missed_of
from benchmarks.first_paint import FirstPaint
from benchmarks.full_store import NEW_AMONG, Size, Storm, connected, make
from benchmarks.keys import Key, Times, list_keys, log_keys, times
from benchmarks.table import BENCHMARKS, ROWS

NOW = 1_800_000_000.0
SMALL = Size(failures=60, events=150)
PAINTS = {"empty": FirstPaint(0.4, 0.3), "attach": FirstPaint(0.5, 0.4), "demo": FirstPaint(0.6, 0.5)}
WATCHING = Watching(
    keys=Times(65, 12.0, 40.4, 70.0),
    escape=Times(6, 45.0, 49.6, 49.6),
    log=Times(31, 13.0, 41.6, 71.0),
    kinds={"line down": 11.0},
    cpu_percent=18.2,
    engine_cpu_percent=31.0,
    resident_mib=66.4,
    screen_bytes_per_s=20_480,
    socket_bytes_per_s=409_600,
)
ALONE = replace(WATCHING, engine_cpu_percent=None, socket_bytes_per_s=None, screen_bytes_per_s=30_720)
FIGURES = Figures(100_000, 1_000_000, WATCHING, ALONE, PAINTS, 1.25, 1.5, ())


def screen(detail: str = "", *others: str) -> list[str]:
    return [*others, detail, "", ""]


def keys(kind: str) -> list[Key]:
    return [key for key in (*list_keys(), *log_keys()) if key.kind == kind]


def test_percentiles_are_those_of_the_nearest_rank() -> None:
    assert times([0.001 * number for number in range(1, 101)]) == Times(100, 50.5, 95.0, 100.0)
    assert times([0.001 * number for number in range(1, 21)]).p95_ms == 19.0
    assert times([0.004]) == Times(1, 4.0, 4.0, 4.0)


def test_there_are_enough_keys_of_every_kind() -> None:
    assert len(list_keys()) >= 60
    assert len(log_keys()) >= 30
    assert {"line down", "page down", "other pane", "type in filter", "open a failure"} <= {k.kind for k in list_keys()}


def test_a_cursor_has_moved_when_another_job_or_event_is_told_of() -> None:
    before = screen(" ↻ scheduled  Orders 1  job j-1  downstream")
    down = keys("line down")[0]
    assert not down.effect(before, before)
    assert not down.effect(before, screen())
    assert down.effect(before, screen(" ↻ scheduled  Orders 1  job j-2  downstream"))
    assert keys("line")[0].effect(screen(" · info  x  #17"), screen(" · info  x  #16"))
    assert not keys("line")[0].effect(screen(" · info  x  #17"), screen(" · info  y  #17"))


def test_typing_shows_every_letter_so_far() -> None:
    typing = keys("type in filter")
    assert typing[2].effect(screen(), screen("", " Filter  ord      "))
    assert not typing[2].effect(screen(), screen("", " Filter  or      "))
    assert keys("open filter")[0].effect(screen(), screen("", " Filter  words  -without"))


def test_a_failure_opens_in_place_of_the_lists() -> None:
    lists = screen("", " 1 Failing jobs  3   2 Retry countdowns  3")
    assert not keys("open a failure")[0].effect(lists, lists)
    assert keys("open a failure")[0].effect(lists, screen("", " The story"))
    assert keys("back")[0].effect(screen(), lists)


def test_the_two_terminals_stand_side_by_side() -> None:
    lines = side_by_side(FIGURES)
    assert lines[1].split()[-10:] == ["12", "/", "40.4", "/", "70", "12", "/", "40.4", "/", "70"]
    assert [line.split()[-2:] for line in lines if line.startswith("bytes/s")] == [["20480", "30720"], ["409600", "–"]]
    assert len({len(line) for line in lines}) == 1


def test_what_is_missed_is_named() -> None:
    assert list(missed_of(WATCHING, {"attach": 1.3, "demo": 1.6})) == []
    slow = replace(WATCHING, keys=Times(65, 12.0, 50.1, 70.0), escape=Times(6, 130, 140, 140), cpu_percent=21.0)
    assert list(missed_of(slow, {"attach": 1.31, "demo": 1.0})) == [
        "key → paint p95 50.1, at most 50 ms",
        "Esc → paint p95 140, at most 50 ms",
        "processor 21, at most 20 % of a core",
        "first paint of attach 1.31, at most 1.3 × an empty app",
    ]


def test_the_rows_of_the_readme() -> None:
    told = [row.figure(asdict(FIGURES)) for row in ROWS if row.benchmark == "attach" and row.figure is not None]
    assert told == [
        (
            "attached p95 40 ms (Esc p95 50 ms), 18 % of a core, 66 MiB; in process p95 40 ms; "
            "in a log of 1,000,000 events p95 42 ms and p95 42 ms"
        ),
        "attached 20 KiB/s to the screen, 400 KiB/s over the socket; in process 30 KiB/s",
        "`attach` 1.25 ×, `demo` 1.5 ×",
        "nothing",
    ]
    assert "attach" not in BENCHMARKS


@pytest.fixture
def store(tmp_path: Path) -> Path:
    make(tmp_path / "full.db", SMALL, NOW)
    return tmp_path / "full.db"


def count(connection: sqlite3.Connection, what: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {what}").fetchone()[0])  # noqa: S608 - own text


def test_the_store_holds_what_is_asked_for(store: Path) -> None:
    with closing(connected(store)) as connection:
        assert count(connection, "failure WHERE status NOT IN ('recovered', 'closed')") == SMALL.failures
        assert count(connection, "event") == SMALL.events
        assert connection.execute("SELECT amount FROM event_total").fetchall() == [(SMALL.events,)]
        assert count(connection, "sqlite_schema WHERE name = 'event_added'") == 1


def test_a_storm_changes_as_much_as_it_says(store: Path) -> None:
    with closing(connected(store)) as connection:
        changed = [*Storm(connection, SMALL).change(20, NOW + 1.0), *Storm(connection, SMALL).change(20, NOW + 2.0)]
        assert len(changed) == 40
        assert count(connection, "failure") == SMALL.failures + 40 // NEW_AMONG
        assert connection.execute("SELECT amount FROM event_total").fetchall() == [(SMALL.events + 40,)]
        assert count(connection, "failure WHERE next_action_at > 1800000300") >= 2
