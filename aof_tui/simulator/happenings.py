"""What a scenario lets happen at a given time, besides the ordinary coming of jobs."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from aof_tui.domain.words import Category
from aof_tui.simulator.catalogue import pick_flaw
from aof_tui.simulator.scenario import (
    AgentsDown,
    DeleteRecipe,
    FallSilent,
    Happening,
    Heals,
    Jobs,
    LoseConnection,
    Outage,
    Retention,
    StopRecipe,
)
from aof_tui.simulator.state import SimRecipe, Trouble

if TYPE_CHECKING:
    from aof_tui.simulator.world import World


def plan(world: World, happening: Happening, at: float, key: str) -> None:
    """Plan the happening for that wall time; the key keeps its draws apart from others'."""
    match happening:
        case Jobs():
            _plan_jobs(world, happening, at, key)
        case Outage():
            trouble = Trouble(at, at + world.span(happening.lasts), happening.error, happening.share)
            world.place.connections[happening.connection].troubles.append(trouble)
        case LoseConnection():
            ends = at + world.span(happening.lasts)
            trouble = Trouble(at, ends, Category.AUTH_CONNECTION, 1.0, happening.reason)
            world.place.connections[happening.connection].troubles.append(trouble)
        case StopRecipe():
            world.at(at, partial(_stop, _recipe(world, happening.group, happening.index), happening.cause))
            if happening.lasts is not None:
                ends = at + world.span(happening.lasts)
                world.at(ends, partial(_start, _recipe(world, happening.group, happening.index)))
        case DeleteRecipe():
            world.at(at, partial(_delete, world, _recipe(world, happening.group, happening.index)))
        case AgentsDown():
            _take_agents_away(world, happening, at)
        case FallSilent():
            quiet = (at, at + world.span(happening.lasts))
            _recipe(world, happening.group, happening.index).quiet.append(quiet)
        case Retention():
            world.at(at, partial(_retain, world, happening))


def _recipe(world: World, group: str, index: int) -> SimRecipe:
    recipes = world.place.groups[group]
    return recipes[index % len(recipes)]


def _take_agents_away(world: World, down: AgentsDown, at: float) -> None:
    group = world.agent_groups[down.on_prem]
    ends, count = at + world.span(down.lasts), down.agents or len(group.agent_ids)
    group.outages.append((at, ends, count))
    shape = next(one for one in world.scenario.on_prem if one.key == down.on_prem)
    if shape.connection is not None and count >= len(group.agent_ids):
        world.place.connections[shape.connection].troubles.append(Trouble(at, ends, Category.ON_PREM_AGENT, 1.0))


def _plan_jobs(world: World, jobs: Jobs, at: float, key: str) -> None:
    recipes = world.place.groups[jobs.group][: jobs.recipes]
    for recipe in recipes:
        for number in range(jobs.count):
            offset = world.draws.between((0.0, jobs.over), key, recipe.recipe_id, number, "at") if jobs.over else 0.0
            world.at(at + world.span(offset), partial(_fail_job, world, jobs, recipe, (key, recipe.recipe_id, number)))


def _fail_job(world: World, jobs: Jobs, recipe: SimRecipe, key: tuple[str | int, ...], at: float) -> None:
    weights = {jobs.error: 1.0} if jobs.error else dict(recipe.group.errors) or {Category.UNKNOWN: 1.0}
    flaw = pick_flaw(world.draws, recipe, world.draws.weigh(weights, *key, "category"), key[-1])
    heals: Heals | None = None if jobs.heals is None else {jobs.heals: 1.0}
    world.start_job(recipe, at, key, flaw, heals, is_poll_error=jobs.poll_error)


def _stop(recipe: SimRecipe, cause: str | None, at: float) -> None:
    recipe.running, recipe.stop_cause, recipe.stopped_at = False, cause, at
    recipe.revision += 1


def _start(recipe: SimRecipe, _at: float) -> None:
    recipe.running, recipe.stop_cause, recipe.stopped_at = True, None, None
    recipe.version_no += 1
    recipe.revision += 1


def _delete(world: World, recipe: SimRecipe, _at: float) -> None:
    recipe.running = False
    world.place.recipes.pop(recipe.recipe_id, None)


def _retain(world: World, retention: Retention, at: float) -> None:
    for recipe in world.place.groups[retention.group]:
        ended = [run for run in recipe.runs if run.ends_at < at]
        for run in ended:
            run.erased = True
            if retention.mode == "vanish":
                recipe.runs.remove(run)
                del world.runs[run.job_id]
