"""Nonsense in well-formed requests, asked of a real store through the socket: an answer or a refusal, never a fault."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aof_tui.base.clock import SystemClock
from aof_tui.control.metric_rows import MetricsRow
from aof_tui.control.requests import EventQuery, FailureQuery, IncidentQuery, NotificationQuery
from aof_tui.control.rows import EventRow, FailureRow, IncidentRow, NotificationRow, Page, ReportRow, Status, Story
from aof_tui.control.wire import StoryOf, Window
from aof_tui.store.read_only import open_reader
from tests.control.fake import BareControl
from tests.control.served import answered, raw, request, served, short_folder
from tests.store.seed import seeded

SEED = 4
TRIES = 300
KINDS = {
    "failures": FailureQuery,
    "incidents": IncidentQuery,
    "events": EventQuery,
    "notifications": NotificationQuery,
    "story": StoryOf,
    "report": Window,
    "metrics": Window,
}
NONSENSE: tuple[object, ...] = (
    *(
        "",
        "prod",
        "I1",
        "I99999999999999999999",
        "%",
        "_",
        "'; DROP TABLE event; --",
        '"',
        "\x00",
        "\ud800",
        "a" * 5_000,
    ),
    *("last_failed_at", "rowid", "WyJ4Il0=", "[[[", "\u202e", "NOT", "*"),
    *(0, 1, -1, 2**63 - 1, 2**63, -(2**70), 1e308, -0.5, True, None),
    *([], [""], ["prod"], ["'"], ["a"] * 2_000, ["\x00"], [["x"]], [None], {}, {"a": 1}),
)


class ReadingControl(BareControl):
    """A real store's answers, and no command that does anything."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path

    async def __aenter__(self) -> ReadingControl:
        self.reader = await open_reader(self.path, SystemClock())
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.reader.close()

    async def status(self) -> Status:
        return await self.reader.status()

    async def failures(self, query: FailureQuery) -> Page[FailureRow]:
        return await self.reader.failures(query)

    async def incidents(self, query: IncidentQuery) -> Page[IncidentRow]:
        return await self.reader.incidents(query)

    async def events(self, query: EventQuery) -> Page[EventRow]:
        return await self.reader.events(query)

    async def notifications(self, query: NotificationQuery) -> Page[NotificationRow]:
        return await self.reader.notifications(query)

    async def story(self, workspace: str, master_job_id: str) -> Story | None:
        return await self.reader.story(workspace, master_job_id)

    async def report(self, workspace: str, since: float, until: float) -> ReportRow:
        return await self.reader.report(workspace, since, until)

    async def metrics(self, workspace: str, since: float, until: float) -> MetricsRow:
        return await self.reader.metrics(workspace, since, until)


@asynccontextmanager
async def asked(folder: Path) -> AsyncIterator[Path]:
    store = folder / "aof.db"
    with seeded(store) as seed:
        seed.put("recipe")
        seed.put("incident", status="acknowledged")
        seed.put("failure", incident_id=1)
    async with ReadingControl(store) as control, served(control, folder / "run" / "a.sock"):
        yield folder / "run" / "a.sock"


async def test_no_nonsense_is_a_fault() -> None:
    chance = random.Random(SEED)
    faults = []
    codes = set()
    with short_folder() as folder:
        async with asked(folder) as socket:
            for _ in range(TRIES):
                name, kind = chance.choice(list(KINDS.items()))
                names = kind.__struct_fields__
                body = {"workspace": "prod", "master_job_id": "j-1", "since": 0, "until": 1e10}
                body = {key: value for key, value in body.items() if key in names}
                wrong = {one: chance.choice(NONSENSE) for one in chance.sample(names, chance.randint(1, 2))}
                async with asyncio.timeout(20):
                    code, answer = answered(await raw(socket, request("POST", name, body | wrong)))
                codes.add(code)
                if code not in (200, 400, 422):
                    faults.append((name, wrong, code, answer))
            code, answer = answered(await raw(socket, request("POST", "failures", {"only_open": False})))
            assert (code, answer["total"]) == (200, 1)
    assert faults == []
    assert codes == {200, 400, 422}
