"""Whole hours against the simulator, judged by its own truth log."""

from __future__ import annotations

import pytest

from aof_tui.simulator.oracle import judge, shown_failures
from aof_tui.simulator.scenario_file import load_scenario
from aof_tui.simulator.simulator import Simulator
from aof_tui.simulator.virtual_time import VirtualClock, run_virtual
from tests.harness.virtual import Bench, settings, simulated

HOUR = 3600.0
CARED_FOR = (
    "SELECT failure.master_job_id FROM failure LEFT JOIN incident USING (incident_id)"
    " WHERE failure.status IN ('recovered', 'closed')"
    " OR (failure.status IN ('scheduled', 'repeating', 'in_doubt', 'watching') AND next_action_at IS NOT NULL)"
    " OR (failure.status IN ('held', 'exhausted', 'needs_person') AND incident.status != 'resolved'"
    "     AND incident.remind_at IS NOT NULL)"
)


async def check(bench: Bench, simulator: Simulator) -> int:
    """No invariant is violated; returns how many repeats the engine caused."""
    truth = simulator.truth()
    verdict = judge(truth, max_attempts=5)
    assert verdict.clean, verdict
    cared_for = {row["master_job_id"] for row in await bench.rows(CARED_FOR)}
    assert set(shown_failures(truth)) - cared_for == set()
    sent = {repeat.correlation for repeat in truth.repeats}
    intended = {row["dispatch_id"] for row in await bench.rows("SELECT dispatch_id FROM dispatch WHERE sending_at > 0")}
    assert sent <= intended
    assert await bench.rows("SELECT text FROM event WHERE kind = 'engine.failed'") == []
    return verdict.accepted


@pytest.mark.parametrize(
    ("scenario", "hours", "when_in_doubt", "repeat_row"),
    [("demo", 1.2, "hold", "in_place"), ("doubt", 1.0, "repeat", "new"), ("storm", 0.7, "repeat", "in_place")],
)
def test_no_invariant_is_violated(scenario: str, hours: float, when_in_doubt: str, repeat_row: str) -> None:
    async def main(clock: VirtualClock) -> int:
        loaded = load_scenario(scenario)
        switches = loaded.switches.model_copy(update={"repeat_row": repeat_row})
        simulator = Simulator(loaded.model_copy(update={"switches": switches}), "7", clock)
        bench = simulated(clock, simulator, settings(retry={"when_in_doubt": when_in_doubt}))
        await bench.run_for(hours * HOUR)
        return await check(bench, simulator)

    assert run_virtual(main) > 15
