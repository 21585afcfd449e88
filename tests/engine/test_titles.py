"""An incident of a downstream says what is unavailable; which error came first is no part of its name."""

from __future__ import annotations

import json

import pytest

from aof_tui.domain.breaker import ALL_AGENTS
from aof_tui.engine.titles import unavailable
from tests.engine.downstreams import DOWNSTREAM, Downstream
from tests.engine.scene import HOUR, MINUTE, Scene, play

RATE_LIMIT: dict[str, object] = {"adapter": "rest", "error_type": "Http", "message": "429 Too Many Requests"}
NAME = "connection Shop (rest) is unavailable"


async def parents(scene: Scene) -> list[tuple[object, ...]]:
    rows = await scene.bench.rows(
        "SELECT title, category, total FROM incident WHERE scope = :d AND kind = 'jobs' AND status != 'resolved'",
        d=DOWNSTREAM,
    )
    return [tuple(row.values()) for row in rows]


async def notices(scene: Scene, kind: str) -> list[dict[str, object]]:
    rows = await scene.bench.rows("SELECT body FROM outbox WHERE kind = :kind ORDER BY created_at", kind=kind)
    return [json.loads(str(row["body"]))["notice"] for row in rows]


def test_failures_of_other_kinds_leave_the_name_true() -> None:
    async def story(scene: Scene) -> None:
        down = Downstream(scene)
        await scene.clock.sleep(6 * MINUTE)
        await down.trip()
        ((title, category, total),) = await parents(scene)
        assert (title, category) == (NAME, "downstream_5xx")
        down.error = RATE_LIMIT
        down.fail()
        await scene.clock.sleep(3 * MINUTE)
        ((title, _, more),) = await parents(scene)
        assert (title, more) == (NAME, int(str(total)) + 1)
        await scene.clock.sleep(1.5 * HOUR)
        (told,) = await notices(scene, "opened")
        (raised,) = await notices(scene, "escalated")
        assert (told["title"], told["category"], raised["title"], raised["category"]) == (NAME, None, NAME, None)
        assert told["reasons"] == ["jobs keep failing there, the last one with downstream 5xx"]
        assert raised["reasons"] == []

    play(story)


def test_who_was_asked_about_by_its_kind_still_hears_of_it() -> None:
    async def story(scene: Scene) -> None:
        await Downstream(scene).trip()
        assert [one for one in await scene.told() if one.startswith("opened")] == ["opened>admins"]

    play(
        story, routes=[{"match": {"category": ["downstream_5xx"]}, "receivers": ["admins"]}, {"receivers": ["oncall"]}]
    )


def test_what_a_lost_connection_leaves_behind_has_the_same_name() -> None:
    async def story(scene: Scene) -> None:
        down = Downstream(scene)
        await scene.clock.sleep(6 * MINUTE)
        down.lost = True
        await scene.clock.sleep(6 * MINUTE)
        down.fail()
        await down.until_statuses(held=1)
        assert await parents(scene) == []
        down.lost = False

        async def handed_over() -> bool:
            return await parents(scene) != []

        await scene.until(handed_over)
        ((title, _, _),) = await parents(scene)
        assert title == NAME

    play(story)


@pytest.mark.parametrize(
    ("downstream", "title"),
    [(ALL_AGENTS, "agents are unavailable"), ("application:jira", "application jira is unavailable")],
)
async def test_no_connection_has_a_name_too(downstream: str, title: str) -> None:
    assert await unavailable(None, "prod", downstream) == title  # type: ignore[arg-type]  # nothing is looked up
