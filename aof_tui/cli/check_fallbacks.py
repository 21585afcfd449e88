"""Whether fallback recipes could be started: their secrets are read and judged, and nothing is called."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from aof_tui.base.errors import AofError
from aof_tui.base.secret import Secret
from aof_tui.cli.check_findings import Finding, State
from aof_tui.config.fallback import FallbackSettings, webhook_address
from aof_tui.config.secrets import SecretRef


def fallback_findings(
    fallbacks: tuple[FallbackSettings, ...], read_secret: Callable[[SecretRef], Secret]
) -> Iterator[Finding]:
    """A line for each fallback: a webhook that was called to try it would start its recipe."""
    for fallback in fallbacks:
        subject, way = f"fallback {fallback.name}", fallback.means.replace("_", " ")
        try:
            if fallback.webhook is not None:
                webhook_address(read_secret(fallback.webhook))
            elif fallback.endpoint is not None:
                read_secret(fallback.endpoint.token)
        except AofError as error:
            yield Finding(subject, way, State.FAILED, str(error))
        else:
            yield Finding(subject, way, State.OK, f"recipe {fallback.recipe}, not called")
