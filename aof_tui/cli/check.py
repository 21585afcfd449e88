"""`aof-tui check`: tries the configuration and every connection in it, also beside a running engine."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from functools import partial
from pathlib import Path

from aof_tui.base.clock import SystemClock
from aof_tui.base.errors import AofError
from aof_tui.base.secret import Secret
from aof_tui.cli.check_fallbacks import fallback_findings
from aof_tui.cli.check_findings import Finding, State, exit_code
from aof_tui.cli.check_workspace import WorkspaceCheck
from aof_tui.cli.known_secrets import KnownSecrets
from aof_tui.cli.output import json_line, say
from aof_tui.config.load import Loaded, config_path, load
from aof_tui.config.secrets import SecretRef
from aof_tui.config.settings import Receiver, Settings, WorkspaceSettings
from aof_tui.notify.factory import open_channels
from aof_tui.store.database import reader_uri
from aof_tui.store.faults import clear_errors
from aof_tui.store.lock import lock_holder
from aof_tui.store.migrate import refuse_unfit, schema_version
from aof_tui.store.mounts import file_system, is_network
from aof_tui.store.read_only import open_reader
from aof_tui.workato.client import WorkatoClient
from aof_tui.workato.families import Pacers
from aof_tui.workato.transport import secure_transports

DEADLINE_S = 20.0
WIDTH = max(len(state) for state in State)


async def run_check(config: Path | None, *, as_json: bool) -> int:
    """Print a line per thing tried; the exit code says whether something is wrong. Raises ConfigError."""
    path = config_path(config, os.environ)
    loaded = load(path)
    secrets = KnownSecrets(os.environ)
    found: list[Finding] = []
    async for finding in findings(path, loaded, secrets.read):
        found.append(finding)
        say(json_line(finding) if as_json else secrets.scrub(_line(finding)))
    return exit_code(found)


async def findings(path: Path, loaded: Loaded, read_secret: Callable[[SecretRef], Secret]) -> AsyncIterator[Finding]:
    """Everything that can be tried, in the order of the file."""
    settings = loaded.settings
    yield Finding("configuration", str(path), State.OK, f"mode {settings.mode}")
    for warning in loaded.warnings:
        yield Finding("configuration", "advice", State.WARNING, warning)
    for finding in store_findings(settings.store):
        yield finding
    pins = await _pins(settings)
    for workspace in settings.workspaces:
        async for finding in _workspace(workspace, pins.get(workspace.name), read_secret):
            yield finding
    for finding in fallback_findings(settings.fallbacks, read_secret):
        yield finding
    async for finding in _receivers(settings.receivers, read_secret):
        yield finding


def store_findings(store: Path) -> list[Finding]:
    """Where the store lies, whether it can be used, and who uses it now."""
    subject = "store"
    try:
        holder = lock_holder(store)
        fitness = _fitness(store)
    except AofError as error:
        return [Finding(subject, str(store), State.FAILED, str(error))]
    held = Finding(subject, "lock", State.OK, f"held by {holder}" if holder else "free")
    return [Finding(subject, str(store), *fitness), held]


def _fitness(store: Path) -> tuple[State, str]:
    """Raises StoreError for a store of another program or a newer version."""
    try:
        folder = next(parent for parent in store.absolute().parents if parent.exists())
    except OSError as error:
        return State.FAILED, f"cannot be made: {error.strerror}"
    kind = file_system(folder)
    if is_network(kind):
        return State.FAILED, f"lies on a network file system ({kind}); use a local disk"
    if not store.exists():
        return _can_be_made(folder)
    if not os.access(store, os.R_OK | os.W_OK) or not os.access(store.parent, os.W_OK | os.X_OK):
        return State.FAILED, "is not writable"
    uri = reader_uri(store.resolve())
    with clear_errors(f"the store {store} cannot be read"), closing(sqlite3.connect(uri, uri=True)) as connection:
        refuse_unfit(connection, str(store))
        return State.OK, f"can be used (schema {schema_version(connection)})"


def _can_be_made(folder: Path) -> tuple[State, str]:
    """Tried with a file that has no name and is gone at once: permissions alone do not tell."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return State.OK, "will be made at the first start"
    except OSError as error:
        return State.FAILED, f"cannot be made in {folder}: {error.strerror}"


async def _pins(settings: Settings) -> dict[str, str | None]:
    """The workspaces' pinned ids, as far as a store has any."""
    try:
        reader = await open_reader(settings.store, SystemClock())
    except AofError:
        return {}
    try:
        return {workspace.name: await reader.pinned(workspace.name) for workspace in settings.workspaces}
    finally:
        await reader.close()


async def _workspace(
    workspace: WorkspaceSettings, pinned: str | None, read_secret: Callable[[SecretRef], Secret]
) -> AsyncIterator[Finding]:
    clock = SystemClock()
    try:
        read_secret(workspace.token)
        client = WorkatoClient(
            workspace.url,
            partial(read_secret, workspace.token),
            secure_transports(ca_file=workspace.ca_file, proxy=workspace.proxy),
            clock,
            Pacers(clock, workspace.quotas, workspace.quota_share),
            read_deadline_s=DEADLINE_S,
        )
    except AofError as error:
        yield Finding(f"workspace {workspace.name}", "token", State.FAILED, str(error))
        return
    async with client:
        async for finding in WorkspaceCheck(workspace.name, client, pinned).findings():
            yield finding


async def _receivers(
    receivers: tuple[Receiver, ...], read_secret: Callable[[SecretRef], Secret]
) -> AsyncIterator[Finding]:
    async with open_channels(receivers, read_secret, SystemClock()) as channels:
        for name, ways in channels.items():
            for way in ways:
                checked = await way.check()
                state = State.OK if checked.ok else State.FAILED
                yield Finding(f"receiver {name}", way.name, state, checked.detail)


def _line(finding: Finding) -> str:
    detail = f": {' '.join(finding.detail.split())}" if finding.detail else ""
    return f"{finding.state:<{WIDTH}}  {finding.subject}: {finding.what}{detail}"
