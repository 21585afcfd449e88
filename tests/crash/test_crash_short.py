"""The short form of the crash proof: a world for each mode, and deaths on both sides of the request."""

from __future__ import annotations

import asyncio
from pathlib import Path

from aof_tui.domain.words import WhenInDoubt
from aof_tui.engine.points import Point
from tests.crash.check import Offences
from tests.crash.plan import REPEAT_ROWS, Combination, PointKill, TimedKill, WorldPlan
from tests.crash.world import fork_server, run_world

DEATHS = (PointKill(Point.SENDING, 1), PointKill(Point.ANSWERED, 1), TimedKill(0.3), PointKill(Point.OUTCOME_INSIDE, 1))


async def test_engines_that_are_killed_keep_their_promises(tmp_path: Path) -> None:
    forks = fork_server()
    plans = [
        WorldPlan(1, f"short/{number}", Combination(mode, row), DEATHS)
        for number, (mode, row) in enumerate(zip(WhenInDoubt, REPEAT_ROWS, strict=True))
    ]
    places = [tmp_path / str(number) for number in range(len(plans))]
    for place in places:
        place.mkdir()
    results = await asyncio.gather(*(run_world(plan, place, forks) for plan, place in zip(plans, places, strict=True)))
    for result in results:
        assert result.trouble is None
        assert result.kills == len(DEATHS)
        assert result.judgement.offences == Offences() or result.judgement.void
        assert result.judgement.accepted > 0
