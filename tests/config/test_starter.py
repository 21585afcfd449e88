"""The file that new users get, and the sample: complete, commented, and ready to load."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from aof_tui.config.group import Group
from aof_tui.config.load import load, load_text
from aof_tui.config.problems import group_in
from aof_tui.config.secrets import SecretRef
from aof_tui.config.settings import EmailSettings, Settings, SlackSettings, Tls
from aof_tui.config.starter import SAMPLE, Answers, answer_problem, render
from aof_tui.domain.words import Category, Mode

SAMPLE_FILE = Path(__file__).parents[2] / "sample_config.yaml"
SWITCHED_OFF = re.compile(r"^(\s*)#(?:(?! |#|$)|(?=  ))(.*)")


def keys_of(group: type[BaseModel]) -> Iterator[str]:
    for name, field in group.model_fields.items():
        yield field.alias or name
        if inner := group_in(field.annotation):
            yield from keys_of(inner)


def switched_on(text: str) -> str:
    """The text with every switched-off setting in use."""
    return "\n".join(SWITCHED_OFF.sub(r"\1\2", line) for line in text.split("\n"))


def read(text: str) -> Settings:
    return load_text(text, "a.yaml", Path("/")).settings


def test_the_sample_is_the_file_that_init_writes() -> None:
    assert SAMPLE_FILE.read_text() == render(SAMPLE)


def test_the_sample_loads_without_a_warning() -> None:
    assert load(SAMPLE_FILE).warnings == ()


def test_the_sample_holds_the_defaults_and_begins_with_observe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/users/me")
    sample = load(SAMPLE_FILE).settings
    smallest = Settings(workspaces=sample.workspaces)
    assert sample.mode is Mode.OBSERVE
    assert sample.store == Path("/users/me/.local/state/aof-tui/aof.db")
    assert sample.safe_to_repeat.tags == ("safe-to-repeat",)
    for section in ("collation", "classify", "policies", "retry", "incidents", "retention"):
        assert getattr(sample, section) == getattr(smallest, section)
    assert sample.workspaces[0].quotas == smallest.workspaces[0].quotas
    assert [route.receivers for route in sample.routes] == [("admins",), ("oncall",)]
    assert sample.routes[0].match.category == (Category.AUTH_CONNECTION,)
    assert (sample.escalation.receivers, sample.escalation.after) == (("admins",), 1800)
    assert [(report.cron, report.timezone, report.receivers) for report in sample.reports] == [
        ("0 8 * * *", "UTC", ("admins",))
    ]


@pytest.mark.parametrize("answers", [SAMPLE, Answers()], ids=["sample", "no answers"])
def test_every_key_is_shown(answers: Answers) -> None:
    text = switched_on(render(answers))
    for key in keys_of(Settings):
        assert re.search(rf"(?m)^[ -]*{key}:|[{{,] *{key}:", text), key


@pytest.mark.parametrize("answers", [SAMPLE, Answers()], ids=["sample", "no answers"])
def test_every_switched_off_line_can_be_used(answers: Answers) -> None:
    settings = read(switched_on(render(answers)))
    assert settings.workspaces[0].proxy
    assert settings.workspaces[0].ca_file
    assert settings.classify
    assert settings.policies
    assert len(settings.receivers) == 2
    assert len(settings.routes) == 3
    assert settings.routes[0].goes_on


@pytest.mark.parametrize("section", ["workspaces.0.quotas", "retry", "collation", "incidents", "retention"])
def test_switched_off_settings_show_their_defaults(section: str) -> None:
    def part(settings: Any) -> Any:
        for name in section.split("."):
            settings = settings[int(name)] if name.isdigit() else getattr(settings, name)
        return settings

    assert part(read(switched_on(render(SAMPLE)))) == part(read(render(SAMPLE)))


def test_lines_are_short_and_explained() -> None:
    text = render(SAMPLE)
    assert max(map(len, text.splitlines())) <= 120
    for section in Settings.model_fields:
        assert re.search(rf"(?m)^#.*\n#?{section}:", text), section


WORDS = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=40).filter(str.strip)
REFERENCES = st.one_of(
    st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,20}", fullmatch=True).map(lambda name: SecretRef("env", name)),
    WORDS.map(lambda name: SecretRef.parse(f"file:/run/{name}")),
)
ADDRESSES = st.from_regex(r"[A-Za-z0-9#'{}&*!|%`+._-]{1,20}@[a-z0-9.-]{1,20}", fullmatch=True)
SLACKS = st.builds(
    lambda **answers: SlackSettings.model_validate(answers),
    token=REFERENCES,
    channel=WORDS,
    base_url=st.sampled_from(["https://slack.com/api/", "http://127.0.0.1:8080/slack/api/"]),
)


@st.composite
def emails(draw: st.DrawFn) -> EmailSettings:
    login = draw(st.none() | st.tuples(WORDS, REFERENCES))
    answers: dict[str, object] = {
        "host": draw(WORDS),
        "port": draw(st.integers(1, 65535)),
        "tls": draw(st.sampled_from([Tls.STARTTLS, Tls.TLS])),
        "from": draw(ADDRESSES),
        "to": draw(st.lists(ADDRESSES, min_size=1, max_size=3)),
    }
    if login:
        answers |= {"username": login[0], "password": login[1]}
    return EmailSettings.model_validate(answers)


ANSWERS = st.builds(
    Answers,
    workspace=st.from_regex(r"[a-z0-9_-]{1,64}", fullmatch=True),
    url=st.sampled_from(["https://www.workato.com", "http://127.0.0.1:8080", "https://app.eu.workato.com"]),
    token=REFERENCES,
    mode=st.sampled_from(Mode),
    safe_tag=st.none() | WORDS | st.sampled_from(["null", "true", "no", "12", "1.5", "a: b", "# x", "~", "$mode"]),
    slack=st.none() | SLACKS,
    email=st.none() | emails(),
)


@given(ANSWERS)
def test_whatever_is_answered_is_read_back(answers: Answers) -> None:
    settings = read(render(answers))
    (workspace,) = settings.workspaces
    assert (workspace.name, workspace.url, workspace.token) == (answers.workspace, answers.url, answers.token)
    assert settings.mode is answers.mode
    assert settings.safe_to_repeat.tags == (() if answers.safe_tag is None else (answers.safe_tag,))
    channels = {receiver.name: receiver.slack or receiver.email for receiver in settings.receivers}
    expected = {"oncall": answers.slack, "admins": answers.email}
    assert channels == {name: channel for name, channel in expected.items() if channel}
    assert bool(settings.routes) == bool(settings.reports) == bool(settings.escalation.receivers) == bool(channels)


@given(ANSWERS)
def test_all_switched_off_lines_can_be_used_after_any_answer(answers: Answers) -> None:
    assert len(read(switched_on(render(answers))).receivers) == 2


@pytest.mark.parametrize(
    ("group", "name", "value", "problem"),
    [
        (Answers, "url", "https://www.workato.com", None),
        (Answers, "url", "workato", "url: must be a URL that begins with https://"),
        (Answers, "workspace", "Prod", "workspace: must be 1 to 64 lower-case letters, digits, - or _"),
        (Answers, "mode", "obsrve", "mode: must be observe or act, did you mean observe?"),
        (Answers, "safe_tag", "a\nb", "safe_tag: must be one line of plain text"),
        (SlackSettings, "channel", "", "channel: must not be empty"),
        (EmailSettings, "to", ["x"], "to[0]: must be a mail address like name@example.com"),
        (EmailSettings, "port", 70_000, "port: must be at most 65535"),
    ],
)
def test_single_answers_are_checked_as_they_are_given(
    group: type[Group], name: str, value: object, problem: str | None
) -> None:
    assert answer_problem(group, name, value) == problem


def test_a_token_given_as_an_answer_is_never_echoed() -> None:
    problem = answer_problem(Answers, "token", "wrkaus-s3cr3t")
    assert problem
    assert "s3cr3t" not in problem
