"""A question to a person as data, and the lines that questions have in common. No terminal library."""

from __future__ import annotations

from dataclasses import dataclass

from aof_tui.control.rows import FailureRow, WorkspaceState
from aof_tui.tui.cells import Cell, Line, Tone

NAME_WIDTH = 11
GAP: Line = ()
"""An empty line."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question. Answered with yes it gives the words typed, or none; with one of `others`, its name."""

    title: str
    lines: tuple[Line, ...]
    confirm: str
    cancel: str = "Cancel"
    key: str = "y"
    """What means yes, unless words are typed."""
    reason_asked: str | None = None
    """What the words are that the answer needs."""
    typed: str = ""
    """Words that stand there at first."""
    others: tuple[tuple[str, str], ...] = ()
    """Other things to do, each by its key and name."""


def named(name: str, *cells: Cell) -> Line:
    """A fact behind its name."""
    return (Cell(f"{name:<{NAME_WIDTH}}", Tone.MUTED), *cells)


def where(workspace_name: str, workspace: WorkspaceState | None) -> Line:
    """The workspace, and whether it is production."""
    production = workspace is not None and workspace.production
    marked = [Cell("  PRODUCTION", Tone.ALARM)] if production else []
    return named("Workspace", Cell(workspace_name, Tone.STRONG), *marked)


def failure_aim(failure: FailureRow, workspace: WorkspaceState | None) -> tuple[Line, ...]:
    """Which failure it is about."""
    return (
        where(failure.workspace, workspace),
        named("Recipe", Cell(failure.recipe, Tone.STRONG), Cell(f"  {failure.recipe_id}", Tone.MUTED)),
        named("Job", Cell(failure.master_job_id, Tone.STRONG), Cell(f"  {failure.title}")),
    )


def said(*texts: str, tone: Tone = Tone.PLAIN) -> tuple[Line, ...]:
    """Sentences as one paragraph; whoever shows it breaks it into lines."""
    return ((Cell(" ".join(texts), tone),),)
