"""What `aof-tui init` asks, and the answers it makes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aof_tui.base.errors import UsageError
from aof_tui.config.group import Group
from aof_tui.config.settings import EmailSettings, SlackSettings
from aof_tui.config.starter import Answers, answer_problem
from aof_tui.domain.words import Mode

Ask = Callable[[str, str], str]
"""Asks a question with an answer that Enter stands for, and returns what the person wrote."""
Tell = Callable[[str], None]

DATA_CENTRES: Mapping[str, str] = {
    "us": "https://www.workato.com",
    "eu": "https://app.eu.workato.com",
    "jp": "https://app.jp.workato.com",
    "sg": "https://app.sg.workato.com",
    "au": "https://app.au.workato.com",
    "il": "https://app.il.workato.com",
    "kr": "https://app.kr.workato.com",
    "cn": "https://app.workatoapp.cn",
    "trial": "https://app.trial.workato.com",
}
"""Workato docs: base URLs by data centre. Any other origin can be written out."""

ABOUT_MODE = """\
observe: decides everything, says what it would do, sends nothing to Workato. Begin with it.
act: repeats failed jobs. A repeat runs the whole recipe again with its stored trigger event."""
ABOUT_TAG = """\
A run that failed half-way is repeated by itself only for recipes that you declare safe to run twice.
Recipes with this tag count as safe; leave it empty to declare none yet."""


def questions(ask: Ask, tell: Tell, given: Mapping[str, str]) -> Answers:
    """Ask for everything that is not given; wrong answers are asked for again, wrong given ones raise UsageError."""
    interview = _Interview(ask, tell, given)
    tell(f"Data centres: {', '.join(DATA_CENTRES)}; or the origin written out, like https://www.workato.com")
    url = interview.one(Answers, "url", "--url", "Data centre", "us")
    name = interview.one(Answers, "workspace", "--name", "A short name for this workspace", "prod")
    where = "Where its API token lies (env:NAME or file:/path)"
    token = interview.one(Answers, "token", "--token", where, "env:WORKATO_TOKEN")
    tell(ABOUT_MODE)
    mode = interview.one(Answers, "mode", "--mode", "Mode", Mode.OBSERVE)
    tell(ABOUT_TAG)
    tag = interview.one(Answers, "safe_tag", "--safe-tag", "Tag of recipes that are safe to repeat", "", optional=True)
    return Answers.model_validate(
        {
            "url": url,
            "workspace": name,
            "token": token,
            "mode": mode,
            "safe_tag": tag or None,
            "slack": _slack(interview),
            "email": _email(interview),
        }
    )


def _slack(interview: _Interview) -> dict[str, str] | None:
    wish = "Slack channel to tell (its id, like C0123456789; empty for none)"
    channel = interview.one(SlackSettings, "channel", "--slack-channel", wish, "", optional=True)
    if not channel:
        return None
    where = "Where the Slack bot token lies (env:NAME or file:/path)"
    return {
        "channel": channel,
        "token": interview.one(SlackSettings, "token", "--slack-token", where, "env:SLACK_TOKEN"),
    }


def _email(interview: _Interview) -> dict[str, Any] | None:
    host = interview.one(
        EmailSettings, "host", "--mail-host", "Mail server for the super admin (empty for none)", "", optional=True
    )
    if not host:
        return None
    return {
        "host": host,
        "from": interview.one(EmailSettings, "sender", "--mail-from", "Sender's address", "aof-tui@example.com"),
        "to": [interview.one(EmailSettings, "to", "--mail-to", "Super admin's address", "admin@example.com")],
    }


class _Interview:
    def __init__(self, ask: Ask, tell: Tell, given: Mapping[str, str]) -> None:
        self._ask = ask
        self._tell = tell
        self._given = given

    def one(
        self, group: type[Group], field: str, option: str, question: str, default: str, *, optional: bool = False
    ) -> str:
        """One good answer: the option's, or what the person says."""
        if option in self._given:
            value = _written(field, self._given[option])
            if problem := _problem(group, field, value, optional=optional):
                raise UsageError(f"{option} {problem}")
            return value
        while True:
            value = _written(field, self._ask(question, default).strip())
            problem = _problem(group, field, value, optional=optional)
            if problem is None:
                return value
            self._tell(f"  {question} {problem}")


def _written(field: str, value: str) -> str:
    """A data centre's short name stands for its origin."""
    return DATA_CENTRES.get(value.lower(), value) if field == "url" else value


def _problem(group: type[Group], field: str, value: str, *, optional: bool) -> str | None:
    if optional and not value:
        return None
    message = answer_problem(group, field, [value] if field == "to" else value)
    return None if message is None else message.partition(": ")[2] or message
