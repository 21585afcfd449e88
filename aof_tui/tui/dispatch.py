"""Brings every key to its deed, or says why not."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from aof_tui.base.errors import AofError
from aof_tui.control.requests import IncidentQuery
from aof_tui.control.rows import FailureRow, IncidentRow
from aof_tui.tui.actions import BY_ID, Action, Scope
from aof_tui.tui.deeds import FailureDeeds, WorkspaceDeeds
from aof_tui.tui.desk import Desk
from aof_tui.tui.incident_deeds import IncidentDeeds
from aof_tui.tui.incident_name import IncidentName
from aof_tui.tui.navigation import Navigation
from aof_tui.tui.reasons import held_for_stopped_recipe
from aof_tui.tui.sending import Sender
from aof_tui.tui.situation import Situation

if TYPE_CHECKING:
    from aof_tui.tui.app import AofApp


class Dispatch:
    """Deeds that wait for a person run in a worker of the app, one at a time."""

    def __init__(self, app: AofApp, desk: Desk, *, store_stays: bool) -> None:
        self._app = app
        self._desk = desk
        sender = Sender(app, desk)
        self._failures = FailureDeeds(desk, sender)
        self._incidents = IncidentDeeds(desk, sender)
        self._workspaces = WorkspaceDeeds(desk, sender, store_stays=store_stays)
        self._navigation = Navigation(app, desk)
        self._busy = False

    def situation(self) -> Situation:
        """What decides which actions are possible now."""
        live = self._app.live
        failure, incident, breaker = live.failure_at_cursor(), live.incident_at_cursor(), live.breaker_at_cursor()
        aim = failure or incident or breaker
        status = self._desk.status
        return Situation(
            read_only=self._desk.read_only,
            read_only_why=self._desk.read_only_why,
            engine=status.engine if status is not None else "starting",
            fault=self._desk.fault,
            mode=status.mode if status is not None else "act",
            row_named=live.names_failure(),
            failure=failure,
            incident=None if incident is None else incident.name,
            incident_row=live.incident_row(),
            breaker=breaker,
            workspace=self._desk.workspace(aim.workspace if aim else None),
        )

    def do(self, action_id: str) -> None:
        """Does an action of the table, or says why not."""
        action = BY_ID[action_id]
        self._app.live.choose()
        if (reason := action.why_not(self.situation())) is not None:
            self._refuse(action, reason)
        elif action.scope is Scope.FAILURE:
            self._in_turn(self._on_failure(action))
        elif action.scope is Scope.INCIDENT:
            self._in_turn(self._on_incident(action))
        elif action.scope is Scope.ROW:
            self._in_turn(self._start(action) if action.id == "start" else self._open(action))
        elif action.scope is Scope.WORKSPACE:
            self._on_workspace(action)
        else:
            self._navigation.go(action_id)

    async def confirm_quit(self) -> bool:
        """Whether to leave."""
        return await self._workspaces.confirm_quit()

    def _refuse(self, action: Action, reason: str) -> None:
        self._app.tell(f"{action.title}: {reason}", good=False)

    def _in_turn(self, deed: Coroutine[Any, Any, None]) -> None:
        """Runs a deed; a key pressed again meanwhile does nothing."""
        if self._busy:
            deed.close()
            return
        self._busy = True
        self._app.type_ahead.question_comes()
        self._app.run_worker(self._finish(deed))

    async def _finish(self, deed: Coroutine[Any, Any, None]) -> None:
        try:
            await deed
        finally:
            self._busy = False
            self._app.type_ahead.nothing_asked()

    async def _on_failure(self, action: Action) -> None:
        try:
            failure = await self._app.live.find_failure()
        except AofError as error:
            self._refuse(action, str(error))
            return
        if failure is None:
            self._refuse(action, "the engine knows no such failure any more.")
        elif (reason := action.why_not(self._situation_of(failure))) is not None:
            self._refuse(action, reason)
        else:
            await self._failures.act(action.id, failure)

    def _situation_of(self, failure: FailureRow) -> Situation:
        return replace(self.situation(), failure=failure, workspace=self._desk.workspace(failure.workspace))

    async def _on_incident(self, action: Action) -> None:
        try:
            incident = await self._find_incident()
        except AofError as error:
            self._refuse(action, str(error))
            return
        if incident is None:
            self._refuse(action, "the engine knows no such incident any more.")
            return
        now = replace(
            self.situation(),
            failure=None,
            incident=incident.incident,
            incident_row=incident,
            workspace=self._desk.workspace(incident.workspace),
        )
        if (reason := action.why_not(now)) is not None:
            self._refuse(action, reason)
        else:
            await self._incidents.act(action.id, incident)

    async def _find_incident(self) -> IncidentRow | None:
        """The incident under the cursor, read from the engine where only its name is at hand. Raises AofError."""
        live = self._app.live
        if (row := live.incident_row()) is not None:
            return row
        named = live.incident_at_cursor()
        if named is None and (failure := await live.find_failure()) is not None and failure.incident is not None:
            named = IncidentName(failure.workspace, failure.incident)
        return None if named is None else await self._read_incident(named)

    async def _read_incident(self, named: IncidentName) -> IncidentRow | None:
        query = IncidentQuery(workspaces=(named.workspace,), incident=named.name, only_open=False, limit=1)
        page = await self._desk.control.incidents(query)
        return page.rows[0] if page.rows else None

    async def _start(self, action: Action) -> None:
        failure = self._app.live.failure_at_cursor()
        if failure is not None and held_for_stopped_recipe(failure):
            await self._incidents.start_for(failure)
        else:
            await self._on_incident(action)

    async def _open(self, action: Action) -> None:
        """A failure's story; of an incident without one, what there is of it."""
        live = self._app.live
        try:
            failure = None if live.incident_row() else await live.find_failure()
            incident = await self._find_incident() if failure is None else None
        except AofError as error:
            self._refuse(action, str(error))
            return
        if failure is not None:
            self._navigation.open_story(failure)
        elif incident is not None:
            self._navigation.open_incident(incident)
        else:
            self._refuse(action, "the engine knows nothing of it any more.")

    def _on_workspace(self, action: Action) -> None:
        now = self.situation()
        if now.workspace is None:
            return
        deeds: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {
            "pause": partial(self._workspaces.pause, now.workspace),
            "backlog": partial(self._workspaces.backlog, now.workspace),
            "breaker": partial(self._incidents.breaker, now.workspace, now.breaker),
        }
        self._in_turn(deeds[action.id]())
