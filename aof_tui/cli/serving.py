"""The control socket of an engine that this program runs."""

from __future__ import annotations

import grp
import logging
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aof_tui.base.clock import Clock
from aof_tui.base.errors import AofError, UsageError
from aof_tui.base.randomness import Randomness
from aof_tui.config.settings import Settings
from aof_tui.control.people import Admission, Rules
from aof_tui.control.protocol import Control
from aof_tui.control.socket_file import check_length, listen, socket_places

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SocketPlan:
    """Where an engine listens, and whom it lets in."""

    path: Path
    gid: int | None
    rules: Rules


def places_of(settings: Settings, environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Where the socket of these settings may be found, the best place first."""
    if settings.socket.path is not None:
        return (settings.socket.path,)
    return socket_places(settings.store, environ)


def socket_plan(settings: Settings, environ: Mapping[str, str]) -> SocketPlan:
    """What the settings say of the socket. Raises UsageError for what cannot work on this machine."""
    wanted = settings.socket
    path = places_of(settings, environ)[0]
    if wanted.path is not None:
        check_length(path)
    gid = None
    if wanted.group is not None:
        if sys.platform != "linux":
            raise UsageError("socket.group: only Linux tells who of a group connects")
        try:
            gid = grp.getgrnam(wanted.group).gr_gid
        except KeyError:
            raise UsageError(f"socket.group: this machine has no group {wanted.group!r}") from None
    rules = Rules(group=wanted.group, viewers=wanted.viewers, operators=wanted.operators)
    return SocketPlan(path, gid, rules)


def serving(
    plan: SocketPlan, clock: Clock, *, must: bool = False
) -> Callable[[Control], AbstractAsyncContextManager[object]]:
    """What lets other processes in as long as an engine lives.

    A socket that cannot be opened stops no engine, unless it `must`: then AofError is raised.
    """

    @asynccontextmanager
    async def serve(control: Control) -> AsyncIterator[None]:
        from aof_tui.control.server import ControlServer

        try:
            place = listen(plan.path, plan.gid)
        except AofError as error:
            if must:
                raise
            logger.error("nobody can attach to this engine: %s", error)
            yield
            return
        server = ControlServer(control, Admission(plan.rules, clock), clock, Randomness())
        async with server.serving(place):
            logger.info("the control socket is %s", plan.path)
            yield

    return serve
