"""What must hold in every database an engine has written, whenever it is looked at (docs: invariants)."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import suppress

from aof_tui.domain.lifecycle import REASONS
from aof_tui.domain.words import FINAL, MOVING, RESTING, AttemptState, FailureStatus
from aof_tui.store.sync_store import SyncStore

BROKEN = {
    "a moving failure has a next action time, another has none": """
        SELECT master_job_id FROM failure WHERE (status IN {moving}) != (next_action_at IS NOT NULL)""",
    "a resting failure belongs to an unresolved incident that reminds of it": """
        SELECT master_job_id FROM failure LEFT JOIN incident USING (incident_id)
        WHERE failure.status IN {resting}
          AND (incident.incident_id IS NULL OR incident.status = 'resolved' OR incident.remind_at IS NULL)""",
    "an open failure belongs to an unresolved incident": """
        SELECT master_job_id FROM failure JOIN incident USING (incident_id)
        WHERE failure.status NOT IN {final} AND incident.status = 'resolved'""",
    "only a failure that rests or ended has a reason": """
        SELECT master_job_id FROM failure WHERE (status IN {moving}) != (reason IS NULL)""",
    "a final failure has the time of its end": """
        SELECT master_job_id FROM failure WHERE (status IN {final}) != (ended_at IS NOT NULL)""",
    "the budget counts what was sent or may have been sent, a person's wishes apart": """
        SELECT master_job_id FROM failure WHERE (attempts, forced) != (
            SELECT COUNT(*) FILTER (WHERE NOT attempt.forced), COUNT(*) FILTER (WHERE attempt.forced) FROM attempt
            WHERE attempt.workspace = failure.workspace AND attempt.master_job_id = failure.master_job_id
              AND attempt.state IN {budget})""",
    "no more attempts than allowed": """
        SELECT master_job_id FROM failure WHERE attempts > max_attempts""",
    "a repeating failure has its newest attempt under way, a doubtful one has it in doubt": """
        SELECT master_job_id FROM failure
        WHERE status IN ('repeating', 'in_doubt') AND NOT EXISTS (
            SELECT 1 FROM attempt
            WHERE attempt_id = (
                SELECT MAX(attempt_id) FROM attempt AS newest
                WHERE newest.workspace = failure.workspace AND newest.master_job_id = failure.master_job_id)
              AND (attempt.state = 'unknown') = (failure.status = 'in_doubt')
              AND attempt.state IN ('prepared', 'sending', 'confirmed', 'unknown'))""",
    "an attempt has its dispatch": """
        SELECT attempt_id FROM attempt LEFT JOIN dispatch USING (dispatch_id) WHERE dispatch.dispatch_id IS NULL""",
    "a dispatch was announced in the log before it was sent, once": """
        SELECT dispatch_id FROM dispatch WHERE (sending_at IS NOT NULL) != (
            SELECT COUNT(*) FROM event
            WHERE event.dispatch_id = dispatch.dispatch_id
              AND kind IN ('repeat.sent', 'fallback.sent', 'start.sent'))""",
    "an attempt was announced in the log": """
        SELECT attempt_id FROM attempt WHERE 1 != (
            SELECT COUNT(*) FROM event WHERE event.dispatch_id = attempt.dispatch_id
              AND event.master_job_id = attempt.master_job_id AND kind = 'repeat.prepared')""",
    "a fallback that was announced has its dispatch, one under way an open one, a planned one a time": """
        SELECT fallback.master_job_id FROM fallback LEFT JOIN dispatch USING (dispatch_id)
        WHERE (fallback.state = 'starting') != ifnull(dispatch.state IN ('prepared', 'sending'), 0)
           OR (fallback.state = 'planned' AND fallback.next_at IS NULL)
           OR (fallback.state IN ('started', 'doubted', 'rejected', 'succeeded', 'failed')
               AND (dispatch.kind IS NULL OR dispatch.kind != 'fallback'))""",
    "a failure has its first line in the log": """
        SELECT master_job_id FROM failure WHERE NOT EXISTS (
            SELECT 1 FROM event WHERE event.workspace = failure.workspace
              AND event.master_job_id = failure.master_job_id AND kind IN ('failure.recorded', 'failure.closed'))""",
    "an unresolved incident is looked at again, a resolved one is not": """
        SELECT incident_id FROM incident
        WHERE (status = 'resolved') != (check_at IS NULL) OR (status = 'resolved') != (resolved_at IS NOT NULL)""",
    "a notice is pending with a time, delivered with a time, or dead with an error": """
        SELECT notification_id FROM outbox
        WHERE (state = 'pending') != (next_try_at IS NOT NULL) OR (state = 'delivered') != (delivered_at IS NOT NULL)
           OR (state = 'dead' AND error IS NULL)""",
    "a notice that was told has its line in the log": """
        SELECT notification_id FROM outbox LEFT JOIN (
            SELECT json_extract(data, '$.notification') AS notification_id, COUNT(*) AS lines
            FROM event WHERE kind = 'notice.delivered' GROUP BY 1) AS said USING (notification_id)
        WHERE (state = 'delivered') != ifnull(said.lines, 0)""",
    "a marked recipe is still there": """
        SELECT recipe_id FROM recipe WHERE marked_at IS NOT NULL AND gone_at IS NOT NULL""",
    "a watermark came with a completed walk": """
        SELECT recipe_id FROM recipe WHERE watermark_job_id IS NOT NULL AND read_at IS NULL""",
    "a run belongs to the recipe of its failure": """
        SELECT job_id FROM run JOIN failure USING (workspace, master_job_id)
        WHERE run.recipe_id != failure.recipe_id""",
}
"""Queries for rows that should not be there."""

LAST_WORD = {
    FailureStatus.HELD: "failure.held",
    FailureStatus.EXHAUSTED: "failure.exhausted",
    FailureStatus.NEEDS_PERSON: "failure.referred",
    FailureStatus.RECOVERED: "failure.recovered",
    FailureStatus.CLOSED: "failure.closed",
}
"""The newest line of the log about the state of a failure that rests or ended."""


def check_rows(store: SyncStore) -> None:
    """Raises AssertionError for what no database of an engine may hold."""
    check_raw(store._connection.raw)


def check_raw(raw: sqlite3.Connection) -> None:
    """The same of an open database whose rows are dictionaries."""
    sets = {
        "moving": _listed(MOVING),
        "resting": _listed(RESTING),
        "final": _listed(FINAL),
        "budget": _listed([state for state in AttemptState if state.uses_budget]),
    }
    broken = {rule: rows for rule, sql in BROKEN.items() if (rows := raw.execute(sql.format(**sets)).fetchall())}
    assert broken == {}, broken
    _check_reasons(raw)
    _check_last_words(raw)
    _check_log_is_final(raw)
    assert raw.execute("PRAGMA integrity_check").fetchall() == [{"integrity_check": "ok"}]


def _listed(words: Sequence[str] | frozenset[FailureStatus]) -> str:
    return "(" + ", ".join(f"'{word}'" for word in sorted(words)) + ")"


def _check_reasons(raw: sqlite3.Connection) -> None:
    rows = raw.execute("SELECT DISTINCT status, reason FROM failure WHERE reason IS NOT NULL").fetchall()
    strange = [row for row in rows if row["reason"] not in REASONS[FailureStatus(row["status"])]]
    assert strange == [], strange


def _check_last_words(raw: sqlite3.Connection) -> None:
    rows = raw.execute(
        "SELECT master_job_id, status, (SELECT kind FROM event WHERE event.workspace = failure.workspace"
        " AND event.master_job_id = failure.master_job_id AND kind LIKE 'failure.%'"
        " ORDER BY sequence DESC LIMIT 1) AS last FROM failure"
    ).fetchall()
    strange = [row for row in rows if (said := LAST_WORD.get(row["status"])) is not None and said != row["last"]]
    assert strange == [], strange


def _check_log_is_final(raw: sqlite3.Connection) -> None:
    changed = 0
    with suppress(sqlite3.IntegrityError):
        changed = raw.execute("UPDATE event SET text = 'x' WHERE sequence = (SELECT MIN(sequence) FROM event)").rowcount
    assert changed == 0
    gaps = raw.execute(
        "SELECT COUNT(*) AS n FROM event_total JOIN"
        " (SELECT workspace, COUNT(*) AS n FROM event GROUP BY workspace) AS counted USING (workspace)"
        " WHERE amount != counted.n"
    ).fetchall()
    assert gaps == [{"n": 0}]
