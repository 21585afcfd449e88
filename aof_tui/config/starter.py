"""The file that `aof-tui init` writes: complete, commented, and ready to load."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import files
from string import Template

import yaml
from pydantic import TypeAdapter, ValidationError

from aof_tui.config.group import Group
from aof_tui.config.problems import value_problems
from aof_tui.config.secrets import SecretRef
from aof_tui.config.settings import EmailSettings, SlackSettings
from aof_tui.config.values import IdOrName, Origin, SecretReference, WorkspaceName
from aof_tui.domain.words import Mode

_PLAIN = re.compile(r"[A-Za-z](?:[A-Za-z0-9_./@~-]|:(?=\S))*")
_WORDS = ("null", "true", "false")
_EXAMPLE_SLACK = SlackSettings(token=SecretRef("env", "SLACK_TOKEN"), channel="C0123456789")
_EXAMPLE_EMAIL = EmailSettings.model_validate(
    {
        "host": "mail.example.com",
        "username": "aof-tui",
        "password": "file:/run/secrets/smtp",
        "from": "aof-tui@example.com",
        "to": ["admins@example.com"],
    }
)


class Answers(Group):
    """What a new user is asked; everything else gets its default."""

    workspace: WorkspaceName = "prod"
    url: Origin = "https://www.workato.com"
    token: SecretReference = SecretRef("env", "WORKATO_TOKEN")
    mode: Mode = Mode.OBSERVE
    safe_tag: IdOrName | None = None
    slack: SlackSettings | None = None
    email: EmailSettings | None = None


SAMPLE = Answers(safe_tag="safe-to-repeat", slack=_EXAMPLE_SLACK, email=_EXAMPLE_EMAIL)
"""The answers behind `sample_config.yaml`."""


def answer_problem(group: type[Group], name: str, value: object) -> str | None:
    """What is wrong with one answer, a field of `Answers` or of a channel's settings; None if it will do."""
    try:
        TypeAdapter(group.model_fields[name].rebuild_annotation()).validate_python(value)
    except ValidationError as error:
        return next(value_problems(error, group, at=(name,))).message
    return None


def render(answers: Answers) -> str:
    """The text of a configuration file with these answers; channels not given stay as switched-off examples."""
    template = files("aof_tui.config").joinpath("starter.template").read_text(encoding="utf-8")
    active = {
        "slack": answers.slack is not None,
        "email": answers.email is not None,
        "login": answers.email is not None and answers.email.username is not None,
        "told": answers.slack is not None or answers.email is not None,
    }
    lines = (_switched(line, active) for line in template.splitlines(keepends=True))
    return Template("".join(lines)).substitute(_values(answers))


def _switched(line: str, active: Mapping[str, bool]) -> str:
    """A line marked `?word` belongs to a part that may be switched off; all such parts are indented by two blanks."""
    if not line.startswith("?"):
        return line
    word, text = line[1:].split(" ", 1)
    return f" {text}" if active[word] else f"  #{text.removeprefix(' ')}"


def _values(answers: Answers) -> dict[str, str]:
    slack, email = answers.slack or _EXAMPLE_SLACK, answers.email or _EXAMPLE_EMAIL
    login = email if email.username is not None else _EXAMPLE_EMAIL
    values: dict[str, object] = {
        "workspace": answers.workspace,
        "url": answers.url,
        "token": answers.token,
        "mode": answers.mode,
        "slack_token": slack.token,
        "channel": slack.channel,
        "base_url": slack.base_url,
        "host": email.host,
        "port": email.port,
        "tls": email.tls,
        "username": login.username,
        "password": login.password,
        "sender": email.sender,
        "oncall": "oncall" if answers.slack or not answers.email else "admins",
        "admins": "admins" if answers.email or not answers.slack else "oncall",
    }
    written = {name: _scalar(value) for name, value in values.items()}
    written["to"] = ", ".join(_scalar(address) for address in email.to)
    written["tags"] = _scalar(answers.safe_tag) if answers.safe_tag is not None else ""
    return written


def _scalar(value: object) -> str:
    """A value as YAML that reads back as the same text or number."""
    text = str(value)
    if isinstance(value, int) or (_PLAIN.fullmatch(text) and text not in _WORDS):
        return text
    return str(yaml.safe_dump(text, default_style='"', allow_unicode=True, width=len(text) * 12 + 80)).strip()
