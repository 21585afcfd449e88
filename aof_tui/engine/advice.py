"""The next step that a notification proposes: one sentence for whoever is woken by it."""

from __future__ import annotations

from collections.abc import Mapping

from aof_tui.domain.words import IncidentKind, NoticeKind, Reason

_OF_KIND: Mapping[NoticeKind, str] = {
    NoticeKind.NEEDS_PERSON: "Decide: retry it, or close it with a reason.",
    NoticeKind.EXHAUSTED: "Attempts are used up: retry by hand once the cause is gone, or close it.",
    NoticeKind.HELD: "Look into Workato whether the repeat ran, then retry or close.",
    NoticeKind.ESCALATED: "Nobody acknowledged it in time.",
    NoticeKind.REMINDED: "It still waits for a person.",
}
_OF_REASON: Mapping[Reason, str] = {
    Reason.POLL_ERROR: "Look at the trigger in Workato, then close it: without a job there is nothing to repeat.",
}
_OF_INCIDENT: Mapping[IncidentKind, str] = {
    IncidentKind.RECIPE_STOPPED: "See to the cause, then start the recipe: here, or in Workato.",
    IncidentKind.RECIPE_SILENT: "Look at its trigger and at what should feed it; stop the recipe if it is not needed.",
    IncidentKind.AGENT_DOWN: "Look at the machine of the agent and its way to Workato.",
    IncidentKind.CONNECTION_LOST: "Connect it again in Workato.",
}


def advice(kind: NoticeKind, about: IncidentKind, reason: Reason | None) -> str:
    """What to do next; empty where the notification asks for nothing."""
    if kind is NoticeKind.NEEDS_PERSON and reason is not None and reason in _OF_REASON:
        return _OF_REASON[reason]
    if kind in (NoticeKind.ALARM, NoticeKind.REMINDED):
        return _OF_INCIDENT.get(about, _OF_KIND.get(kind, ""))
    return _OF_KIND.get(kind, "")
