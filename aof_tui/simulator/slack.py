"""A stand-in for Slack: `auth.test` and `chat.postMessage` with Slack's limits and errors (Slack's API documents)."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from urllib.parse import parse_qsl

from aof_tui.simulator.faults import FaultBoard, replacement, spoil
from aof_tui.simulator.messages import DROPPED, SimRequest, SimResponse, json_answer
from aof_tui.simulator.truth import Delivery, TruthLog

_LONGEST_TEXT = 40_000
_MOST_BLOCKS = 50
_LONGEST_SECTION = 3_000
_LONGEST_HEADER = 150
_MOST_FIELDS = 10
_LONGEST_FIELD = 2_000
_BURST = 5.0
"""Messages a channel takes at once before the limit of one a second holds."""
_CHANNEL = re.compile(r"[CDG][A-Z0-9]{2,}|#[a-z0-9_-]+")
_SPECIAL_CHANNELS = {
    "CMISSING": "channel_not_found",
    "CARCHIVED": "is_archived",
    "COUTSIDE": "not_in_channel",
}
_SPECIAL_TOKENS = {
    "xoxb-invalid": "invalid_auth",
    "xoxb-revoked": "token_revoked",
    "xoxb-inactive": "account_inactive",
}
_BLOCK_TYPES = frozenset({"section", "header", "context", "divider", "actions", "rich_text", "markdown"})

Arguments = dict[str, object]


class SlackStandIn:
    """One Slack workspace; every channel exists but `CMISSING`, `CARCHIVED` and `COUTSIDE`."""

    def __init__(self, truth: TruthLog, faults: FaultBoard) -> None:
        self._truth = truth
        self._faults = faults
        self._credit: dict[str, tuple[float, float]] = {}
        self._messages = 0

    def handle(self, request: SimRequest, now: float) -> SimResponse:
        """The answer to a request that arrives at `now`."""
        fault = self._faults.match(request)
        if fault is not None and fault.kind == "refuse":
            return replace(DROPPED, refused=True)
        instead = replacement(fault) if fault is not None and fault.when == "before" else None
        answer = instead or self._answer(request, now)
        return answer if fault is None else spoil(fault, answer)

    def _answer(self, request: SimRequest, now: float) -> SimResponse:
        arguments = _arguments(request)
        if arguments is None:
            return _error("invalid_json")
        refusal = _check_token(request, arguments)
        if refusal is not None:
            return _error(refusal)
        match request.path.removeprefix("/slack/api/"):
            case "auth.test":
                return json_answer(
                    200,
                    {
                        "ok": True,
                        "url": "https://example.slack.com/",
                        "team": "Example",
                        "user": "aof",
                        "team_id": "T0SIM0001",
                        "user_id": "U0SIM0001",
                        "bot_id": "B0SIM0001",
                        "is_enterprise_install": False,
                    },
                )
            case "chat.postMessage":
                return self._post(arguments, now)
            case _:
                return _error("unknown_method")

    def _post(self, arguments: Arguments, now: float) -> SimResponse:
        channel = str(arguments.get("channel", ""))
        error = _check_message(channel, arguments)
        wait = 0.0 if error else self._spend(channel, now)
        if wait:
            error = "ratelimited"
        self._truth.deliveries.append(
            Delivery(now, "slack", channel, error is None, error, _visible_text(arguments), _extras(arguments))
        )
        if wait:
            answer = json_answer(429, {"ok": False, "error": error})
            return replace(answer, headers=(*answer.headers, ("Retry-After", str(int(wait) + 1))))
        if error:
            return _error(error)
        self._messages += 1
        stamp = f"{now:.0f}.{self._messages:06d}"
        message = {
            "type": "message",
            "user": "U0SIM0001",
            "bot_id": "B0SIM0001",
            "ts": stamp,
            "text": arguments.get("text", ""),
        }
        return json_answer(200, {"ok": True, "channel": channel, "ts": stamp, "message": message})

    def _spend(self, channel: str, now: float) -> float:
        """Take the channel's credit for a message; without credit, the seconds until there is some."""
        credit, at = self._credit.get(channel, (_BURST, now))
        credit = min(_BURST, credit + now - at)
        if credit < 1:
            self._credit[channel] = (credit, now)
            return 1 - credit
        self._credit[channel] = (credit - 1, now)
        return 0.0


