"""Watches every commit of a store: each change has its event, and what people are told is written in the same one."""

from __future__ import annotations

import hashlib
import json
import sqlite3

NOTES = (
    "CREATE TEMP TABLE changed (subject TEXT NOT NULL, name TEXT NOT NULL, became TEXT NOT NULL)",
    "CREATE TEMP TABLE told (kind TEXT NOT NULL, receiver TEXT NOT NULL)",
    """CREATE TEMP TRIGGER failure_began AFTER INSERT ON main.failure BEGIN
         INSERT INTO changed VALUES ('failure', new.master_job_id, new.status); END""",
    """CREATE TEMP TRIGGER failure_changed AFTER UPDATE OF status ON main.failure WHEN old.status != new.status BEGIN
         INSERT INTO changed VALUES ('failure', new.master_job_id, new.status); END""",
    """CREATE TEMP TRIGGER incident_began AFTER INSERT ON main.incident BEGIN
         INSERT INTO changed VALUES ('incident', new.incident_id, new.status); END""",
    """CREATE TEMP TRIGGER incident_changed AFTER UPDATE OF status ON main.incident WHEN old.status != new.status BEGIN
         INSERT INTO changed VALUES ('incident', new.incident_id, new.status); END""",
    """CREATE TEMP TRIGGER notice_queued AFTER INSERT ON main.outbox BEGIN
         INSERT INTO told VALUES (new.kind, new.receiver); END""",
)
NAMES = {"failure": "master_job_id", "incident": "incident_id"}


class Auditor:
    """Looks at each transaction just before it is committed."""

    def __init__(self, raw: sqlite3.Connection) -> None:
        self.findings: list[str] = []
        self.commits = 0
        self._raw = raw
        self._digest = hashlib.sha256()
        self._sequence = 0
        self._seen = (0, self._digest)
        for note in NOTES:
            raw.execute(note)

    @property
    def digest(self) -> str:
        """Of every line of the log, as it was when it was committed."""
        return self._digest.hexdigest()

    def before_commit(self) -> None:
        """Judge the open transaction."""
        self._take()
        events = self._raw.execute("SELECT * FROM event WHERE sequence > ? ORDER BY sequence", [self._sequence])
        lines = events.fetchall()
        digest = self._digest.copy()
        for line in lines:
            digest.update(json.dumps(line, sort_keys=True).encode())
        self._seen = (max([self._sequence, *(line["sequence"] for line in lines)]), digest)
        changed = self._raw.execute("SELECT DISTINCT subject, name, became FROM changed").fetchall()
        told = self._raw.execute("SELECT kind, receiver FROM told").fetchall()
        if changed:
            self._raw.execute("DELETE FROM changed")
            named = {(subject, str(line[column])) for line in lines for subject, column in NAMES.items()}
            self.findings += [
                f"{row['subject']} {row['name']} became {row['became']} without an event"
                for row in changed
                if (row["subject"], row["name"]) not in named
            ]
        if told or any(line["kind"] == "notice.queued" for line in lines):
            self._raw.execute("DELETE FROM told")
            self._compare(lines, told)
        self.commits += 1

    def _compare(self, lines: list[dict[str, object]], told: list[dict[str, str]]) -> None:
        """Notices that the log says were queued against those that were."""
        said = [json.loads(str(line["data"])) for line in lines if line["kind"] == "notice.queued"]
        announced = sorted((one["notice"], receiver) for one in said for receiver in one["receivers"])
        queued = sorted((row["kind"], row["receiver"]) for row in told if row["kind"] != "report")
        announced = [pair for pair in announced if pair[0] != "report"]
        if announced != queued:
            self.findings.append(f"the log says that {announced} were queued, but {queued} were")

    def _take(self) -> None:
        """Believe the transaction before: it was committed."""
        self._sequence, self._digest = self._seen

    def forget(self) -> None:
        """The transaction under way died; it may have been committed just before."""
        newest = self._raw.execute("SELECT MAX(sequence) AS newest FROM event").fetchone()["newest"] or 0
        if newest >= self._seen[0]:
            self._take()
        else:
            self._seen = (self._sequence, self._digest)

    def end(self) -> None:
        """Compare the log with what it was when each line was written."""
        self._take()
        total = hashlib.sha256()
        for line in self._raw.execute("SELECT * FROM event ORDER BY sequence"):
            total.update(json.dumps(line, sort_keys=True).encode())
        if total.hexdigest() != self.digest:
            self.findings.append("the log is not what was written")
