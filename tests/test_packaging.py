"""The unit for systemd and the container file: they name what exists, and close what they promise to close."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import tomllib
from configparser import ConfigParser
from pathlib import Path

import pytest
import typer
import yaml

from aof_tui.base.errors import ConfigError
from aof_tui.cli.commands import build
from aof_tui.control.socket_file import GROUP_DIRECTORY
from tests.test_repository import ROOT

UNIT = ROOT / "packaging/aof-tui.service"
CONTAINER_FILE = ROOT / "packaging/Containerfile"
OPERATIONS = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
HIGHEST_EXPOSURE = 2.0
FIRST_OFFLINE = 250

HARDENING = {
    "NoNewPrivileges": "yes",
    "CapabilityBoundingSet": "",
    "AmbientCapabilities": "",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "DevicePolicy": "closed",
    "ProtectKernelTunables": "yes",
    "ProtectKernelModules": "yes",
    "ProtectKernelLogs": "yes",
    "ProtectControlGroups": "yes",
    "ProtectClock": "yes",
    "ProtectHostname": "yes",
    "ProtectProc": "invisible",
    "RestrictAddressFamilies": "AF_UNIX AF_INET AF_INET6",
    "RestrictNamespaces": "yes",
    "RestrictRealtime": "yes",
    "RestrictSUIDSGID": "yes",
    "LockPersonality": "yes",
    "MemoryDenyWriteExecute": "yes",
    "SystemCallArchitectures": "native",
    "RemoveIPC": "yes",
    "UMask": "0077",
    "LimitCORE": "0",
    "StateDirectoryMode": "0700",
}
LIFE = {
    "Type": "notify",
    "ExecReload": "/bin/kill -HUP $MAINPID",
    "WatchdogSec": "2min",
    "KillMode": "mixed",
    "TimeoutStopSec": "60",
    "Restart": "on-failure",
    "RestartPreventExitStatus": str(ConfigError.exit_code),
    "User": "aof-tui",
    "StateDirectory": "aof-tui",
    "RuntimeDirectory": "aof-tui",
}


@pytest.fixture(scope="module")
def service() -> dict[str, str]:
    """The settings of the service; what may stand there twice keeps the last."""
    parser = ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    parser.read_string(UNIT.read_text(encoding="utf-8"))
    assert parser.sections() == ["Unit", "Service", "Install"]
    return dict(parser["Service"])


def all_of(key: str) -> list[str]:
    return re.findall(rf"^{key}=(.*)$", UNIT.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize(("key", "value"), (HARDENING | LIFE).items(), ids=[*HARDENING, *LIFE])
def test_the_unit_says(key: str, value: str, service: dict[str, str]) -> None:
    assert service[key.lower()] == value
    assert all_of(key) == [value]


def test_the_unit_allows_only_the_calls_of_a_service() -> None:
    assert all_of("SystemCallFilter") == ["@system-service", "~@privileged @resources"]


def test_the_engine_can_tell_who_connects_and_which_boot_this_is() -> None:
    """PrivateUsers would make all callers nobody; ProcSubset would hide the kernel's boot id."""
    assert all_of("PrivateUsers") == all_of("ProcSubset") == []


def test_what_the_unit_runs_exists(service: dict[str, str]) -> None:
    path, *words = shlex.split(service["execstart"])
    assert Path(path).name in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
    root = typer.main.get_command(build())
    answered: list[Path | None] = []
    command = getattr(root, "commands", {})[words[0]]
    command.callback = lambda config, **_: answered.append(config)
    root.main(words, prog_name="aof-tui", standalone_mode=False)
    assert answered == [Path("/etc/aof-tui/config.yaml")]


def test_the_journal_gets_lines_whose_level_it_understands(service: dict[str, str]) -> None:
    assert service["execstart"].endswith(" --log-format console")
    assert "`journalctl -u aof-tui -p warning`" in OPERATIONS


