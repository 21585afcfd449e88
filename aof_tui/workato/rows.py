"""What the client returns beyond the domain's own rows."""

from __future__ import annotations

from dataclasses import dataclass

from aof_tui.domain.model import Run


@dataclass(frozen=True, slots=True)
class Identity:
    """The workspace a token belongs to."""

    workspace_id: str
    name: str


@dataclass(frozen=True, slots=True)
class JobsPage:
    """One page of a recipe's jobs in the order Workato gave it (newest first, as observed).

    The size of a page is the server's choice; only an empty one is the end.
    """

    runs: tuple[Run, ...]
    asked_boot: float
    """Boot time at which the request was sent: what the page shows is at least that new."""
    scope_count: int | None = None
    """How many jobs the filter matches in all; older API versions leave it out (Workato docs: jobs)."""

    @property
    def next_offset(self) -> str | None:
        """The `offset_job_id` that asks for what is older; None at the end."""
        return self.runs[-1].job_id if self.runs else None


@dataclass(frozen=True, slots=True)
class Project:
    """A project: a folder of its own with recipes and connections."""

    project_id: str
    name: str
    folder_id: str | None


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder inside a project or at home."""

    folder_id: str
    name: str
    parent_id: str | None
    project_id: str | None


@dataclass(frozen=True, slots=True)
class Tag:
    """A workspace tag; recipes name it by its handle, people by its title."""

    handle: str
    title: str
