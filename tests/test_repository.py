"""What every file keeps to: nothing of one machine, no silenced checks, time and chance only from their ports."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
THIS = Path(__file__).relative_to(ROOT)
PORTS = {"aof_tui/base/clock.py", "aof_tui/base/randomness.py"}

FOREIGN = {
    "a path of one machine": r"(?<![\w.:/])/(?:work|root|opt)/|/home/\w+/|/Users/\w+/",
    "an index of one machine": r"--(?:extra-)?index-url|--default-index|--find-links|--trusted-host|file:///(?!run/)",
    "a badge": r"shields\.io|badge\.svg|badge\.fury",
    "a coverage exemption": r"pragma:\s*no\s*(?:cover|branch)",
    "a bare type exemption": r"#\s*type:\s*ignore(?!\[[\w, -]+\]\s+#\s*\S)",
    "a bare style exemption": r"#\s*noqa(?!:\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*\s+[#–-]\s*\S)",
    "an unfinished place": r"\b(?:TODO|FIXME|XXX|HACK)\b",
}

TIME_OR_CHANCE = re.compile(
    r"time\.(?:time|time_ns|monotonic|monotonic_ns|perf_counter|perf_counter_ns|sleep|clock_gettime|localtime|gmtime)"
    r"|asyncio\.(?:sleep|timeout|timeout_at|wait_for)|(?:datetime\.)?(?:datetime|date)\.(?:now|utcnow|today)"
    r"|uuid\.uuid[14]|os\.urandom|random\.\w+|secrets\.(?:token_\w+|choice|randbelow|randbits|SystemRandom)"
)

SUPERVISION = {
    ("aof_tui/cli/headless.py", "_Headless.run"),  # settings with which no engine can live are given up for the former
    ("aof_tui/cli/headless.py", "_Headless._await_reload"),  # whatever a file brings about, the next SIGHUP is heard
    ("aof_tui/cli/main.py", "main"),  # the program's edge: one line with type and place instead of a traceback
    ("aof_tui/control/bridge.py", "_answer"),  # the edge between two threads: the terminal outlives the engine's faults
    ("aof_tui/engine/supervisor.py", "Supervisor._keep"),  # one loop's fault must not end the others
    ("aof_tui/engine/supervisor.py", "Supervisor._report"),  # the store itself may be what fails
    ("aof_tui/control/thread.py", "EngineThread._run"),  # the engine's end is told to the terminal, which lives on
    ("aof_tui/control/server.py", "ControlServer._handle"),  # one request's fault ends no other, and tells nothing
    ("aof_tui/store/writer.py", "Writer._answer"),  # the error belongs to the caller, the writer serves the next one
}
"""Where everything is caught and not raised again: a boundary at which one task's bug must not end the others."""


def git_files() -> list[Path]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode == 0:
        return [Path(name) for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]
    return [path.relative_to(ROOT) for top in ("aof_tui", "tests", "docs") for path in (ROOT / top).rglob("*.*")]


@cache
def texts() -> dict[Path, str]:
    """Every tracked text file; this file, which has to name what it forbids, is left out."""
    return {path: (ROOT / path).read_text(encoding="utf-8") for path in git_files() if path != THIS}


@cache
def package_trees() -> dict[str, ast.Module]:
    sources = sorted((ROOT / "aof_tui").rglob("*.py"))
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text(encoding="utf-8")) for path in sources}


def dotted(node: ast.expr, imported: dict[str, str]) -> str:
    """The full name behind an expression such as `time.sleep`; empty when it is no plain name."""
    if isinstance(node, ast.Name):
        return imported.get(node.id, node.id)
    if isinstance(node, ast.Attribute) and (owner := dotted(node.value, imported)):
        return f"{owner}.{node.attr}"
    return ""


def imported_names(tree: ast.Module) -> dict[str, str]:
    """What each imported name of a module stands for."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.asname: alias.name for alias in node.names if alias.asname}
        elif isinstance(node, ast.ImportFrom):
            names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return names


def forbidden_uses(tree: ast.Module) -> list[str]:
    """Each use of time or chance that a module does not take from a port."""
    imported = imported_names(tree)
    used = [node for node in ast.walk(tree) if isinstance(node, ast.Name | ast.Attribute)]
    return sorted({name for node in used if TIME_OR_CHANCE.fullmatch(name := dotted(node, imported))})


def broad_handlers(node: ast.AST, owner: str = "") -> Iterator[str]:
    """The function round each handler that catches everything and does not raise it again."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ExceptHandler) and catches_all(child.type) and not raises_again(child):
            yield owner
        within = owner
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            within = f"{owner}.{child.name}".lstrip(".")
        yield from broad_handlers(child, within)


