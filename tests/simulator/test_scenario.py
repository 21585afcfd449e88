"""Scenarios: all that come with the program load, and mistakes are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from aof_tui.base.errors import UsageError
from aof_tui.simulator.scenario_file import load_scenario, parse_scenario, scenario_names

MINIMAL = "description: x\ngroups: [{key: a, name: A}]\n"


def test_all_scenarios_load() -> None:
    names = scenario_names()
    assert {"demo", "quiet", "storm", "flood", "large", "doubt"} <= set(names)
    assert all(load_scenario(name).description for name in names)
    assert sum(group.count for group in load_scenario("large").groups) == 5000


def test_a_scenario_can_be_a_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(MINIMAL, encoding="utf-8")
    assert load_scenario(str(file)).groups[0].key == "a"
    with pytest.raises(UsageError, match="cannot be read"):
        load_scenario(str(tmp_path / "none.yaml"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("groups: [", "not YAML"),
        ("[]", "scenario: "),
        (MINIMAL + "colour: red", "colour: Extra inputs"),
        (MINIMAL + "switches: {page_size: 50}", "switches.page_size: "),
        (MINIMAL + "switches: {utc_offset: Z}", r"switches.utc_offset: .*\+05:30"),
        (MINIMAL + "history: 5 parsecs", "history: .*number and s, m, h or d"),
        (MINIMAL + "happenings: [{do: dance, at: 1s}]", r"happenings\[0\]: "),
        (MINIMAL + "happenings: [{do: jobs, at: 1s, group: b}]", "group 'b' is not in the scenario; there are: a"),
        (MINIMAL + "happenings: [{do: outage, at: 1, lasts: 1, connection: c}]", "connection 'c'.*none"),
        ("description: x\ngroups: [{key: a, name: A, fails: 0.5}]", "needs errors"),
        ("description: x\ngroups: [{key: a, name: A, fails: 2}]", r"groups\[0\].fails: "),
        ("description: x\ngroups: [{key: a, name: A, calls: b}]", "called group 'b'"),
    ],
)
def test_mistakes_are_named_with_their_place(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parse_scenario(text, "mine.yaml")


def test_every_mistake_is_named_at_once() -> None:
    with pytest.raises(UsageError, match=r"history.*human_delay"):
        parse_scenario(MINIMAL + "history: x\nhuman_delay: y", "mine.yaml")


def test_an_unknown_name_gets_the_nearest_one() -> None:
    with pytest.raises(UsageError, match="did you mean 'demo'"):
        load_scenario("dmeo")
    with pytest.raises(UsageError, match="there are: demo"):
        load_scenario("zzzz")


def test_yaml_cannot_build_objects() -> None:
    with pytest.raises(UsageError, match="not YAML"):
        parse_scenario("!!python/object/apply:os.system ['true']")
