"""Bugs planted in a copy of the sources: a proof that cannot catch them proves nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("aof_tui", "tests")


class PlantError(Exception):
    """The sources are no longer those for which the plant was written."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A text that stands in a file exactly once, and what stands there instead."""

    path: str
    old: str
    new: str

    def apply(self, root: Path) -> None:
        """Change the file under `root`. Raises PlantError."""
        file = root / self.path
        text = file.read_text(encoding="utf-8") if file.is_file() else ""
        found = text.count(self.old)
        if found != 1:
            raise PlantError(f"{self.path} has {found} places, not one, like: {self.old.strip().splitlines()[0]}")
        file.write_text(text.replace(self.old, self.new), encoding="utf-8")


DISPATCH = "aof_tui/engine/recovery_dispatch.py"
PLANTS: Mapping[str, tuple[Edit, ...]] = {
    # A doubtful repeat counts as missing as soon as two reads do not show it.
    "no-settle": (
        Edit(
            DISPATCH,
            '"settle_until": unit.now + REPEAT_DEADLINE_S + settle_after(self._workspace.lag_s),',
            '"settle_until": unit.now,',
        ),
        Edit(
            DISPATCH,
            """\
        settle_until = max(unit.now, float(rows[0]["sending_at"] or 0) + REPEAT_DEADLINE_S)
        settle_until += settle_after(self._workspace.lag_s)
""",
            "        settle_until = float(rows[0]['sending_at'] or 0)\n",
        ),
        Edit(
            "aof_tui/engine/recovery_conclude.py",
            "    return min(SETTLE_MOST_S, max(SETTLE_LEAST_S, 3 * lag_s))\n",
            "    return 0.0\n",
        ),
    ),
    # What was sent looks like what was only prepared, until the answer is written down.
    "no-second-commit": (
        Edit(DISPATCH, "        await self._ctx.write(lambda unit: self._mark_sending(unit, batch))\n", ""),
    ),
    # The request is sent again at once, with the same id, when its answer does not come.
    "http-retry": (
        Edit(
            "aof_tui/workato/client.py",
            '            value = await self._act("POST", path, {"job_ids": list(job_ids)}, dispatch_id)\n',
            """\
            try:
                value = await self._act("POST", path, {"job_ids": list(job_ids)}, dispatch_id)
            except WorkatoError:
                await self._clock.sleep(2.0)
                value = await self._act("POST", path, {"job_ids": list(job_ids)}, dispatch_id)
""",
        ),
    ),
}


def plant(name: str, root: Path) -> None:
    """Plant the bug in the sources under `root`. Raises PlantError."""
    for edit in PLANTS[name]:
        edit.apply(root)


def run_planted(name: str, arguments: list[str]) -> subprocess.CompletedProcess[str]:
    """Run the proof on a copy of the sources that has the bug. Raises PlantError."""
    with TemporaryDirectory(prefix="aof-tui-plant-") as folder:
        copy = Path(folder)
        for part in COPIED:
            shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
        plant(name, copy)
        return subprocess.run(
            [sys.executable, "-m", "tests.crash", *arguments],
            cwd=copy,
            env=os.environ | {"PYTHONPATH": str(copy), "TMPDIR": str(copy)},
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
