"""The same seed is the same world and the same answers, in any process."""

from __future__ import annotations

import os
import subprocess
import sys


def digest(seed: str, hash_seed: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.simulator.digest_of_a_day", seed],
        env=os.environ | {"PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return ran.stdout


def test_processes_with_other_hash_seeds_agree() -> None:
    first, second, other = digest("7", "1"), digest("7", "2"), digest("8", "1")
    assert len(first) == 64
    assert first == second
    assert first != other
