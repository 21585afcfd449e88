"""Many worlds at once, their sum, and the verdict over all of them."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from multiprocessing.context import ForkServerContext
from pathlib import Path
from tempfile import mkdtemp

from aof_tui.base.clock import SystemClock
from tests.crash.check import Offences
from tests.crash.plan import WorldPlan
from tests.crash.world import WorldResult, fork_server, run_world

WORLDS_PER_CORE = 2
"""Worlds mostly wait: for turns, for settle times, for commits."""
MOST_NAMED = 5


@dataclass
class Campaign:
    """The results as they come in."""

    results: list[WorldResult] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether every promise was kept and every death was the one that was planned."""
        return all(result.trouble is None and not _broken(result) for result in self.results)

    def figures(self) -> dict[str, int]:
        """The sums, in the order in which they are printed."""
        judgements = [result.judgement for result in self.results]
        counts = [judgement.offences.counts() for judgement in judgements]
        return {
            "kills": sum(result.kills for result in self.results),
            "accepted": sum(judgement.accepted for judgement in judgements),
            **{name: sum(count[name] for count in counts) for name in Offences().counts()},
            "in_doubt_held": sum(judgement.in_doubt_held for judgement in judgements),
        }


async def run_campaign(plans: Sequence[WorldPlan]) -> Campaign:
    """Run the worlds side by side; the first that breaks a promise ends it."""
    # An engine that dies while it sends leaves half a request, and the server says so each time.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    campaign = Campaign()
    waiting = list(reversed(plans))
    forks = fork_server()
    began = SystemClock().boot()
    folder = Path(mkdtemp(prefix="aof-tui-crash-"))

    async def work() -> None:
        while waiting and campaign.good:
            result = await _valid(waiting.pop(), folder, forks)
            campaign.results.append(result)
            _report(result, SystemClock().boot() - began)

    async with asyncio.TaskGroup() as workers:
        for _ in range(WORLDS_PER_CORE * (os.cpu_count() or 1)):
            workers.create_task(work())
    if campaign.good:
        shutil.rmtree(folder)
    else:
        tell(f"stores, logs and truths of the worlds are kept in {folder}")
    return campaign


async def _valid(plan: WorldPlan, folder: Path, forks: ForkServerContext, tries: int = 3) -> WorldResult:
    """A world in which the machine kept up with the clock; when none does, what the last one was."""
    place = folder / f"{plan.number}.{tries}"
    place.mkdir()
    result = await run_world(plan, place, forks)
    if not result.judgement.void:
        return result
    tell(f"          {plan.name}: the machine was too slow for the clock")
    return await _valid(plan, folder, forks, tries - 1) if tries > 1 else replace(result, trouble="no valid try")


def _broken(result: WorldResult) -> bool:
    return any(result.judgement.offences.counts().values())


def _report(result: WorldResult, seconds: float) -> None:
    accepted = result.judgement.accepted
    tell(f"{seconds:6.1f} s  {result.plan.name}: {result.kills} kills, {accepted} repeats accepted")
    if result.trouble is not None:
        tell(f"          NOT AS PLANNED: {result.trouble}")
    for name, count in result.judgement.offences.counts().items():
        if count:
            named = getattr(result.judgement.offences, name)[:MOST_NAMED]
            tell(f"          {name}: {count}, as {', '.join(named)}")
    if result.trouble is not None or _broken(result):
        tell(f"          deaths in it: {', '.join(map(str, result.plan.kills))}")


def tell(line: str) -> None:
    """One line of progress."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
