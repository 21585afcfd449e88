"""Copies and the heartbeat in the configuration."""

from __future__ import annotations

import pytest

from aof_tui.base.errors import ConfigError
from aof_tui.config.secrets import SecretRef
from aof_tui.config.settings import Settings
from tests.config.texts import FOLDER, with_rest


def read(more: str) -> Settings:
    return with_rest(f"{more}\n").settings


def test_copies_lie_where_the_file_says() -> None:
    assert read("backup: {dir: copies, keep: 3}").backup.dir == FOLDER / "copies"
    assert read("").backup.keep == 7
    with pytest.raises(ConfigError, match="keep: must be at least 1"):
        read("backup: {keep: 0}")


def test_a_heartbeat_is_a_url_or_lies_where_secrets_do() -> None:
    assert read("").heartbeat is None
    for written, meant in (
        ("https://hc.example.com/uuid?rid=1", "https://hc.example.com/uuid?rid=1"),
        ("http://127.0.0.1:8080/x", "http://127.0.0.1:8080/x"),
        ("env:HEARTBEAT_URL", SecretRef("env", "HEARTBEAT_URL")),
        ("file:hb", SecretRef("file", str(FOLDER / "hb"))),
    ):
        heartbeat = read(f"heartbeat: {{url: '{written}'}}").heartbeat
        assert heartbeat is not None
        assert heartbeat.url == meant


@pytest.mark.parametrize("url", ["http://hc.example.com/x", "ftp://x", "hc.example.com", "https://u:p@x/", "''", "7"])
def test_a_heartbeat_that_is_not_encrypted_or_no_url_is_refused(url: str) -> None:
    with pytest.raises(ConfigError) as refused:
        read(f"heartbeat: {{url: {url}}}")
    assert "a.yaml:2: " in str(refused.value)
    assert "u:p" not in str(refused.value)
