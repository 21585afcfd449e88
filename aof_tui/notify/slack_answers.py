"""What Slack's answers mean for a message. Slack docs: chat.postMessage, errors; Web API rate limits."""

from __future__ import annotations

from collections.abc import Mapping

from aof_tui.base.text import one_line
from aof_tui.notify.channels import Dead, Delivered, Delivery, Postponed, Trouble

DEFAULT_SILENCE_S = 30.0
MAX_SILENCE_S = 3_600.0

_CHANNEL_DOWN = frozenset(
    {
        "access_denied", "account_inactive", "ekm_access_denied", "enterprise_is_restricted", "invalid_auth",
        "missing_scope", "no_permission", "not_allowed_token_type", "not_authed", "org_login_required",
        "team_access_not_granted", "team_added_to_org", "token_expired", "token_revoked", "two_factor_setup_required",
    }
)  # fmt: skip
_RATE_LIMITED = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
_AMBIGUOUS = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable"})
_FORM = frozenset(
    {
        "invalid_arg_name", "invalid_arguments", "invalid_array_arg", "invalid_blocks", "invalid_blocks_format",
        "invalid_json", "invalid_metadata_format", "invalid_metadata_schema", "metadata_must_be_sent_from_app",
        "metadata_too_large", "msg_blocks_too_long", "msg_too_long", "no_text",
    }
)  # fmt: skip


def read_answer(status: int, headers: Mapping[str, str], body: object) -> Delivery:
    """What became of a message, by HTTP status and body; a body without `ok` is not from Slack itself.

    An error this list does not know ends the message: it is then told another way, which waiting would delay.
    """
    if status == 429:
        return Postponed(Trouble.RATE_LIMITED, "Slack: HTTP 429", silence(headers))
    if status >= 500:
        return Postponed(Trouble.NO_ANSWER, f"Slack: HTTP {status}", ambiguous=True)
    if not isinstance(body, Mapping) or "ok" not in body:
        trouble, ambiguous = (Trouble.NO_ANSWER, True) if status < 300 else (Trouble.SERVER, False)
        return Postponed(trouble, f"no answer of Slack's, HTTP {status}", ambiguous=ambiguous)
    if body["ok"] is True and status < 300:
        return Delivered(one_line(str(body.get("ts", "")))[:100])
    return _refusal(one_line(str(body.get("error", "unknown")))[:100], headers)


def _refusal(code: str, headers: Mapping[str, str]) -> Delivery:
    error = f"Slack: {code}"
    if code in _CHANNEL_DOWN:
        return Postponed(Trouble.AUTH, error)
    if code in _RATE_LIMITED:
        return Postponed(Trouble.RATE_LIMITED, error, silence(headers))
    if code in _AMBIGUOUS:
        return Postponed(Trouble.NO_ANSWER, error, ambiguous=True)
    return Dead(Trouble.INVALID if code in _FORM else Trouble.REFUSED, error)


def silence(headers: Mapping[str, str]) -> float:
    """Seconds that Retry-After asks for, within an hour; half a minute where it says nothing usable."""
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return min(max(1.0, float(text[:9])), MAX_SILENCE_S)
    return DEFAULT_SILENCE_S
