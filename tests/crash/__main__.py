"""Kills real engines at every named point and at random, and counts the promises that were broken."""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
from collections.abc import Sequence

from tests.crash.campaign import run_campaign, tell
from tests.crash.check import Offences
from tests.crash.plan import plan_worlds
from tests.crash.plants import PLANTS, PlantError, run_planted

HELD, BROKEN, UNUSABLE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """0 if every promise was kept at every point, 1 if not, 2 for a wrong command line or a plant that does not fit."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--kills", type=int, default=0, help="at least so many; never fewer than one at each point")
    parser.add_argument("--plant", choices=sorted(PLANTS), help="plant this bug in a copy, and show that it is caught")
    parser.add_argument("--seed", help="of worlds and deaths; drawn and printed without it")
    asked = parser.parse_args(arguments)
    seed = asked.seed or f"{random.SystemRandom().getrandbits(32):08x}"
    return prove(seed, asked.kills) if asked.plant is None else catch(asked.plant, seed)


def prove(seed: str, kills: int) -> int:
    """Run the worlds of the seed."""
    plans = plan_worlds(seed, kills)
    tell(f"seed {seed}: {sum(len(plan.kills) for plan in plans)} kills in {len(plans)} worlds")
    campaign = asyncio.run(run_campaign(plans))
    sys.stdout.write(json.dumps(campaign.figures()) + "\n")
    return HELD if campaign.good else BROKEN


def catch(name: str, seed: str) -> int:
    """Run the worlds on the planted sources; 1 when a promise was seen to be broken, as it should be."""
    try:
        run = run_planted(name, ["--seed", seed])
    except PlantError as error:
        tell(f"the plant {name} does not fit any more: {error}")
        return UNUSABLE
    lines = run.stdout.splitlines()
    if not lines:
        tell(f"the planted proof ended with {run.returncode} and without figures")
        return UNUSABLE
    sys.stdout.write(f"{lines[-1]}\n")
    figures = json.loads(lines[-1])
    broken = [offence for offence in Offences().counts() if figures[offence]]
    tell(f"the plant {name} was caught by: {', '.join(broken)}" if broken else f"the plant {name} was NOT caught")
    return BROKEN if broken else HELD


if __name__ == "__main__":
    sys.exit(main())