def _error(error: str) -> SimResponse:
    return json_answer(200, {"ok": False, "error": error})


def _arguments(request: SimRequest) -> Arguments | None:
    """What the request says, from JSON or a form; lists in a form are JSON texts."""
    if "json" not in request.headers.get("content-type", ""):
        form: Arguments = dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
        try:
            return {name: json.loads(str(text)) if name == "blocks" else text for name, text in form.items()}
        except ValueError:
            return form | {"blocks": "?"}
    try:
        content = json.loads(request.body or b"{}")
    except ValueError:
        return None
    return content if isinstance(content, dict) else None


def _check_token(request: SimRequest, arguments: Arguments) -> str | None:
    token = request.headers.get("authorization", "").removeprefix("Bearer ") or str(arguments.get("token", ""))
    if not token:
        return "not_authed"
    if not token.startswith("xoxb-"):
        return "invalid_auth"
    return _SPECIAL_TOKENS.get(token)


def _check_message(channel: str, arguments: Arguments) -> str | None:
    if channel in _SPECIAL_CHANNELS:
        return _SPECIAL_CHANNELS[channel]
    if _CHANNEL.fullmatch(channel) is None:
        return "channel_not_found"
    text, blocks = arguments.get("text"), arguments.get("blocks")
    if not text and not blocks:
        return "no_text"
    if isinstance(text, str) and len(text) > _LONGEST_TEXT:
        return "msg_too_long"
    if blocks is not None and not _valid_blocks(blocks):
        return "invalid_blocks"
    return None


def _valid_blocks(blocks: object) -> bool:
    return isinstance(blocks, list) and len(blocks) <= _MOST_BLOCKS and all(_valid_block(block) for block in blocks)


def _valid_block(block: object) -> bool:
    if not isinstance(block, dict) or block.get("type") not in _BLOCK_TYPES:
        return False
    match block["type"]:
        case "header":
            return _valid_text(block.get("text"), _LONGEST_HEADER, ("plain_text",))
        case "section":
            fields = block.get("fields", [])
            if not isinstance(fields, list) or len(fields) > _MOST_FIELDS:
                return False
            has_text = "text" in block
            return (has_text or bool(fields)) and all(
                [
                    not has_text or _valid_text(block["text"], _LONGEST_SECTION),
                    *(_valid_text(field, _LONGEST_FIELD) for field in fields),
                ]
            )
        case "context" | "actions":
            elements = block.get("elements")
            return isinstance(elements, list) and 1 <= len(elements) <= _MOST_FIELDS
        case _:
            return True


def _valid_text(text: object, longest: int, kinds: tuple[str, ...] = ("plain_text", "mrkdwn")) -> bool:
    if not isinstance(text, dict) or text.get("type") not in kinds:
        return False
    content = text.get("text")
    return isinstance(content, str) and 1 <= len(content) <= longest


def _visible_text(arguments: Arguments) -> str:
    """All words of the message, wherever they stand."""
    found = [str(arguments.get("text") or "")]

    def walk(part: object) -> None:
        if isinstance(part, dict):
            if isinstance(part.get("text"), str):
                found.append(part["text"])
            for item in part.values():
                walk(item)
        elif isinstance(part, list):
            for item in part:
                walk(item)

    walk(arguments.get("blocks"))
    return "\n".join(text for text in found if text)


def _extras(arguments: Arguments) -> dict[str, str]:
    left_out = {"text", "blocks", "channel", "token"}
    return {
        name: value if isinstance(value, str) else json.dumps(value, sort_keys=True)
        for name, value in arguments.items()
        if name not in left_out
    }
