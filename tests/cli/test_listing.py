"""The listings over a store with real contents: fields, filters, columns, errors."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aof_tui.cli.listing_rows import FAILURE_FIELDS, due
from aof_tui.cli.main import main
from aof_tui.store.lock import lock_holder

FROM_STORE = "aof-tui: no engine answers: this is what its store says\n"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
HARMFUL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e]")
DOCUMENTED = [
    *("workspace", "recipe_id", "recipe", "master_job_id", "newest_job_id", "status", "reason", "category"),
    *("fingerprint", "error", "attempts", "max_attempts", "forced", "external", "first_failed_at", "last_failed_at"),
    *("next_action_at", "incident", "repeatable_until", "repeat_tasks"),
]
FIGURES = {
    *("failures", "recoveries", "exhausted", "needs_person", "held", "repeats_accepted", "repeats_succeeded"),
    *("repeats_failed", "jobs_succeeded", "jobs_failed", "median_recovery_s", "p90_recovery_s", "retry_success_rate"),
}


class Answer:
    """What a command printed."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def objects(self) -> list[dict[str, Any]]:
        assert self.code == 0, self.err
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def lines(self) -> list[str]:
        assert self.code == 0, self.err
        return self.out.splitlines()


Ask = Callable[..., Answer]


@pytest.fixture
def ask(config: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    def call(*words: str) -> Answer:
        code = main(words)
        captured = capsys.readouterr()
        return Answer(code, captured.out, captured.err)

    return call


def test_failures_have_the_documented_fields(ask: Ask) -> None:
    rows = ask("failures", "list", "--json", "--all").objects
    assert list(FAILURE_FIELDS) == DOCUMENTED
    assert {tuple(row) for row in rows} == {tuple(DOCUMENTED)}
    for row in rows:
        assert isinstance(row["recipe_id"], str)
        assert TIME.fullmatch(row["first_failed_at"])
        assert row["next_action_at"] is None or TIME.fullmatch(row["next_action_at"])
    statuses = {row["status"] for row in rows}
    assert {"recovered", "needs_person", "scheduled"} <= statuses


def test_failures_are_filtered(ask: Ask) -> None:
    whole = ask("failures", "list", "--json", "--all").objects
    still_open = ask("failures", "list", "--json").objects
    assert {row["status"] for row in still_open} & {"recovered", "closed"} == set()
    recovered = ask("failures", "list", "--json", "status:recovered").objects
    assert [row for row in whole if row["status"] == "recovered"] == recovered
    both = ask("failures", "list", "--json", "status:recovered", "status:needs").objects
    assert {row["status"] for row in both} == {"recovered", "needs_person"}
    one = still_open[0]
    found = ask("failures", "list", "--json", f"category:{one['category']} {one['master_job_id']}").objects
    assert found == [one]
    assert ask("failures", "list", "--json", "--workspace", "demo").objects == still_open
    assert ask("failures", "list", "--json", "workspace:demo").objects == still_open


def test_a_limit_cuts_and_says_so(ask: Ask) -> None:
    answer = ask("failures", "list", "--json", "--limit", "2")
    assert len(answer.objects) == 2
    assert re.fullmatch(rf"aof-tui: 2 of \d+ shown; --limit N or --all shows more\n{FROM_STORE}", answer.err)
    assert ask("failures", "list", "--json", "--all").err == FROM_STORE


def test_columns_are_aligned_and_inert(ask: Ask) -> None:
    answer = ask("failures", "list", "--all")
    head, *rows = answer.lines
    assert head.split() == ["JOB", "STATUS", "CATEGORY", "TRIES", "NEXT", "INCIDENT", "RECIPE", "ERROR"]
    place = head.index("STATUS")
    assert all(row[place - 2 : place] == "  " and row[place] != " " for row in rows)
    assert not HARMFUL.search(answer.out)
    assert "[red]" in answer.out


def test_nothing_to_show_is_said(ask: Ask) -> None:
    answer = ask("failures", "list", "nowhere-to-be-found")
    assert (answer.code, answer.out, answer.err) == (0, "", f"aof-tui: nothing to show\n{FROM_STORE}")
    assert ask("failures", "list", "--json", "nowhere-to-be-found").objects == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("failures", "list", "status:recoverd"), "no status begins with “recoverd”, did you mean recovered?"),
        (("failures", "list", "category:zzz"), "no category begins with “zzz”; there are auth_connection,"),
        (("incidents", "list", "open", "staus:open"), "there is no field “staus”, did you mean status?"),
        (("log", "kind:failure.recoverd"), "did you mean failure.recovered?"),
        (("notifications", "status:"), "status: needs a value; there are pending,"),
        (("log", "--workspace", "dem"), "the store knows no workspace 'dem', did you mean demo?"),
        (("log", "workspace:dem"), "the store knows no workspace 'dem', did you mean demo?"),
        (("log", "-f", "workspace:dem"), "the store knows no workspace 'dem'"),
        (("incidents", "list", "workspace:dem"), "the store knows no workspace 'dem'"),
        (("notifications", "workspace:dem"), "the store knows no workspace 'dem'"),
        (("failures", "list", "workspace:demo", "--workspace", "demo"), "name workspaces in one way"),
        (("incidents", "show", "7"), "'7' is no incident; incidents are named I and a number, such as I7"),
        (("report", "--last", "soon"), "--last must be a duration: a number and s, m, h or d, like 60s"),
        (("failures", "list", "--limit", "0"), "'--limit': Input should be greater than or equal to 1"),
    ],
)
def test_a_wrong_word_gets_one_line_and_the_nearest_name(ask: Ask, words: tuple[str, ...], said: str) -> None:
    answer = ask(*words)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.count("\n") == 1
    assert said in answer.err


