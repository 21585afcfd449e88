"""`aof-tui check` judges how fallbacks would be started, and starts none."""

from __future__ import annotations

from aof_tui.base.secret import Secret
from aof_tui.cli.check_fallbacks import fallback_findings
from aof_tui.cli.check_findings import State
from aof_tui.config.fallback import FallbackSettings
from aof_tui.config.secrets import SecretError, SecretRef

SECRETS = {"URL": "https://hooks.example.com/x", "PLAIN": "http://hooks.example.com/hidden", "T": "token"}


def read(reference: SecretRef) -> Secret:
    if reference.where not in SECRETS:
        raise SecretError(f"{reference}: is not set")
    return Secret(SECRETS[reference.where])


def fallback(**means: object) -> FallbackSettings:
    return FallbackSettings.model_validate({"name": "x", "recipe": 900, **means})


def test_each_way_is_judged_without_being_called() -> None:
    endpoint = {"url": "https://apim.example.com/a", "token": "env:T"}
    ways = (
        fallback(webhook="env:URL"),
        fallback(webhook="env:PLAIN"),
        fallback(webhook="env:GONE"),
        fallback(endpoint=endpoint),
        fallback(endpoint=endpoint | {"token": "env:GONE"}),
        fallback(force_run=True),
    )
    found = list(fallback_findings(ways, read))
    assert [finding.state for finding in found] == [
        State.OK, State.FAILED, State.FAILED, State.OK, State.FAILED, State.OK,
    ]  # fmt: skip
    assert (found[0].subject, found[0].what, found[0].detail) == ("fallback x", "webhook", "recipe 900, not called")
    assert "must begin with https://" in found[1].detail
    assert not any("hidden" in finding.detail for finding in found)
    assert found[2].detail == "env:GONE: is not set"
