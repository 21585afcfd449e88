"""Records what became of reading the configuration again: in the log, and as an incident while the file is unusable."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from aof_tui.base.clock import Clock
from aof_tui.base.errors import StoreFaultError
from aof_tui.base.text import cut, one_line
from aof_tui.domain.event_kinds import EventKind
from aof_tui.domain.words import IncidentKind, Severity
from aof_tui.engine.context import Context, Signal
from aof_tui.engine.incidents import Incidents
from aof_tui.engine.unit import Unit

SCOPE = "configuration"
MOST_WAITING = 16
MOST_NAMED = 20
LONGEST_TEXT = 2_000
TITLE = "aof-tui: the configuration cannot be used; the engine goes on with the one before, and would not start again"


@dataclass(frozen=True, slots=True)
class Reload:
    """What became of it: used from now on but for what needs a restart, or refused because of `problems`."""

    changed: tuple[str, ...] = ()
    """Names of settings, like `collation.interval`."""
    needs_restart: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    """One line each, with file and line where they are known."""

    @property
    def refused(self) -> bool:
        return bool(self.problems)

    @property
    def text(self) -> str:
        """It in one line for people."""
        if self.refused:
            return _short(f"the configuration stays as it was: {_listed(self.problems, '; ')}")
        told = f"the configuration was read again: {_listed(self.changed, ', ') or 'nothing'} changed"
        later = f"; {_listed(self.needs_restart, ', ')} changes at a restart" if self.needs_restart else ""
        return _short(told + later)


def _short(text: str) -> str:
    return one_line(cut(text, LONGEST_TEXT, 0))


def _listed(names: Sequence[str], between: str) -> str:
    left_out = len(names) - MOST_NAMED
    return between.join((*names[:MOST_NAMED], *((f"and {left_out} more",) if left_out > 0 else ())))


class Reloads:
    """What whoever reads the configuration has to tell; it waits here until an engine has recorded it."""

    def __init__(self, clock: Clock) -> None:
        self._waiting: deque[Reload] = deque(maxlen=MOST_WAITING)
        self._told = Signal(clock)

    def tell(self, reload: Reload) -> None:
        """Have it recorded."""
        self._waiting.append(reload)
        self._told.raise_()

    def take(self) -> Reload | None:
        """What is to be recorded next; who takes it records it, or puts it back."""
        return self._waiting.popleft() if self._waiting else None

    def put_back(self, reload: Reload) -> None:
        """It could not be recorded."""
        self._waiting.appendleft(reload)

    async def wait(self) -> None:
        """Return when there is something to record."""
        await self._told.wait(None)


class Configuration:
    """Records reloads of one engine's program; its workspace is the first, where what concerns all is shown."""

    def __init__(self, ctx: Context, incidents: Incidents, reloads: Reloads | None) -> None:
        self._ctx = ctx
        self._incidents = incidents
        self._reloads = reloads
        self._workspace = ctx.settings.workspaces[0].name

    async def run(self) -> None:
        """Record what is told, until the engine stops. A start without news means that the file was good."""
        reload = self._reloads.take() if self._reloads else None
        if reload is None:
            await self._ctx.write(self._mended)
        while self._reloads is not None:
            while reload is not None:
                await self._write_down(self._reloads, reload)
                reload = self._reloads.take()
            await self._reloads.wait()
            reload = self._reloads.take()

    async def _write_down(self, reloads: Reloads, reload: Reload) -> None:
        try:
            # Taken before: who is cancelled here does not know whether it was written, and it always is.
            await self._ctx.write(partial(self._record, reload=reload))
        except StoreFaultError:
            reloads.put_back(reload)
            raise

    async def _record(self, unit: Unit, reload: Reload) -> None:
        kind = EventKind.CONFIGURATION_REFUSED if reload.refused else EventKind.CONFIGURATION_APPLIED
        facts = {"changed": reload.changed, "needs_restart": reload.needs_restart, "problems": reload.problems}
        data = {name: list(values[:MOST_NAMED]) for name, values in facts.items() if values}
        await unit.event(kind, reload.text, workspace=self._workspace, data=data)
        if reload.refused:
            await self._incidents.raise_alarm(
                unit, self._workspace, IncidentKind.ENGINE_ERROR, TITLE, scope=SCOPE, severity=Severity.WARNING
            )
        else:
            await self._mended(unit)

    async def _mended(self, unit: Unit) -> None:
        # The workspace that was the first when it opened may stand elsewhere in the file by now.
        for workspace in self._ctx.settings.workspaces:
            await self._incidents.end_alarm(unit, workspace.name, IncidentKind.ENGINE_ERROR, SCOPE)
