"""Build wheel and sdist, install each into a fresh environment, and try what a user tries first.

Builds without isolation: the build backend comes from the locked development environment.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
PIP = ("-m", "pip", "--quiet", "--disable-pip-version-check")
LIMIT_S = 300

LIST_FILES = """
import aof_tui, pathlib
package = pathlib.Path(aof_tui.__file__).parent
print(*(path.relative_to(package) for path in package.rglob("*") if path.is_file()), sep="\\n")
"""


class DistributionError(Exception):
    """A built distribution does not do what the checkout does."""


def run(*command: str | Path, cwd: Path) -> str:
    """Standard output of a command; raises DistributionError when it fails or hangs."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    words = [str(word) for word in command]
    try:
        done = subprocess.run(
            words, cwd=cwd, env=environment, capture_output=True, text=True, timeout=LIMIT_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise DistributionError(f"{' '.join(words)} did not end within {LIMIT_S} s") from error
    if done.returncode != 0:
        raise DistributionError(f"{' '.join(words)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def build(target: Path) -> dict[str, Path]:
    """The wheel of the checkout, and the wheel that its sdist gives."""
    run(sys.executable, "-m", "build", "--no-isolation", "--sdist", "--outdir", target / "sdist", ROOT, cwd=target)
    run(sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", target / "wheel", ROOT, cwd=target)
    (sdist,) = (target / "sdist").iterdir()
    options = ("--no-deps", "--no-build-isolation", "--wheel-dir", target / "from-sdist")
    run(sys.executable, *PIP, "wheel", *options, sdist, cwd=target)
    return {kind: next((target / kind).glob("*.whl")) for kind in ("wheel", "from-sdist")}


def install(wheel: Path, environment: Path) -> Path:
    """A fresh environment with the locked versions and this wheel; returns its folder of programs."""
    venv.create(environment, with_pip=True)
    programs = environment / "bin"
    cwd = environment.parent
    run(programs / "python", *PIP, "install", "--require-hashes", "-r", LOCK, cwd=cwd)
    run(programs / "python", *PIP, "install", "--no-deps", wheel, cwd=cwd)
    return programs


def data_files() -> set[str]:
    """What the package reads besides its modules, by its path in an installed package."""
    package, themes = ROOT / "aof_tui", ROOT / "themes"
    files = (path for path in package.rglob("*") if path.is_file() and path.suffix not in {".py", ".pyc"})
    own = {str(path.relative_to(package)) for path in files}
    return own | {f"themes/{path.name}" for path in themes.glob("*.yaml")}


def try_out(programs: Path, cwd: Path) -> None:
    """Run what a user runs first, away from the checkout."""
    run(programs / "aof-tui", "--help", cwd=cwd)
    json.loads(run(programs / "aof-tui", "schema", cwd=cwd))
    installed = run(programs / "python", "-I", "-c", LIST_FILES, cwd=cwd).splitlines()
    if missing := sorted(data_files() - set(installed)):
        raise DistributionError(f"not installed: {', '.join(missing)}")
    last_line = run(programs / "aof-tui", "demo", "--headless", "--for", "5s", "--json", cwd=cwd).splitlines()[-1]
    summary = json.loads(last_line)
    if summary["lost"] or summary["quota_violations"]:
        raise DistributionError(f"the demo went wrong: {last_line}")


def main() -> int:
    """Check both distributions; 1 and one clear message when one of them is not right."""
    with tempfile.TemporaryDirectory(prefix="aof-tui-dist-") as folder:
        place = Path(folder)
        try:
            for kind, wheel in build(place).items():
                away = place / f"{kind}-home"
                away.mkdir()
                try_out(install(wheel, place / f"{kind}-env"), away)
                sys.stdout.write(f"{kind}: {wheel.name} installs and works\n")
        except DistributionError as error:
            sys.stderr.write(f"{error}\n")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
