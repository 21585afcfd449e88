"""Five hours without one connection, judged by the simulator's own truth log."""

from __future__ import annotations

import pytest

from aof_tui.simulator.oracle import judge
from aof_tui.simulator.scenario import Scenario
from aof_tui.simulator.simulator import Simulator
from aof_tui.simulator.virtual_time import VirtualClock, run_virtual
from tests.harness.virtual import settings, simulated

HOUR = 3600.0
OUTAGE: dict[str, object] = {
    "description": "One connection is away for five hours, another is not.",
    "connections": [
        {"key": "erp", "name": "ERP", "application": "netsuite"},
        {"key": "chat", "name": "Chat", "application": "slack"},
    ],
    "groups": [
        {"key": "orders", "name": "Orders {n}", "count": 2, "connections": ["erp"], "every": "8m"},
        {"key": "notes", "name": "Notes", "connections": ["chat"], "every": "30m", "fails": 0.5,
         "errors": {"rate_limit": 1}, "heals": {1: 1}},
    ],
}  # fmt: skip


@pytest.mark.parametrize(("repeat_row", "hours", "tries"), [("new", 5.0, (6, 10)), ("in_place", 1.5, (3, 6))])
def test_hours_away_cost_a_handful_of_attempts_and_one_incident(
    repeat_row: str, hours: float, tries: tuple[int, int]
) -> None:
    async def main(clock: VirtualClock) -> None:
        away = {"do": "outage", "at": "10m", "lasts": hours * HOUR, "connection": "erp"}
        scenario = Scenario.model_validate(OUTAGE | {"happenings": [away], "switches": {"repeat_row": repeat_row}})
        simulator = Simulator(scenario, "7", clock)
        bench = simulated(clock, simulator, settings(safe_to_repeat={"all": True}, collation={"interval": "2m"}))
        began = clock.wall()
        await bench.run_for((hours + 1.2) * HOUR)
        verdict = judge(simulator.truth(), max_attempts=5)
        assert verdict.clean, verdict
        assert await bench.rows("SELECT text FROM event WHERE kind = 'engine.failed'") == []
        assert await bench.rows("SELECT DISTINCT status FROM failure") == [{"status": "recovered"}]
        events = await bench.rows("SELECT kind, at FROM event WHERE kind LIKE 'breaker.%' ORDER BY sequence")
        probes = [row for row in events if row["kind"] == "breaker.probed"]
        assert tries[0] <= len(probes) <= tries[1]
        opened_at, closed_at = float(str(events[0]["at"])), float(str(events[-1]["at"]))
        assert events[-1]["kind"] == "breaker.closed"
        assert hours * HOUR < closed_at - began < (hours + 1.2) * HOUR
        held = "SELECT count(*) AS n FROM event WHERE kind = 'failure.held'"
        assert int(str((await bench.rows(held))[0]["n"])) > 10 * hours
        spent = "SELECT count(*) AS n FROM attempt WHERE decided_at BETWEEN :a AND :b AND outcome = 'enqueued' AND"
        spent += " master_job_id IN (SELECT master_job_id FROM failure WHERE downstream = 'connection:7301')"
        # One a probe, and what was on its way as it opened.
        during = int(str((await bench.rows(spent, a=opened_at, b=closed_at))[0]["n"]))
        assert len(probes) <= during <= len(probes) + 2
        parents = await bench.rows("SELECT status FROM incident WHERE scope = 'connection:7301'")
        assert parents == [{"status": "resolved"}]
        told = "SELECT outbox.kind, count(*) AS n FROM outbox JOIN incident USING (incident_id)"
        told += " WHERE scope = 'connection:7301' GROUP BY 1 ORDER BY 1"
        assert await bench.rows(told) == [
            {"kind": "escalated", "n": 1},
            {"kind": "opened", "n": 1},
            {"kind": "recovered", "n": 1},
        ]
        planned = "SELECT json_extract(data, '$.next_action_at') AS due FROM event"
        planned += " WHERE kind = 'failure.released' AND at >= :b ORDER BY due"
        due = [float(str(row["due"])) - closed_at for row in await bench.rows(planned, b=closed_at)]
        assert len(due) > 3 * hours
        assert len(set(due)) >= 2
        assert 0 <= due[0] < due[-1] <= 10 * 60 + 30

    run_virtual(main)
