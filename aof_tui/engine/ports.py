"""What the engine is given from outside, so that a simulation can give it something else."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from aof_tui.base.clock import Clock
from aof_tui.base.failpoints import Failpoints, NoFailpoints
from aof_tui.base.randomness import Randomness
from aof_tui.base.secret import Secret
from aof_tui.config.secrets import SecretRef
from aof_tui.config.settings import WorkspaceSettings
from aof_tui.control.protocol import Control
from aof_tui.engine.configuration import Reloads
from aof_tui.engine.service import Service
from aof_tui.notify.factory import Channels
from aof_tui.notify.heartbeat import ping
from aof_tui.store.mark import MarkFile
from aof_tui.store.port import Store
from aof_tui.store.sqlite_store import open_store
from aof_tui.workato.transport import TransportFactory, secure_transports


def _environment_secret(reference: SecretRef) -> Secret:
    return reference.resolve(os.environ)


def _tcp(workspace: WorkspaceSettings) -> TransportFactory:
    return secure_transports(ca_file=workspace.ca_file, proxy=workspace.proxy)


def _unserved(_control: Control) -> AbstractAsyncContextManager[object]:
    return nullcontext()


@dataclass(frozen=True)
class Ports:
    """The engine's ports with what a program run uses; `feed_clock` counts real seconds for the change feed."""

    clock: Clock
    feed_clock: Clock
    randomness: Randomness = field(default_factory=Randomness)
    failpoints: Failpoints = field(default_factory=NoFailpoints)
    read_secret: Callable[[SecretRef], Secret] = _environment_secret
    transports: Callable[[WorkspaceSettings], TransportFactory] = _tcp
    open_store: Callable[[Path], Awaitable[Store]] = open_store
    serve: Callable[[Control], AbstractAsyncContextManager[object]] = _unserved
    """Lets other processes in: entered once the engine answers, left before it gives its store back."""
    service: Service | None = None
    """Who watches the program from outside."""
    reloads: Reloads | None = None
    """What became of reading the configuration again, where the program does that."""
    ping: Callable[[str], Awaitable[str | None]] = ping
    channels: Channels | None = None
    """Channels to use in place of those the settings name."""
    mark: MarkFile | None = None
    """Where the store's mark is kept in place of the file beside it."""
    lock: bool = True
    """False where the store is not a file that another process could open."""
