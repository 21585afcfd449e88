"""Which settings differ between two readings of a configuration, by name."""

from __future__ import annotations

import pytest

from aof_tui.config.changes import changed_settings
from tests.config.texts import loaded, with_rest


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        ("", "", ()),
        ("", "mode: act\n", ("mode",)),
        ("mode: observe\n", "", ()),
        ("collation: {interval: 60s}\n", "collation: {interval: 1m}\n", ()),
        ("", "collation: {interval: 2m, backlog: 3}\n", ("collation.interval", "collation.backlog")),
        ("", "store: /var/lib/b.db\n", ("store",)),
        ("", "safe_to_repeat: {tags: [a]}\n", ("safe_to_repeat.tags",)),
        ("heartbeat: {url: env:A}\n", "heartbeat: {url: env:B}\n", ("heartbeat.url",)),
        ("", "heartbeat: {url: env:B}\n", ("heartbeat",)),
    ],
)
def test_names(before: str, after: str, changed: tuple[str, ...]) -> None:
    assert set(changed_settings(with_rest(before).settings, with_rest(after).settings)) == set(changed)


def test_items_of_lists_are_named_by_their_place() -> None:
    one = "workspaces:\n  - {name: prod, url: https://www.workato.com, token: env:A}\n"
    other = one.replace("env:A", "env:B, quota_share: 0.5")
    more = one + "  - {name: test, url: https://www.workato.com, token: env:A}\n"
    names = [changed_settings(loaded(one).settings, loaded(text).settings) for text in (other, more)]
    assert set(names[0]) == {"workspaces[0].token", "workspaces[0].quota_share"}
    assert names[1] == ("workspaces",)