@pytest.mark.parametrize("words", [("failures", "show", "j-none"), ("incidents", "show", "I999999")])
def test_what_is_not_there_is_one_line(ask: Ask, words: tuple[str, ...]) -> None:
    answer = ask(*words)
    assert (answer.code, answer.out) == (1, "")
    assert answer.err.startswith("aof-tui: there is no ")


def test_a_failure_is_shown_whole(ask: Ask) -> None:
    rows = ask("failures", "list", "--json", "status:recovered").objects
    recovered = next(row for row in rows if row["reason"] == "repeat_succeeded")
    job = recovered["master_job_id"]
    (story,) = ask("failures", "show", job, "--json").objects
    assert {name: story["failure"][name] for name in DOCUMENTED} == recovered
    assert {run["source"] for run in story["runs"]} > {"original"}
    assert story["attempts"][0]["dispatch_id"]
    assert TIME.fullmatch(story["attempts"][0]["decided_at"])
    assert "failure.recovered" in [event["kind"] for event in story["events"]]
    text = ask("failures", "show", job).out
    assert job in text
    assert "failure.recovered" in text
    assert not HARMFUL.search(text)


def test_incidents_and_one_of_them(ask: Ask) -> None:
    rows = ask("incidents", "list", "--json", "--all").objects
    assert len({row["incident"] for row in rows}) == len(rows)
    row = next(row for row in rows if row["open_failures"])
    (whole,) = ask("incidents", "show", row["incident"].lower(), "--json").objects
    assert whole["incident"] == row
    assert {failure["incident"] for failure in whole["failures"]} == {row["incident"]}
    assert whole["events"]
    assert row["incident"] in ask("incidents", "show", row["incident"]).out
    assert ask("incidents", "list").lines[0].startswith("INCIDENT  STATUS")


