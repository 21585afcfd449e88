"""`aof-tui incidents list`: what an incident is about, in the terminal's words, also in eighty columns."""

from __future__ import annotations

import sys

import pytest
from msgspec.structs import replace

from aof_tui.cli.listing_rows import INCIDENT_HEADINGS, INCIDENT_SPARED, incident_cells, print_rows
from aof_tui.control.rows import IncidentRow
from aof_tui.domain.words import IncidentKind
from aof_tui.tui.incident_presenters import Incidents
from tests.cli.test_output import Terminal
from tests.notify.samples import AT, incident_row


def told(row: IncidentRow) -> dict[str, str]:
    return dict(zip(INCIDENT_HEADINGS, incident_cells(row), strict=True))


@pytest.mark.parametrize("kind", list(IncidentKind))
def test_a_kind_has_one_name_for_everyone(kind: IncidentKind) -> None:
    row = replace(incident_row("x"), kind=kind)
    shown = dict(zip((column.title for column in Incidents.columns), Incidents().cells(row, AT), strict=True))
    assert told(row)["KIND"] == shown["KIND"].text == ("failed jobs" if kind == "jobs" else kind.replace("_", " "))


def test_an_incident_of_a_downstream_claims_no_category() -> None:
    assert told(incident_row("x"))["CATEGORY"] == "rate_limit"
    row = replace(incident_row("x"), fingerprint="breaker_open")
    assert (told(row)["KIND"], told(row)["CATEGORY"]) == ("downstream", "–")


def test_eighty_columns_show_what_it_is_and_its_title(monkeypatch: pytest.MonkeyPatch) -> None:
    row = incident_row("connection Shop (rest) is unavailable")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(sys, "stdout", Terminal())
    print_rows([row], INCIDENT_HEADINGS, incident_cells, workspace=None, spared=INCIDENT_SPARED)
    assert isinstance(sys.stdout, Terminal)
    assert sys.stdout.getvalue().splitlines() == [
        "INCIDENT  STATUS  SEVERITY  KIND         OPEN  TITLE",
        "I7        open    error     failed jobs  3/9   connection Shop (rest) is unavai…",
    ]
