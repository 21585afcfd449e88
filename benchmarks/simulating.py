"""A simulated Workato in a process of its own, and the configuration of an engine for it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

END_WITHIN_S = 10.0
TOKEN_VARIABLE = "BENCH_WORKATO_TOKEN"  # noqa: S105 - the name of a variable, not what is in it
SLACK_VARIABLE = "BENCH_SLACK_TOKEN"


@dataclass(frozen=True, slots=True)
class Simulated:
    """Where the simulator listens."""

    url: str
    token: str

    def environment(self) -> dict[str, str]:
        """What the configuration's secrets refer to."""
        return {TOKEN_VARIABLE: self.token, SLACK_VARIABLE: "xoxb-bench"}

    def write_config(self, folder: Path) -> Path:
        """A configuration that acts on this Workato; its store is in the folder."""
        slack = {"token": f"env:{SLACK_VARIABLE}", "channel": "C0ONCALL", "base_url": f"{self.url}/slack/api/"}
        content = {
            "mode": "act",
            "store": str(folder / "bench.db"),
            "workspaces": [{"name": "bench", "url": self.url, "token": f"env:{TOKEN_VARIABLE}"}],
            "receivers": [{"name": "oncall", "slack": slack}],
            "routes": [{"receivers": ["oncall"]}],
            "escalation": {"receivers": ["oncall"]},
            "safe_to_repeat": {"tags": ["safe-to-repeat"]},
        }
        path = folder / "config.yaml"
        path.write_text(json.dumps(content), encoding="utf-8")  # JSON is YAML
        return path


@contextmanager
def simulating(scenario: str, speed: float) -> Iterator[Simulated]:
    """`aof-tui simulate` while the body runs."""
    words = ["simulate", "--port", "0", "--seed", "1", "--scenario", scenario, "--speed", str(speed)]
    command = [sys.executable, "-m", "aof_tui.cli.main", *words]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline() if process.stdout else ""
        yield Simulated(**json.loads(line))
    finally:
        process.terminate()
        process.wait(END_WITHIN_S)
        if process.stdout:
            process.stdout.close()
