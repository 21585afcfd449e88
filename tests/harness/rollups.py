"""What the rollups must hold, computed from the event log alone."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping

from aof_tui.domain.metrics import hour_of, time_measure
from aof_tui.policy.recovery_times import bucket_of

Key = tuple[str, int, str, str]
"""Scope, hour, subject, measure."""
COUNTED = {
    "failure.recorded": "recorded",
    "failure.recovered": "recovered",
    "failure.exhausted": "exhausted",
    "failure.referred": "needs_person",
    "failure.held": "held",
    "repeat.accepted": "repeats_accepted",
}
DECIDED = frozenset({"failure.scheduled", "failure.held", "failure.exhausted", "failure.referred"})


def expected(events: Iterable[Mapping[str, object]]) -> Counter[Key]:
    """Sums of a log in the order of its lines; a failure counts under the category of its first decision."""
    found: Counter[Key] = Counter()
    lines = [(row, json.loads(str(row["data"]))) for row in events]
    for place, (row, data) in enumerate(lines):
        hour, kind, recipe = hour_of(float(str(row["at"]))), str(row["kind"]), str(row["recipe_id"])
        measures = [COUNTED[kind]] if kind in COUNTED else []
        if "repeat" in data:
            measures.append(f"repeats_{data['repeat']}")
        if "took_s" in data:
            measures.append(time_measure(bucket_of(data["took_s"])))
        category, downstream = data.get("category"), data.get("downstream")
        if kind == "failure.recorded":
            found["fingerprint", hour, f"{recipe} {data['fingerprint']}", "recorded"] += 1
            later = [
                (more["category"], more["downstream"])
                for other, more in lines[place:]
                if other["kind"] in DECIDED and other["master_job_id"] == row["master_job_id"]
            ]
            category, downstream = later[0] if later else (category, downstream)
        for measure in measures:
            found["workspace", hour, "", measure] += 1
            found["recipe", hour, recipe, measure] += 1
            found["category", hour, str(category), measure] += 1
            if downstream:
                found["downstream", hour, downstream, measure] += 1
    return found
