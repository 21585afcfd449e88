"""What came of asking Workato to set a stopped recipe running. Pure; where a doubt is left it says so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus

from aof_tui.workato.answers import DEFINITE_REFUSALS, RequestOutcome
from aof_tui.workato.errors import NotSent, Refused, WorkatoError
from aof_tui.workato.outside import ERROR_LIMIT, label

MOST_COMPLAINTS = 3
"""How many of Workato's objections a person is told; the recipe's own page shows all."""


@dataclass(frozen=True, slots=True)
class RecipeStart:
    """What came of one request; `why` is for people, cleaned, redacted and short."""

    outcome: RequestOutcome
    http_status: int | None = None
    why: str = ""
    error: WorkatoError | None = None


def from_error(error: WorkatoError) -> RecipeStart:
    """Classify a request that brought no answer of success."""
    if isinstance(error, NotSent):
        return RecipeStart(RequestOutcome.NOT_SENT, None, str(error), error)
    if isinstance(error, Refused) and error.status in DEFINITE_REFUSALS:
        return RecipeStart(RequestOutcome.REJECTED, error.status, str(error), error)
    return RecipeStart(RequestOutcome.AMBIGUOUS, error.status, str(error), error)


def from_payload(payload: object) -> RecipeStart:
    """Read an answer of HTTP 200: `success` says what it means.

    With `success: false` come `code_errors: [[step, [[label, value, message, …]]]]` and `config_errors: [[step,
    [["account_id", id, "unconnected", {…}]]]]` (recorded from Workato's own command line client).
    """
    success = payload.get("success") if isinstance(payload, dict) else None
    if success is True:
        return RecipeStart(RequestOutcome.ANSWERED, HTTPStatus.OK)
    if success is not False or not isinstance(payload, dict):
        return RecipeStart(RequestOutcome.AMBIGUOUS, HTTPStatus.OK, "the answer does not say whether it was started")
    found = [*_complaints(payload.get("code_errors")), *_complaints(payload.get("config_errors"))]
    more = len(found) - MOST_COMPLAINTS
    told = "; ".join(found[:MOST_COMPLAINTS]) + (f"; and {more} more" if more > 0 else "")
    return RecipeStart(RequestOutcome.REJECTED, HTTPStatus.OK, told or "Workato gives no reason")


def _complaints(steps: object) -> Iterator[str]:
    """One sentence for each objection; what has another shape is left out."""
    for step in steps if isinstance(steps, list) else []:
        match step:
            case [int() | str() as number, list() as errors, *_]:
                yield from (_sentence(number, error) for error in errors if isinstance(error, list) and error)


def _sentence(step: int | str, error: list[object]) -> str:
    match error:
        case ["account_id", int() | str() as connection, str() as state, *_]:
            said = f"connection {connection} is {state}"
        case [str() as name, _, str() as message, *_]:
            said = f"{name}: {message}"
        case _:
            said = ", ".join(str(part) for part in error if isinstance(part, str | int))
    return label(f"step {step}: {said}", ERROR_LIMIT // 2)
