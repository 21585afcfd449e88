"""From a file to settings: all problems at once, and never anything but settings or a ConfigError."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from aof_tui.base.errors import ConfigError
from aof_tui.config.load import config_path, load, load_settings
from aof_tui.config.problems import group_in
from aof_tui.config.secrets import SecretRef
from aof_tui.config.settings import Settings
from aof_tui.domain.words import Curve, Mode
from tests.config.texts import SMALLEST, loaded, problems, problems_of_rest, with_rest

LINE = re.compile(r"a\.yaml:[1-9][0-9]*: \S.*")

WRONG = """\
mode: acts
stor: x
workspaces:
  - name: Prod
    url: http://www.workato.com/api
    tokn: env:X
    token: xoxb-123456789-abcdef
    production: yes
    quotas: {jobs_per_minute: 0, repeats_per_second: "1"}
  - name: dev
    url: https://u:p@x.example.com
    token: env:Y
    token: env:Z
  - {name: dev, url: https://a.example.com, token: }
collation: {interval: 60, max_wait: 0s, backlog: 1.5}
classify: [{name: x, match: {}, category: rate, repeat: aut}]
policies: {a: 1}
retry: {min: 20m, curv: fixed}
safe_to_repeat: []
receivers:
  - {name: oncall, slack: {token: env:S, channel: C1}, email: {host: h, from: x, to: []}}
  - {name: admins, email: {host: h, tls: none, username: u, from: a@example.com, to: [b@example.com]}}
  - {name: nobody}
routes:
  - {receivers: [oncal]}
  - {receivers: [oncall], match: {category: }}
escalation:
  receivers: [admin]
  aftr: 3
reports: [{cron: "0 8 * *", timezone: Mars, receivers: [admins]}]
"""

TOLD = """\
1: mode: must be observe or act, did you mean act?
2: stor: unknown key, did you mean store?
4: workspaces[0].name: must be 1 to 64 lower-case letters, digits, - or _
5: workspaces[0].url: must begin with https:// (http:// is only for this machine)
6: workspaces[0].tokn: unknown key, did you mean token?
7: workspaces[0].token: a secret is never written here: put it in the environment and write env:NAME, \
or in a file and write file:/path
8: workspaces[0].production: must be true or false
9: workspaces[0].quotas.jobs_per_minute: must be at least 1
9: workspaces[0].quotas.repeats_per_second: must be a number
11: workspaces[1].url: must not hold a user name or password
13: workspaces[1].token: is given twice, first on line 12
14: workspaces[2].name: the same name as workspaces[1].name
14: workspaces[2].token: must not be empty
15: collation.backlog: must be a whole number
15: collation.interval: must be a duration: a number and s, m, h or d, like 90s or 10m
15: collation.max_wait: must be longer than nothing
16: classify[0].category: must be auth_connection, permission_quota, rate_limit, timeout_network, downstream_5xx, \
validation_data, duplicate_conflict, not_found, recipe_logic, on_prem_agent or unknown
16: classify[0].match: needs at least one of message, error_type, adapter, http
16: classify[0].repeat: must be auto, ask or never, did you mean auto?
17: policies: must be a list: [a, b], or one entry a line after a dash
18: retry.curv: unknown key, did you mean curve?
18: retry.max: must not be shorter than min
19: safe_to_repeat: must be a group of keys: all, recipes, tags, projects
21: receivers[0].email.from: must be a mail address like name@example.com
21: receivers[0].email.to: needs at least one entry
22: receivers[1].email.password: username and password are given together or not at all
22: receivers[1].email.tls: none is only for this machine: use starttls or tls
23: receivers[2].email: a receiver has either slack or email
25: routes[0].receivers[0]: there is no receiver of this name, did you mean oncall?
26: routes[1].match.category: must not be empty
28: escalation.receivers[0]: there is no receiver of this name, did you mean admins?
29: escalation.aftr: unknown key, did you mean after?
30: reports[0].cron: must be a cron schedule of five fields, like "0 8 * * *"
30: reports[0].timezone: must be a time zone like UTC or Europe/Berlin
"""


def test_everything_wrong_is_told_at_once() -> None:
    assert problems(WRONG) == tuple(f"a.yaml:{line}" for line in TOLD.splitlines())


def test_one_error_text_holds_all_problems() -> None:
    with pytest.raises(ConfigError) as caught:
        loaded(WRONG)
    assert str(caught.value).splitlines() == list(caught.value.problems)
    assert caught.value.exit_code == 2
    assert caught.value.__context__ is None


def test_the_smallest_file_gives_the_defaults() -> None:
    workspace = {"name": "prod", "url": "https://www.workato.com", "token": SecretRef("env", "WORKATO_TOKEN")}
    assert with_rest("").settings == Settings.model_validate({"workspaces": [workspace]})
    assert with_rest("").settings.mode is Mode.OBSERVE


def test_the_defaults_are_those_of_the_framework() -> None:
    settings = with_rest("").settings
    retry, collation = settings.retry, settings.collation
    assert (retry.max_attempts, retry.curve, retry.min, retry.max, retry.time_limit) == (
        5,
        Curve.WINDOW,
        300,
        600,
        None,
    )
    assert (collation.interval, collation.lookback, collation.max_wait, collation.backlog) == (60, 86_400, 600, 200)
    assert (settings.escalation.after, settings.incidents.resolve_after) == (1800, 1800)
    assert (settings.retention.events, settings.retention.closed_failures) == (90 * 86_400, 180 * 86_400)


def test_observing_changes_the_mode_alone() -> None:
    acting = with_rest("mode: act").settings
    assert acting.mode is Mode.ACT
    assert acting.observing() == with_rest("").settings


def test_a_report_knows_its_time_zone() -> None:
    rest = "receivers: [{name: a, slack: {token: env:X, channel: C}}]\nreports: [{cron: '0 8 * * *', receivers: [a]"
    assert with_rest(f"{rest}, timezone: Europe/Berlin}}]").settings.reports[0].zone == ZoneInfo("Europe/Berlin")
    assert with_rest(f"{rest}}}]").settings.reports[0].zone == ZoneInfo("UTC")


def test_settings_cannot_be_changed() -> None:
    settings = with_rest("").settings
    with pytest.raises(ValidationError, match="frozen"):
        setattr(settings.retry, "max_attempts", 99)  # noqa: B010  # as an assignment, the type checker refuses it


@pytest.mark.parametrize("text", ["", "# nothing\n", "~", "---\n"])
def test_an_empty_file_is_told(text: str) -> None:
    assert problems(text) == ("a.yaml:1: the file is empty; aof-tui init writes one",)


@pytest.mark.parametrize("text", ["[]", "5", "text", "- a\n- b\n"])
def test_a_file_is_a_group_of_keys(text: str) -> None:
    assert problems(text)[0].startswith("a.yaml:1: the file: must be a group of keys: mode, store, workspaces")


def test_a_missing_key_is_told_where_it_belongs() -> None:
    assert problems("mode: observe\n") == ("a.yaml:1: workspaces: is missing",)
    assert problems("workspaces:\n\n  - name: prod\n    url: https://www.workato.com\n") == (
        "a.yaml:3: workspaces[0].token: is missing",
    )


def test_a_section_with_all_lines_switched_off_counts_as_not_there() -> None:
    assert with_rest("retry:\n  #min: 1m\nroutes:\nreceivers: ~\n").settings == with_rest("").settings


def test_an_empty_list_in_a_match_never_means_everything() -> None:
    assert problems_of_rest("policies: [{name: x, match: {recipe: []}, repeat: auto}]\n") == (
        "a.yaml:2: policies[0].match.recipe: needs at least one entry",
    )


@pytest.mark.parametrize(
    ("rest", "told"),
    [
        ("retry: {min: 11m}", "retry.max: must not be shorter than min"),
        ("retry: {max: 1m}", "retry.max: must not be shorter than min"),
        ("policies: [{name: x, min: 2m, max: 1m}]", "policies[0].max: must not be shorter than min"),
        ("policies: [{name: x}, {name: x}]", "policies[1].name: the same name as policies[0].name"),
        ("retry: {max_attempts: true}", "retry.max_attempts: must be a whole number"),
        ("receivers: [{name: x, slack: {token: env:X, channel: ''}}]", "receivers[0].slack.channel: must not be empty"),
        ("receivers: [{name: x, slack: {token: env:X, channel: 5}}]", "receivers[0].slack.channel: must be text"),
        (f"policies: [{{name: {'x' * 300}}}]", "policies[0].name: must have at most 255 characters"),
        ("store: [a]", "store: must be a path"),
        ("store: ~nosuchuser/a.db", "store: names a home folder that is not known"),
        (
            "classify: [{name: x, match: {http: [9]}, category: unknown}]",
            "classify[0].match.http[0]: must be at least 100",
        ),
        ("retention: {event: 1d}", "retention.event: unknown key, did you mean events?"),
        ("retention: {qqq: 1d}", "retention.qqq: unknown key, known are events, closed_failures, max_size_mb"),
        ("goes_on: 1", "goes_on: unknown key, known are mode, store,"),
    ],
)
def test_single_problems_are_told_in_plain_words(rest: str, told: str) -> None:
    (problem,) = problems_of_rest(rest)
    assert problem.startswith(f"a.yaml:2: {told}")


@pytest.mark.parametrize("rest", ["retry: {curve: fixed, min: 1h}", "retry: {curve: long-outage, min: 1h}"])
def test_curves_that_use_no_max_do_not_mind_it(rest: str) -> None:
    assert with_rest(rest).settings.retry.min == 3600


def test_an_alias_name_of_python_is_no_key_of_the_file() -> None:
    told = problems_of_rest(
        "receivers: [{name: a, slack: {token: env:X, channel: C}}]\nroutes: [{receivers: [a], goes_on: true}]"
    )
    assert told == ("a.yaml:3: routes[0].goes_on: unknown key, known are match, receivers, continue",)


def test_relative_paths_begin_beside_the_file(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(
        "store: data/aof.db\n"
        "workspaces: [{name: a, url: https://www.workato.com, token: file:token, ca_file: ca.pem}]\n"
    )
    settings = load_settings(path)
    assert settings.store == tmp_path / "data/aof.db"
    assert settings.workspaces[0].token == SecretRef("file", str(tmp_path / "token"))
    assert settings.workspaces[0].ca_file == tmp_path / "ca.pem"


def test_the_name_of_the_file_is_told_as_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config.yaml").write_text("mode: x\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=r"^config\.yaml:1: "):
        load(Path("config.yaml"))


def test_the_file_is_the_one_given_else_that_of_the_environment_else_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    assert config_path(Path("x.yaml"), {"AOF_TUI_CONFIG": "/y.yaml"}) == Path("x.yaml")
    assert config_path(None, {"AOF_TUI_CONFIG": "/y.yaml"}) == Path("/y.yaml")
    own = config_path(None, {"AOF_TUI_CONFIG": ""})
    assert own.parts[-2:] == ("aof-tui", "config.yaml")
    assert own.is_absolute()


RECEIVER = "receivers: [{name: a, slack: {token: env:X, channel: C}}]\nescalation: {receivers: [a]}\n"


def warnings(rest: str) -> tuple[str, ...]:
    return with_rest(RECEIVER + rest).warnings


def test_a_sound_file_has_no_warning() -> None:
    assert warnings("routes: [{receivers: [a]}]\n") == ()
    assert warnings("routes: [{receivers: [a], continue: true}, {receivers: [a]}]\n") == ()
    safe = "safe_to_repeat: {tags: [x]}\nretry: {when_in_doubt: repeat}\n"
    assert warnings(f"routes: [{{receivers: [a]}}]\n{safe}") == ()


def test_nobody_told_is_a_warning() -> None:
    assert with_rest("").warnings == (
        "a.yaml:1: escalation: nobody is told about what does not heal, for it has no receivers",
        "a.yaml:1: routes: nobody is told about failures, for there is no route",
    )


def test_repeating_in_doubt_without_a_safe_recipe_is_a_warning() -> None:
    told = warnings(
        "routes: [{receivers: [a]}]\nretry:\n  when_in_doubt: repeat\npolicies: [{name: x, when_in_doubt: repeat}]\n"
    )
    assert told == (
        "a.yaml:6: retry.when_in_doubt: repeat counts as hold, because safe_to_repeat names no recipe",
        "a.yaml:7: policies[0].when_in_doubt: repeat counts as hold, because safe_to_repeat names no recipe",
    )


def test_an_entry_that_is_never_reached_is_a_warning() -> None:
    told = warnings(
        "routes:\n- {receivers: [a]}\n- {receivers: [a], match: {severity: [error]}}\n- {receivers: [a]}\n"
        "policies:\n- {name: x}\n- {name: y}\n"
    )
    assert told == (
        "a.yaml:6: routes[1]: is never reached, for routes[0] matches all",
        "a.yaml:7: routes[2]: is never reached, for routes[0] matches all",
        "a.yaml:10: policies[1]: is never reached, for policies[0] matches all",
    )


def check(text: str) -> None:
    told = problems(text)
    assert all(LINE.fullmatch(problem) for problem in told), told


@given(st.text())
def test_any_text_is_a_configuration_or_a_config_error(text: str) -> None:
    check(text)


@given(st.text(alphabet="[]{}:,-?&*!|>'\"%@`#~ \n\tab0.<", max_size=60))
def test_any_punctuation_is_a_configuration_or_a_config_error(text: str) -> None:
    check(text)


def keys_of(group: type[BaseModel]) -> Iterator[str]:
    for name, field in group.model_fields.items():
        yield field.alias or name
        if inner := group_in(field.annotation):
            yield from keys_of(inner)


KEYS = st.sampled_from(["x", *dict.fromkeys(keys_of(Settings))])
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(
        ["5m", "env:X", "https://a.example.com", "http://[::1", "act", "a@example.com", "0 8 * * *", "UTC"]
    )
)
TREES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5), max_leaves=25
)


@given(st.dictionaries(KEYS, TREES, max_size=6))
def test_any_tree_of_known_words_is_a_configuration_or_a_config_error(tree: dict[str, object]) -> None:
    check(yaml.safe_dump(tree))


@given(st.data())
def test_a_changed_character_gives_a_configuration_or_a_config_error(data: st.DataObject) -> None:
    text = SMALLEST + WRONG
    position = data.draw(st.integers(0, len(text) - 1))
    check(text[:position] + data.draw(st.text(max_size=2)) + text[position + 1 :])


@given(st.sampled_from(["workspaces", "token", "channel", "url", "password", "proxy"]), st.integers(0, 40))
def test_no_message_shows_a_value(key: str, place: int) -> None:
    lines = WRONG.splitlines()
    lines.insert(min(place, len(lines)), f"{key}: xoxb-4711-s3cr3t-v4lue")
    assert "s3cr3t" not in "\n".join(problems("\n".join(lines)))


def test_a_path_that_leads_nowhere_but_to_itself_is_told(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    for path in (tmp_path / "loop", tmp_path / "loop" / "aof.db"):
        assert problems_of_rest(f"store: {path}") == ("a.yaml:2: store: is a loop of symbolic links",)
