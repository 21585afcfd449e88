"""The change feed stays bounded and loses nothing."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from aof_tui.base.clock import SystemClock
from aof_tui.control.feed import FeedHub
from aof_tui.control.requests import Changes, Topic


async def test_a_wait_returns_all_that_changed_since_the_last_one() -> None:
    hub = FeedHub(SystemClock())
    feed = hub.subscribe()
    hub.publish([Topic.FAILURES], ["j-1"])
    hub.publish([Topic.EVENTS], ["j-2"])
    assert await feed.wait(1) == Changes(frozenset({Topic.FAILURES, Topic.EVENTS}), frozenset({"j-1", "j-2"}))
    assert await feed.wait(0) == Changes()


async def test_a_change_wakes_a_sleeping_subscriber() -> None:
    hub = FeedHub(SystemClock())
    feed = hub.subscribe()
    waiting = asyncio.ensure_future(feed.wait(30))
    await asyncio.sleep(0)
    hub.publish([Topic.STATUS])
    assert (await waiting).topics == {Topic.STATUS}


async def test_too_many_ids_become_everything_and_memory_stays_flat() -> None:
    hub = FeedHub(SystemClock(), max_ids=10)
    feed = hub.subscribe()
    for number in range(1_000):
        hub.publish([Topic.FAILURES], [f"j-{number}"])
    changes = await feed.wait(1)
    assert changes.everything
    assert changes.master_job_ids == frozenset()
    assert not (await feed.wait(0)).everything


async def test_a_closed_feed_hears_nothing_and_closes_twice() -> None:
    hub = FeedHub(SystemClock())
    feed = hub.subscribe()
    feed.close()
    feed.close()
    hub.publish([Topic.FAILURES], ["j-1"])
    assert await feed.wait(0) == Changes()


Published = st.lists(st.tuples(st.sampled_from(Topic), st.sampled_from(["a", "b", "c", "d", "e"])), max_size=30)


@given(Published, st.integers(0, 5))
async def test_every_id_arrives_or_everything_does(published: list[tuple[Topic, str]], max_ids: int) -> None:
    hub = FeedHub(SystemClock(), max_ids)
    feed = hub.subscribe()
    for topic, job_id in published:
        hub.publish([topic], [job_id])
    changes = await feed.wait(0)
    assert changes.topics == {topic for topic, _ in published}
    assert changes.everything or changes.master_job_ids == {job_id for _, job_id in published}
    assert len(changes.master_job_ids) <= max_ids
