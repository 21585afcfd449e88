"""What commands need of the configuration before they begin."""

from __future__ import annotations

from contextlib import suppress

from aof_tui.base.errors import AofError, ConfigError
from aof_tui.cli.known_secrets import KnownSecrets
from aof_tui.config.load import Loaded
from aof_tui.config.yaml_source import Problem


def read_workspace_tokens(loaded: Loaded, secrets: KnownSecrets) -> None:
    """See that every workspace's token can be read; without one an engine would only fail. Raises ConfigError.

    A receiver's secret that is missing stops nobody: the engine alarms the other receivers.
    """
    settings = loaded.settings
    problems = []
    for place, workspace in enumerate(settings.workspaces):
        try:
            secrets.read(workspace.token)
        except AofError as error:
            problems.append(Problem(("workspaces", place, "token"), f"workspaces[{place}].token: {error}"))
    if problems:
        raise ConfigError(loaded.explain(problems))
    for receiver in settings.receivers:
        reference = receiver.slack.token if receiver.slack else receiver.email and receiver.email.password
        if reference:
            with suppress(AofError):
                secrets.read(reference)
