"""What is no job, against the simulator: each start that it saw was written down before, with the same id."""

from __future__ import annotations

from aof_tui.control.protocol import Control
from aof_tui.control.requests import Command, IncidentQuery, Verb
from aof_tui.simulator.scenario import Scenario
from aof_tui.simulator.simulator import Simulator
from aof_tui.simulator.virtual_time import VirtualClock, run_virtual
from tests.engine.scene import MINUTE
from tests.harness.virtual import WORKSPACE, settings, simulated

WORLD = Scenario.model_validate(
    {
        "description": "Everything that is no job, in one and a half hours.",
        "connections": [{"key": "erp", "name": "ERP", "application": "netsuite"}],
        "on_prem": [{"key": "hall", "name": "Hall", "connection": "erp"}],
        "groups": [
            {"key": "orders", "name": "Orders {n}", "count": 2, "every": "3m", "tags": ["safe-to-repeat"]},
            {"key": "bills", "name": "Bills", "connections": ["erp"]},
        ],
        "happenings": [
            {"do": "stop_recipe", "at": "10m", "group": "orders", "cause": "trigger_errors_limit"},
            {"do": "fall_silent", "at": "20m", "lasts": "40m", "group": "orders", "index": 1},
            {"do": "agents_down", "at": "30m", "lasts": "20m", "on_prem": "hall"},
        ],
        "switches": {"start_lag": ["5s", "20s"], "start_lost": 1.0},
    }
)


def test_each_kind_is_told_once_and_ends_and_a_start_whose_answer_is_lost_is_found_out() -> None:
    async def main(clock: VirtualClock) -> None:
        simulator = Simulator(WORLD, "1", clock)
        wanted = settings(silence=[{"match": {"recipe": ["Orders 2"]}, "after": "20m"}])
        bench = simulated(clock, simulator, wanted)

        async def life(control: Control) -> None:
            await clock.sleep(14 * MINUTE)
            stopped = (await control.incidents(IncidentQuery())).rows[0]
            assert stopped.kind == "recipe_stopped"
            said = await control.command(Command(Verb.START, "terminal:ana", WORKSPACE, incident=stopped.incident))
            assert "not known yet" in said.message
            await clock.sleep(76 * MINUTE)

        await bench.run(life)
        told = await bench.rows("SELECT kind, status, total FROM incident ORDER BY kind")
        assert [(row["kind"], row["status"], row["total"]) for row in told] == [
            ("agent_down", "resolved", 1),
            ("recipe_silent", "resolved", 1),
            ("recipe_stopped", "resolved", 1),
        ]
        written = await bench.rows("SELECT dispatch_id, state FROM dispatch WHERE kind = 'start'")
        seen = [(one.correlation, one.answer) for one in simulator.truth().switched]
        assert seen == [(written[0]["dispatch_id"], "lost")]
        assert written[0]["state"] == "settled"
        assert simulator.truth().violations == ()

    run_virtual(main)
