"""The pacers of one workspace: Workato counts families of endpoints apart, all clients of a workspace together."""

from __future__ import annotations

from aof_tui.base.clock import Clock
from aof_tui.config.settings import Quotas
from aof_tui.workato.circuit import ReadCircuit
from aof_tui.workato.pacer import Pacer, RepeatPacer

REPEAT_SLACK = 1.02
"""Repeats are spaced a little wider than the limit, so that two clocks need not agree."""


class Pacers:
    """One pacer per family. Reads use a share of their limit, repeats the whole of it."""

    def __init__(self, clock: Clock, quotas: Quotas, share: float) -> None:
        """`share` is in (0, 1]: what of the read limits is ours. Source of the limits: Workato docs, rate limits."""

        self.circuit = ReadCircuit(clock)
        """Of all reads: families fail together."""

        def reads(per_minute: float) -> Pacer:
            return Pacer(clock, 60.0 / (per_minute * share), self.circuit)

        self.jobs = reads(quotas.jobs_per_minute)
        self.recipes = reads(quotas.recipes_per_minute)
        self.connections = reads(quotas.connections_per_minute)
        # Projects, folders, tags and the token's workspace have no published limit: one modest pacer for all of them.
        self.others = reads(quotas.other_per_minute)
        self.repeats = RepeatPacer(clock, REPEAT_SLACK / quotas.repeats_per_second)
        self.starts = RepeatPacer(clock, REPEAT_SLACK / quotas.starts_per_second)
        """Of recipes: force_run has a limit of its own (Workato docs, rate limits); other ways keep to it as well."""
        self.jobs_per_repeat = quotas.jobs_per_repeat
