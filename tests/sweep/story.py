"""The scenario of the sweep: a few failures, a lost answer, a person's repeat; and its life with one death in it."""

from __future__ import annotations

from dataclasses import dataclass

from aof_tui.control.protocol import Control
from aof_tui.domain.words import WhenInDoubt
from aof_tui.simulator.oracle import judge
from aof_tui.simulator.scenario import Scenario
from aof_tui.simulator.simulator import Simulator
from aof_tui.simulator.virtual_time import VirtualClock, run_virtual
from tests.crash.check import intent_missing, lost, remains_of
from tests.crash.plan import RepeatRow
from tests.harness.mortal import Gallows, Household
from tests.harness.virtual import MemoryChannel, settings
from tests.years.judge import acted_while_forbidden, as_client_sees, overlooked, rows_hold

MAX_ATTEMPTS = 3
OUTAGE_S = 130.0
LIVED_S = 420.0
"""Of a life without a death: from the first failure to the end of the last doubt."""
REST_S = 1_800.0
"""At most, of the life after a death: all that was begun comes to its end, settle times included."""
LOOK_S = 60.0
QUIET_LOOKS = 3
"""Looks in a row that find nothing moving, after which all is at rest."""
DOWNTIME_S = 5.0
SOON = {"failures": 3, "window": "1m", "pause": "30s", "max_pause": "60s"}
"""A breaker that opens before all attempts are used, and has probed twice when its downstream is back."""
FOUND_WITHIN_S = 150.0
"""A sweep each half minute, and reads again after one and four minutes; three quiet looks end the life before."""
UNREST = """
    SELECT (SELECT COUNT(*) FROM failure WHERE next_action_at IS NOT NULL)
         + (SELECT COUNT(*) FROM recipe WHERE marked_at IS NOT NULL)
         + (SELECT COUNT(*) FROM attempt WHERE state IN ('prepared', 'sending', 'unknown')) AS things"""


@dataclass(frozen=True, slots=True)
class Setting:
    """What the scenario is played with."""

    when_in_doubt: WhenInDoubt
    repeat_row: RepeatRow
    outage: bool = False
    """Whether all failures are of one connection that is away: a breaker opens, and probes until it is back."""

    def __str__(self) -> str:
        return f"{self.when_in_doubt}/{self.repeat_row}{'/outage' * self.outage}"


@dataclass(frozen=True, slots=True)
class Played:
    """What a life showed: the places it reached, in order, and the promises it broke."""

    trace: tuple[str, ...]
    died: bool
    violations: tuple[str, ...]
    accepted: int
    probes: int
    """Repeats that an open breaker let through alone."""


def play(setting: Setting, dies_at: int | None) -> Played:
    """The scenario with an engine that dies at the nth place it reaches, and a second one that lives on."""
    return run_virtual(lambda clock: _play(setting, dies_at, clock))


async def _play(setting: Setting, dies_at: int | None, clock: VirtualClock) -> Played:
    simulator = Simulator(scenario(setting), "sweep", clock)
    channels = {"oncall": (MemoryChannel(),), "admins": (MemoryChannel("email"),)}
    wanted = settings(
        collation={"interval": "30s"},
        retry={"max_attempts": MAX_ATTEMPTS, "min": "1s", "max": "8s", "when_in_doubt": setting.when_in_doubt},
        **({"breaker": SOON} if setting.outage else {}),
        safe_to_repeat={"all": True},
        reports=[],
    )
    household = Household(clock, simulator, wanted, channels, "sweep", turns=False)
    gallows = Gallows(dies_at)

    async def live(_control: Control) -> None:
        await clock.sleep(LIVED_S)

    async def rest(_control: Control) -> None:
        quiet, until = 0, clock.boot() + REST_S
        while quiet < QUIET_LOOKS and clock.boot() < until:
            await clock.sleep(LOOK_S)
            moving = household.raw.execute(UNREST).fetchone()["things"]
            quiet = 0 if moving else quiet + 1

    died = await household.live(live, gallows)
    violations = list(rows_hold(household.raw))
    if died:
        await clock.sleep(DOWNTIME_S)
        await household.live(rest, Gallows())
        violations += rows_hold(household.raw)
    household.auditor.end()
    present = simulator.world.place.recipes
    truth, remains = simulator.truth(), remains_of(household.raw)
    verdict = judge(as_client_sees(truth, remains, in_place=setting.repeat_row == "in_place"), MAX_ATTEMPTS)
    violations += [
        *(f"1 budget: {master}" for master in verdict.over_budget),
        *(f"2 single flight: {master}" for master in (*verdict.while_running, *verdict.doubled)),
        *(f"3 intent: {what}" for what in intent_missing(truth, remains)),
        *(f"4 lost: {master}" for master in lost(truth, remains.failures)),
        *(f"4 lost: {master} could be listed" for master in overlooked(truth, remains, FOUND_WITHIN_S, present)),
        *(f"5 after success: {master}" for master in verdict.after_success),
        *(f"7 audit: {what}" for what in household.auditor.findings),
        *(f"8 quotas: {one.path}" for one in truth.violations),
        *(f"9 direction: {what}" for what in acted_while_forbidden(household.raw)),
        *(str(row["text"]) for row in household.raw.execute("SELECT text FROM event WHERE kind = 'engine.failed'")),
    ]
    probes = household.raw.execute("SELECT COUNT(*) AS n FROM event WHERE kind = 'breaker.probed'").fetchone()["n"]
    return Played(tuple(gallows.trace), died, tuple(violations), verdict.accepted, int(probes))


def scenario(setting: Setting) -> Scenario:
    """Jobs that fail together and one by one; every second answer to a repeat is lost."""
    common: dict[str, object] = {"connections": ["erp"] if setting.outage else []}
    common |= {"heals": {1: 3.0, 2: 1.0, "never": 1.0}, "duration": (15.0, 25.0), "errors": {"downstream_5xx": 1.0}}
    return Scenario.model_validate(
        {
            "description": "A little of everything, soon over.",
            "connections": [{"key": "erp", "name": "ERP", "application": "netsuite"}],
            "groups": [
                {"key": "batch", "name": "Batch", "count": 2, **common},
                {"key": "single", "name": "Single", "human": 0.5, **common},
            ],
            "human_delay": (20.0, 60.0),
            "happenings": [
                {"do": "jobs", "at": 1.0, "group": "batch", "count": 3},
                {"do": "jobs", "at": 20.0, "group": "single", "count": 2, "over": 30.0},
                *([{"do": "outage", "at": 0.0, "lasts": OUTAGE_S, "connection": "erp"}] if setting.outage else []),
            ],
            "switches": {
                "repeat_row": setting.repeat_row,
                "pending_repeat": "at_end",
                "visibility_lag": (4.0, 12.0),
                "lost_answer_every": 5 if setting.outage else 2,
                "failed_before_accept": 0.0 if setting.outage else 0.1,
                "lost_answer_as": "mixed",
                "latency": (0.05, 0.2),
            },
        }
    )