def test_the_log_is_whole_and_in_order(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aof_tui.cli.history.PAGE", 7)
    rows = ask("log", "--json", "--all").objects
    assert [row["sequence"] for row in rows] == list(range(1, len(rows) + 1))
    newest = ask("log", "--json", "--limit", "20")
    assert newest.objects == rows[-20:]
    assert f"20 of {len(rows):,} shown" in newest.err
    assert all(TIME.fullmatch(row["at"]) for row in rows)
    planned = [row["data"]["next_action_at"] for row in rows if "next_action_at" in row["data"]]
    assert planned
    assert all(TIME.fullmatch(at) for at in planned)
    some = ask("log", "--json", "--all", "kind:failure.recovered").objects
    assert some
    assert some == [row for row in rows if row["kind"] == "failure.recovered"]
    assert len(ask("log").lines) == 101


def test_notifications(ask: Ask) -> None:
    rows = ask("notifications", "--json", "--all").objects
    assert {"delivered"} <= {row["state"] for row in rows}
    assert [int(row["notification"]) for row in rows] == sorted(
        (int(row["notification"]) for row in rows), reverse=True
    )
    assert ask("notifications").lines[0].startswith("TIME (UTC)")


def test_status(ask: Ask) -> None:
    (status,) = ask("status", "--fail-on", "none", "--json").objects
    assert [trouble["check"] for trouble in status["troubles"]] == ["engine"]
    assert (status["engine"], status["mode"]) == ("absent", "act")
    (workspace,) = status["workspaces"]
    assert workspace["production"] is True
    assert workspace["counts"]["recovered"] >= 5
    assert set(workspace["last_day"]) == FIGURES
    assert workspace["last_day"]["recoveries"] >= 5
    assert set(workspace["tasks"]) == {"month", "automatic", "forced", "unpriced", "cap"}
    text = ask("status", "--fail-on", "none").out
    assert "WORKSPACE demo" in text
    assert re.search(r"^acting +allowed$", text, re.MULTILINE)


def test_report(ask: Ask) -> None:
    (report,) = ask("report", "--json", "--last", "30d").objects
    whole = ask("failures", "list", "--json", "--all").objects
    recorded = [row for row in ask("log", "--json", "--all").objects if row["kind"] == "failure.recorded"]
    assert report["workspace"] == "demo"
    assert report["still_open"] == sum(row["status"] not in ("recovered", "closed") for row in whole)
    assert report["recorded"] <= len(recorded)
    assert sum(report["open_by_status"].values()) == report["still_open"]
    text = ask("report", "--last", "30d").out
    assert text.startswith("[REPORT] demo")
    assert re.search(rf"^Still open now: {report['still_open']}: .*\d+ needs person", text, re.MULTILINE)
    assert "Most frequent errors" not in text
    assert len(re.findall("NOVELTY +ERROR", text)) == 1
    assert re.search(r"^FAILED +RECOVERED +REPEATS OK +MEDIAN +P90 +RECIPE$", text, re.MULTILINE)
    metrics = report["metrics"]
    assert set(metrics["total"]) == FIGURES
    assert metrics["total"]["failures"] == sum(row["figures"]["failures"] for row in metrics["categories"])
    assert sum(error["count"] for error in metrics["top_errors"]) <= metrics["total"]["failures"] == len(recorded)


def test_reading_leaves_no_trace(ask: Ask, demo_store: Path) -> None:
    before = demo_store.read_bytes()
    ask("status")
    ask("failures", "list")
    assert demo_store.read_bytes() == before
    assert lock_holder(demo_store) is None


def test_a_missing_store_is_temporary(ask: Ask, config: Path, tmp_path: Path) -> None:
    config.write_text(config.read_text(encoding="utf-8").replace("aof.db", "none.db"), encoding="utf-8")
    for words in (("status",), ("failures", "list"), ("log",), ("report",)):
        answer = ask(*words)
        assert (answer.code, answer.out) == (3, "")
        assert answer.err.count("\n") == 1
        assert "there is no store" in answer.err


def test_a_database_of_something_else_is_refused(ask: Ask, config: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE notes (text)")
    connection.close()
    settings = json.loads(config.read_text(encoding="utf-8"))
    config.write_text(json.dumps(settings | {"store": str(other)}), encoding="utf-8")
    answer = ask("status")
    assert answer.code == 2
    assert "a database of another program" in answer.err


def test_due_times() -> None:
    assert [due(None, 0.0), due(5.0, 10.0), due(75.0, 10.0)] == ["–", "now", "in 1m 05s"]
