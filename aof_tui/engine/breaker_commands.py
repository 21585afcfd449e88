"""What a person says of a downstream: that nothing may go there, or that it works."""

from __future__ import annotations

import json

from aof_tui.base.wording import counted
from aof_tui.control.requests import Command, Verb
from aof_tui.control.rows import CommandResult
from aof_tui.domain.breaker import ALL_AGENTS, Breaker
from aof_tui.domain.model import Failure
from aof_tui.domain.words import BreakerCause
from aof_tui.engine.breakers import Breakers
from aof_tui.engine.context import Context
from aof_tui.engine.downstream import barring, breaker_of, name_of
from aof_tui.engine.unit import Unit
from aof_tui.store.mapping import integer


class BreakerCommands:
    """Opens and closes breakers by hand."""

    def __init__(self, ctx: Context, breakers: Breakers) -> None:
        self._ctx = ctx
        self._breakers = breakers

    async def run(self, command: Command) -> CommandResult:
        """`value` names the downstream as listings do."""
        return await self._ctx.write(lambda unit: self._run(unit, command))

    async def _run(self, unit: Unit, command: Command) -> CommandResult:
        workspace, downstream = command.workspace, command.value
        breaker = await breaker_of(unit, workspace, downstream)
        name = await name_of(unit, workspace, downstream)
        if command.verb is Verb.CLOSE_BREAKER:
            return await self._close(unit, breaker, name, command)
        if not await _is_known(unit, workspace, downstream):
            return CommandResult(False, f"no recipe uses {downstream!r}; a downstream is named like connection:1234")
        if not self._breakers.enabled:
            return CommandResult(False, "breakers are switched off in the configuration")
        if breaker.cause is BreakerCause.PERSON:
            return CommandResult(False, f"the breaker of {name} is open already, by {breaker.opened_by}")
        why = command.reason or f"asked for by {command.actor}"
        await self._breakers.open(unit, breaker, BreakerCause.PERSON, command.actor, why)
        return CommandResult(True, f"the breaker of {name} is open until somebody closes it")

    async def _close(self, unit: Unit, breaker: Breaker, name: str, command: Command) -> CommandResult:
        if not breaker.barring:
            return CommandResult(False, f"the breaker of {name} is not open")
        key = {"workspace": breaker.workspace, "downstream": breaker.downstream}
        held = integer((await unit.tx.fetch("breaker_held_count", key))[0], "amount")
        await self._breakers.close(unit, breaker, command.actor, command.reason or f"asked for by {command.actor}")
        go_on = f"{counted(held, 'held failure')} {'goes' if held == 1 else 'go'} on little by little"
        return CommandResult(True, f"the breaker of {name} is closed, {go_on}")


async def past_breaker(unit: Unit, failure: Failure) -> str:
    """What a forced repeat passes, as the end of a sentence."""
    breaker = await barring(unit, failure)
    if breaker is None:
        return ""
    return f", past the open breaker of {await name_of(unit, failure.workspace, breaker.downstream)}"


async def still_barred(unit: Unit, failure: Failure) -> str | None:
    """Why releasing would change nothing."""
    breaker = await barring(unit, failure)
    if breaker is None:
        return None
    name = await name_of(unit, failure.workspace, breaker.downstream)
    return f"the breaker of {name} is open: retry it to repeat it all the same, or close the breaker"


async def _is_known(unit: Unit, workspace: str, downstream: str) -> bool:
    kind, _, key = downstream.partition(":")
    named = json.dumps(key)
    part = {"connection": f"{named}]", "application": f"[{named},"}.get(kind)
    if downstream == ALL_AGENTS:
        return True
    if part is None or not key:
        return False
    params = {"workspace": workspace, "part": part, "adapter": named if kind == "application" else "-"}
    return bool(await unit.tx.fetch("downstream_known", params))
