"""What a person is asked about an incident. No terminal library."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from aof_tui.control.rows import IncidentRow, WorkspaceState
from aof_tui.tui.cells import Cell, Line, Tone
from aof_tui.tui.question import GAP, Question, named, said, where
from aof_tui.tui.vocabulary import INCIDENT, SEVERITY, sign

NOBODY = "nobody"
SNOOZES: Mapping[str, float] = MappingProxyType({"1 hour": 3_600.0, "4 hours": 14_400.0, "24 hours": 86_400.0})


def _aim(incident: IncidentRow, workspace: WorkspaceState | None) -> tuple[Line, ...]:
    severity = sign(SEVERITY, incident.severity)
    status = sign(INCIDENT, incident.status).word
    return (
        where(incident.workspace, workspace),
        named(
            "Incident",
            Cell(incident.incident, Tone.STRONG),
            Cell(f"  {severity.word}", severity.tone),
            Cell(f"  {status}, level {incident.level}, open failures: {incident.open_failures:,}"),
        ),
        named("About", Cell(incident.title)),
    )


def escalate_question(incident: IncidentRow, workspace: WorkspaceState | None) -> Question:
    """Before people of the next level are told."""
    words = said("The receivers of the next level are told at once.")
    return Question("Escalate this incident now?", (*_aim(incident, workspace), GAP, *words), "Escalate")


def snooze_question(incident: IncidentRow, workspace: WorkspaceState | None) -> Question:
    """For how long nobody is reminded; the answer is one of SNOOZES."""
    first, *rest = SNOOZES
    return Question(
        "Snooze this incident?",
        (*_aim(incident, workspace), GAP, *said("Nobody is reminded of it meanwhile, and it does not escalate.")),
        first,
        key="1",
        others=tuple(zip(("4", "d"), rest, strict=True)),
    )


def assign_question(incident: IncidentRow, workspace: WorkspaceState | None, me: str) -> Question:
    """Who sees to it; `me` is who asks."""
    now = named("Now", Cell(incident.assignee or NOBODY, Tone.STRONG))
    return Question(
        "Who sees to this incident?",
        (*_aim(incident, workspace), now, GAP, *said(f"“{NOBODY}” takes the name away again.", tone=Tone.MUTED)),
        "Assign",
        reason_asked="Name",
        typed=me,
    )


def resolve_question(incident: IncidentRow, workspace: WorkspaceState | None) -> Question:
    """Before an incident is called over by hand."""
    return Question(
        "Resolve this incident?",
        (
            *_aim(incident, workspace),
            GAP,
            *said(
                "Who was asked for help hears that it is over. Should it come", "back, it is opened again as regressed."
            ),
        ),
        "Resolve",
    )


def start_question(recipe: str, recipe_id: str, workspace: WorkspaceState | None, workspace_name: str) -> Question:
    """Before a stopped recipe is started."""
    return Question(
        "Start this recipe now?",
        (
            where(workspace_name, workspace),
            named("Recipe", Cell(recipe, Tone.STRONG), Cell(f"  {recipe_id}", Tone.MUTED)),
            GAP,
            *said(
                "Workato runs it from now on: what waits at its trigger is worked off.",
                "Failures that it held up are repeated as planned.",
            ),
        ),
        "Start recipe",
    )
