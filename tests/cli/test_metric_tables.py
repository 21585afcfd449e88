"""The tables of `aof-tui report`."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from aof_tui.cli.metric_tables import print_metrics
from aof_tui.control.metric_rows import AvailabilityRow
from aof_tui.tui.metrics_text import metrics_lines
from tests.tui.rows import NOW, metrics_of

SHOP = AvailabilityRow("connection:1", "Shop (rest)", True, 4 * 3_600.0, 3_600.0, 0.75, ())
METRICS = replace(metrics_of("prod", NOW - 86_400, NOW), availability=(SHOP,))


def test_a_share_stands_beside_the_time_it_is_a_share_of(capsys: pytest.CaptureFixture[str]) -> None:
    print_metrics(METRICS)
    lines = capsys.readouterr().out.splitlines()
    place = next(number for number, line in enumerate(lines) if line.startswith("AVAILABLE"))
    assert lines[place : place + 2] == [
        "AVAILABLE  OF OBSERVED  AWAY FOR  NOW  DOWNSTREAM",
        "75.00%     4h 00m       1h 00m    up   Shop (rest)",
    ]


def test_the_terminal_says_the_same_in_eighty_columns() -> None:
    lines = ["".join(cell.text for cell in line) for line in metrics_lines(METRICS, 76)]
    place = next(number for number, line in enumerate(lines) if line.startswith("Downstreams that were away"))
    heading, figures = lines[place : place + 2]
    assert heading.split()[-5:] == ["AWAY", "FOR", "OF", "OBSERVED", "AVAILABLE"]
    assert figures.split()[-6:] == ["up", "1h", "00m", "4h", "00m", "75.00%"]
    assert len(heading) == len(figures) == 76
