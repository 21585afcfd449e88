"""Themes: the two that come along, broken ones, and a file for every colour in use."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from aof_tui.base.errors import TemporaryError
from aof_tui.tui.themes import BUILT_IN, OWN_VARIABLES, ThemeError, Themes, load_themes, parse_theme, theme_folder
from tests.tui.driving import staged

GOOD = (theme_folder() / "aof-dark.yaml").read_text(encoding="utf-8")
STYLES = Path(__file__).parents[2] / "aof_tui" / "tui" / "app.tcss"


def test_both_themes_can_be_used() -> None:
    themes = load_themes(theme_folder())
    assert [theme.name for theme in themes.good] == ["aof-dark", "aof-light"]
    assert [theme.dark for theme in themes.good] == [True, False]
    assert themes.problems == ()


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    brighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", load_themes(theme_folder()).good, ids=lambda theme: str(theme.name))
def test_every_tone_can_be_read_on_every_ground(theme: object) -> None:
    variables: dict[str, str] = getattr(theme, "variables", {})
    grounds = [variables[name] for name in ("strip", "strip-production", "strip-stale", "cursor", "cursor-blurred")]
    grounds += [getattr(theme, name) for name in ("background", "surface", "panel")]
    tones = [value for name, value in variables.items() if name.startswith("tone-")]
    assert min(contrast(tone, ground) for tone in tones for ground in grounds) >= 3.0
    assert min(contrast(tone, getattr(theme, "background", "")) for tone in tones) >= 4.5


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ("{", "not YAML"),
        ("- a", "not a mapping"),
        (GOOD.replace("dark: true", "dark: maybe"), "needs a name"),
        (GOOD + "extra: 1\n", "unknown key 'extra'"),
        (GOOD.replace('  primary: "#7aa2d6"', "  primary: '#zz'"), "primary: not a colour"),
        (GOOD.replace('  primary: "#7aa2d6"\n', ""), "colour primary is missing"),
        (GOOD.replace("  cursor:", "  curser:"), "unknown variable 'curser'"),
        (GOOD.replace('  cursor: "#2c3d55"\n', ""), "variable cursor is missing"),
        (GOOD.split("variables:", maxsplit=1)[0] + "variables: 3\n", "variables must map"),
    ],
)
def test_a_broken_theme_says_what_is_wrong(broken: str, words: str) -> None:
    with pytest.raises(ThemeError, match=re.escape(words)):
        parse_theme(broken, "mine.yaml")


def test_a_folder_with_a_broken_theme_keeps_the_others(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "b.yaml").write_bytes(b"{\xff\xfe")
    (tmp_path / "c.txt").write_text("not looked at", encoding="utf-8")
    themes = load_themes(tmp_path)
    assert [theme.name for theme in themes.good] == ["aof-dark"]
    assert themes.problems == ("b.yaml: not YAML",)
    assert load_themes(tmp_path / "nowhere") == Themes((), ())


async def test_t_switches() -> None:
    async with staged() as stage:
        assert stage.app.theme == "aof-dark"
        await stage.press("t")
        assert stage.app.theme == "aof-light"
        await stage.press("t")
        assert stage.app.theme == "aof-dark"


async def test_without_any_good_theme_the_terminal_still_works() -> None:
    async with staged(themes=Themes((), ("mine.yaml: not [/] YAML",))) as stage:
        await stage.told("mine.yaml: not [/] YAML")
        await stage.press("t", "j")
        assert stage.app.theme == "aof-dark"
        assert stage.app.main.styles.background.hex == "#14171C"


def test_what_is_built_in_is_the_file() -> None:
    assert load_themes(theme_folder()).good[0] == BUILT_IN


async def test_a_file_that_was_changed_is_what_shows() -> None:
    mine = parse_theme(GOOD.replace('background: "#14171c"', 'background: "#102030"'), "aof-dark.yaml")
    async with staged(themes=Themes((mine,), ())) as stage:
        await stage.until(lambda: stage.app.main.styles.background.hex == "#102030")
        assert stage.app.theme == "aof-dark"


def test_styles_name_colours_by_variable_only() -> None:
    rules = re.sub(r"/\*.*?\*/", "", STYLES.read_text(encoding="utf-8"), flags=re.DOTALL)
    values = re.findall(r"(?:color|background)[a-z-]*:\s*([^;]+);", rules)
    assert values
    assert all(value.startswith("$") for value in values)
    used = {value.split()[0].removeprefix("$") for value in values}
    assert set(OWN_VARIABLES) <= used


@pytest.mark.parametrize(("name", "background"), [("aof-dark", "#14171C"), ("aof-light", "#FBFBF9")])
async def test_a_theme_colours_the_screen(name: str, background: str) -> None:
    async with staged() as stage:
        if stage.app.theme != name:
            await stage.press("t")
        assert stage.app.main.styles.background.hex == background
        assert stage.app.has_class(f"-theme-{name}")


async def test_what_is_stale_is_not_green() -> None:
    async with staged() as stage:
        main = stage.app.main
        green = main.get_component_rich_style("tone--ok", partial=True)
        stage.control.fault = TemporaryError("it hangs")
        await stage.shows("STALE")
        await stage.until(lambda: main.get_component_rich_style("tone--ok", partial=True) != green)
