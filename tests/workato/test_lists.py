"""Recipes, connections and the smaller lists as rows."""

from __future__ import annotations

import pytest

from aof_tui.base.clock import parse_rfc3339
from aof_tui.domain.model import Connection, Recipe
from aof_tui.workato import lists
from aof_tui.workato.errors import BadPage
from aof_tui.workato.rows import Folder, Identity, Project, Tag
from tests.workato.payloads import connection, me, recipe


def test_a_recipe() -> None:
    assert lists.recipe("12389", recipe()) == Recipe(
        recipe_id="12389",
        name="Orders to ERP",
        running=False,
        failed_count=3,
        succeeded_count=10,
        project_id="99",
        folder_id="4724",
        stop_cause="trigger_errors_limit",
        stopped_at=parse_rfc3339("2016-08-03T18:22:00Z"),
        last_run_at=parse_rfc3339("2016-08-03T18:06:51.481Z"),
        version_no=3,
        applications=("workato_webhooks", "jira"),
        # An application without an account has no connection: it is known by its name.
        accounts=(("jira", "1234"), ("clock", "")),
        tags=("tag-ANMNxAz9-oYDJRm",),
    )


def test_a_recipe_that_says_only_what_matters() -> None:
    bare = {"id": "7", "running": True, "job_failed_count": None}
    assert lists.recipes({"items": [bare]}) == (Recipe("7", "", running=True, failed_count=0, succeeded_count=0),)


def test_what_only_people_read_never_makes_a_recipe_bad() -> None:
    odd = recipe(
        name=None, stopped_at="then", last_run_at=7, version_no="x", applications=[1, "a\x1b"], tags={}, config=["x"],
        stop_cause=[], project_id=[], folder_id=1.5,
    )  # fmt: skip
    found = lists.recipe("12389", odd)
    assert (found.name, found.stopped_at, found.last_run_at, found.version_no) == ("", None, None, None)
    assert found.applications == ("a␛",)
    assert (found.tags, found.accounts, found.stop_cause) == ((), (), None)
    assert (found.project_id, found.folder_id) == (None, None)


@pytest.mark.parametrize(
    "changes",
    [
        {"id": None},
        {"running": None},
        {"running": "perhaps"},
        {"job_failed_count": "3"},
        {"job_failed_count": -1},
        {"job_failed_count": 2**80},
        {"job_failed_count": True},
        {"job_failed_count": 1.5},
    ],
)
def test_what_decisions_hang_on_is_strict(changes: dict[str, object]) -> None:
    with pytest.raises(BadPage):
        lists.recipes({"items": [recipe(), recipe(**changes)]})


@pytest.mark.parametrize("key", ["id", "running", "job_failed_count"])
def test_what_decisions_hang_on_must_be_there(key: str) -> None:
    incomplete = recipe()
    del incomplete[key]
    with pytest.raises(BadPage, match=key):
        lists.recipes({"items": [incomplete]})


def test_another_recipe_than_asked_for_is_refused() -> None:
    with pytest.raises(BadPage, match="another recipe"):
        lists.recipe("1", recipe())


def test_connections_come_bare_or_in_an_envelope() -> None:
    expected = (Connection("36", "ACME Salesforce", "salesforce", authorized=True),)
    assert lists.connections([connection()]) == expected
    assert lists.connections({"items": [connection()]}) == expected
    assert lists.connections({"data": [connection(application=None, provider="salesforce")]}) == expected
    assert expected[0].healthy


@pytest.mark.parametrize("status", ["failed", "exception", None, "new word"])
def test_only_success_is_authorised(status: object) -> None:
    [found] = lists.connections([connection(authorization_status=status, authorization_error="token\nexpired")])
    assert not found.healthy
    assert found.lost_reason == "token expired"


def test_a_lost_connection_is_not_healthy() -> None:
    lost = connection(connection_lost_at="2025-01-01T00:00:00Z", connection_lost_reason="revoked")
    [found] = lists.connections([lost])
    assert (found.authorized, found.healthy, found.lost_reason) == (True, False, "revoked")


def test_the_smaller_lists() -> None:
    assert lists.identity(me()) == Identity("211706", "ACME integrations")
    assert lists.projects([{"id": 1, "name": "P", "folder_id": 5, "description": None}]) == (Project("1", "P", "5"),)
    folder = {"id": 5, "name": "F", "parent_id": None, "project_id": 1, "is_project": True}
    assert lists.folders([folder]) == (Folder("5", "F", None, "1"),)
    tag = {"handle": "tag-A-b", "title": "auto-retry", "color": "blue"}
    assert lists.tags({"data": [tag]}) == (Tag("tag-A-b", "auto-retry"),)


@pytest.mark.parametrize("value", [None, {}, {"items": 7}, "x", [None]])
def test_what_is_no_list_is_a_bad_page(value: object) -> None:
    for rows_of in (lists.recipes, lists.connections, lists.projects, lists.folders, lists.tags):
        with pytest.raises(BadPage):
            rows_of(value)
