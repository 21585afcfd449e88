"""The demo's configuration: where the stand-ins listen, and everything else as a new user gets it."""

from __future__ import annotations

from pathlib import Path

from aof_tui.base.secret import Secret
from aof_tui.config.secrets import SecretRef
from aof_tui.config.settings import Settings
from aof_tui.simulator.server import RunningServer

WORKSPACE = "demo"
WORKATO_TOKEN = SecretRef("env", "DEMO_WORKATO_TOKEN")
SLACK_TOKEN = SecretRef("env", "DEMO_SLACK_TOKEN")


def demo_settings(server: RunningServer, store: Path) -> Settings:
    """Settings for an engine on this simulator."""
    slack = {"token": str(SLACK_TOKEN), "channel": "C0ONCALL", "base_url": server.slack_url}
    email = {
        "host": server.smtp_host,
        "port": server.smtp_port,
        "tls": "none",
        "from": "aof-tui@example.com",
        "to": ["super-admin@example.com"],
    }
    return Settings.model_validate(
        {
            "mode": "act",
            "store": str(store),
            "workspaces": [{"name": WORKSPACE, "url": server.url, "token": str(WORKATO_TOKEN)}],
            "receivers": [{"name": "oncall", "slack": slack}, {"name": "super-admin", "email": email}],
            "routes": [
                {"match": {"category": ["auth_connection"]}, "receivers": ["super-admin"], "continue": True},
                {"receivers": ["oncall"]},
            ],
            "escalation": {"receivers": ["super-admin"]},
            "reports": [{"cron": "0 * * * *", "receivers": ["super-admin"]}],
            "safe_to_repeat": {"tags": ["safe-to-repeat"]},
        }
    )


def demo_secret(server: RunningServer, reference: SecretRef) -> Secret:
    """What the stand-ins accept; nothing of the real environment is read."""
    return Secret(server.token) if reference == WORKATO_TOKEN else Secret("xoxb-demo")