def test_the_socket_of_the_document_fits_into_the_unit(service: dict[str, str]) -> None:
    """The engine refuses a socket whose directory is wider than 0750 or of another group."""
    example = yaml.safe_load(next(block for block in examples("yaml") if "store:" in block))
    assert int(service["runtimedirectorymode"], 8) == GROUP_DIRECTORY
    assert example["socket"]["group"] == service["group"]
    assert Path(example["socket"]["path"]).parent == Path("/run", service["runtimedirectory"])
    assert Path(example["store"]).parent == Path("/var/lib", service["statedirectory"])


def test_credentials_are_referred_to_as_systemd_names_them() -> None:
    handed = all_of("LoadCredential") + re.findall(r"^LoadCredential=(.*)$", OPERATIONS, re.MULTILINE)
    names = {line.partition(":")[0] for line in handed}
    assert all(line == f"{name}:/etc/aof-tui/credentials/{name}" for line in handed for name in [line.split(":")[0]])
    used = re.findall(rf"file:/run/credentials/{re.escape(UNIT.name)}/([\w-]+)", OPERATIONS)
    assert used
    assert set(used) <= names


def test_the_document_names_files_that_exist() -> None:
    blocks = "\n".join(examples(""))
    named = re.findall(r"(?<![\w/])(packaging/[\w.-]+|sample_config\.yaml|requirements[\w-]*\.lock)", blocks)
    assert len(named) >= 4
    assert [name for name in named if not (ROOT / name).is_file()] == []


def examples(kind: str) -> list[str]:
    blocks = re.findall(r"^```(\w*)\n(.*?)^```", OPERATIONS, re.MULTILINE | re.DOTALL)
    return [text for found, text in blocks if found == kind]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="only systemd can rate a unit")
def test_systemd_rates_the_unit_as_little_exposed() -> None:
    version = subprocess.run(["systemd-analyze", "--version"], capture_output=True, text=True, timeout=60, check=True)
    if int(version.stdout.split()[1].split(".")[0]) < FIRST_OFFLINE:
        pytest.skip("this systemd rates only units that are loaded")
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", "--no-pager", str(UNIT)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    assert found is not None
    assert float(found[1]) <= HIGHEST_EXPOSURE


def container_lines(word: str) -> list[str]:
    text = CONTAINER_FILE.read_text(encoding="utf-8").replace("\\\n", " ")
    return re.findall(rf"^{word} (.*)$", text, re.MULTILINE)


def test_the_container_takes_files_that_exist_and_are_sent_along() -> None:
    sent = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    taken = [name for line in container_lines("COPY") if "--from=" not in line for name in line.split()[:-1]]
    assert {"aof_tui", "pyproject.toml", "requirements.lock", "README.md", "LICENSE"} <= set(taken)
    assert [name for name in taken if not (ROOT / name).exists()] == []
    assert sent[0] == "*"
    assert {line[1:] for line in sent if line.startswith("!")} == set(taken)


def test_the_container_is_built_from_one_known_image_and_pinned_packages() -> None:
    assert {line.split()[0] for line in container_lines("FROM")} == {"docker.io/library/python:3.13-slim"}
    installs = re.findall(r"pip install ([^&]*)", " ".join(container_lines("RUN")))
    assert len(installs) == 3
    assert all("--require-hashes" in words or "--no-deps wheels/" in words for words in installs)


def test_the_container_runs_the_engine_as_nobody_special() -> None:
    (user,), (volume,), (entry,), (words,) = (container_lines(key) for key in ("USER", "VOLUME", "ENTRYPOINT", "CMD"))
    assert int(user) > 0
    assert any(f"--uid {user} --home-dir {volume} " in line for line in container_lines("RUN"))
    assert f"-v aof-tui:{volume} " in OPERATIONS
    assert f"uid={user},mode=0400" in OPERATIONS
    assert [*json.loads(entry), *json.loads(words)] == ["aof-tui", "headless"]