def raises_again(handler: ast.ExceptHandler) -> bool:
    """Whether a handler only cleans up: its last statement is a bare `raise`."""
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def catches_all(caught: ast.expr | None) -> bool:
    kinds = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(
        kind is None or (isinstance(kind, ast.Name) and kind.id in {"Exception", "BaseException"}) for kind in kinds
    )


@pytest.mark.parametrize("what", FOREIGN)
def test_no_tracked_file_holds(what: str) -> None:
    pattern = re.compile(FOREIGN[what])
    found = [
        f"{path}:{number}: {line.strip()[:120]}"
        for path, text in texts().items()
        if pattern.search(text)
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("what", "line"),
    [
        ("a path of one machine", "see /work/notes"),
        ("an index of one machine", "--extra-index-url x"),
        ("a bare type exemption", "x = 1  # type: ignore"),
        ("a bare type exemption", "x = 1  # type: ignore[arg-type]"),
        ("a bare style exemption", "x = 1  # noqa"),
    ],
)
def test_the_patterns_find(what: str, line: str) -> None:
    assert re.search(FOREIGN[what], line)


@pytest.mark.parametrize(
    ("what", "line"),
    [
        ("a path of one machine", "https://app.workato.com/work/queue and ~/.local/opt/x"),
        ("a bare type exemption", "x = 1  # type: ignore[arg-type]  # the stub lacks this overload"),
        ("a bare style exemption", "x = 1  # noqa: S104  # the tests listen on loopback"),
    ],
)
def test_the_patterns_spare(what: str, line: str) -> None:
    assert not re.search(FOREIGN[what], line)


def test_time_and_chance_come_from_their_ports() -> None:
    found = {
        path: uses for path, tree in package_trees().items() if path not in PORTS and (uses := forbidden_uses(tree))
    }
    assert not found


@pytest.mark.parametrize(
    "source",
    ["import time\ntime.sleep(1)", "from time import monotonic as now\nnow()", "import random as r\nr.choice([1])"],
)
def test_a_forbidden_use_is_found(source: str) -> None:
    assert forbidden_uses(ast.parse(source))


def test_everything_is_caught_only_where_tasks_are_supervised() -> None:
    found = {(path, owner) for path, tree in package_trees().items() for owner in broad_handlers(tree)}
    assert found == SUPERVISION


def test_a_broad_handler_is_found_with_its_function() -> None:
    source = "class A:\n def f(self):\n  try: g()\n  except (OSError, Exception): pass\ntry: g()\nexcept: pass"
    cleans_up = "def h():\n try: g()\n except BaseException:\n  g()\n  raise"
    assert not list(broad_handlers(ast.parse(cleans_up)))
    assert list(broad_handlers(ast.parse(source))) == ["A.f", ""]


def test_settings_relax_no_module() -> None:
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    assert tools["mypy"]["strict"] is True
    assert "overrides" not in tools["mypy"]
    relaxed = {path for path in tools["ruff"]["lint"]["per-file-ignores"] if path.startswith("aof_tui")}
    assert relaxed == PORTS
    assert (
        not {"omit", "exclude_also", "exclude_lines"} & (tools["coverage"]["run"] | tools["coverage"]["report"]).keys()
    )


def pins(lock: str) -> set[str]:
    return set(re.findall(r"^[\w.-]+==\S+", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE))


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_holds_only_pins_and_hashes(lock: str) -> None:
    line = re.compile(r"[\w.-]+==\S+( ; [^\\]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?|#.*")
    assert not [text for text in (ROOT / lock).read_text(encoding="utf-8").splitlines() if not line.fullmatch(text)]


def test_development_uses_the_versions_that_users_get() -> None:
    assert pins("requirements.lock") < pins("requirements-dev.lock")


def test_every_direct_dependency_is_locked_and_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    names = {re.split(r"[~>=]", requirement)[0] for requirement in wanted}
    locked = {pin.partition("==")[0] for pin in pins("requirements-dev.lock")}
    reasons = set(re.findall(r"^\| `([\w.-]+)` \|", texts()[Path("docs/decisions.md")], re.MULTILINE))
    assert {name.lower() for name in names} <= locked
    assert names == reasons
