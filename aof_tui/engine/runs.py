"""Writes down every run the engine sees."""

from __future__ import annotations

from aof_tui.domain.lineage import Source
from aof_tui.domain.model import Run
from aof_tui.engine.unit import Unit


async def record_run(unit: Unit, workspace: str, run: Run, *, walked: bool) -> None:
    """Record a run; `walked`: a completed walk over the repeated runs has shown it. Whose it is comes out later."""
    await unit.tx.execute(
        "run_put",
        {
            "workspace": workspace,
            "job_id": run.job_id,
            "recipe_id": run.recipe_id,
            "master_job_id": run.master_job_id,
            "status": run.status,
            "source": Source.EXTERNAL if run.is_repeat else Source.ORIGINAL,
            "started_at": run.started_at,
            "completed_at": run.completed_at,
            "error": run.error.text if run.error else None,
            "walked": int(walked and run.status.ended),
            "seen_at": unit.now,
        },
    )
