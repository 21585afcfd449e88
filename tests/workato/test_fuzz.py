"""Whatever the other side sends, only a WorkatoError comes out, and a repeat is never called accepted for nothing."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from copy import deepcopy
from typing import Any

import httpx
from hypothesis import given
from hypothesis import strategies as st

from aof_tui.simulator.virtual_time import VirtualClock, run_virtual
from aof_tui.workato.answers import JobOutcome, RepeatAnswer, RequestOutcome
from aof_tui.workato.client import WorkatoClient
from aof_tui.workato.errors import WorkatoError
from tests.workato.payloads import connection, job_detail, job_list, line, listed_job, me, recipe
from tests.workato.test_client import client_of

CALLS: dict[str, Callable[[WorkatoClient], Awaitable[object]]] = {
    "me": lambda client: client.me(),
    "recipes": lambda client: client.recipes_page(1),
    "recipe": lambda client: client.recipe("12389"),
    "jobs": lambda client: client.jobs_page("42"),
    "job": lambda client: client.job("42", "j-AbCdEfGh-ijKLmN"),
    "connections": lambda client: client.connections(),
    "projects": lambda client: client.projects(),
    "folders": lambda client: client.folders(),
    "tags": lambda client: client.tags(),
}
GOOD: dict[str, Any] = {
    "me": me(),
    "recipes": {"items": [recipe(), recipe(id=2)]},
    "recipe": recipe(),
    "jobs": job_list(listed_job(), listed_job(id="j-b", master_job_id="j-a")),
    "job": job_detail(line(1), line(2, code=503, error="x")),
    "connections": [connection()],
    "projects": [{"id": 1, "name": "p", "folder_id": 2}],
    "folders": [{"id": 1, "name": "p", "parent_id": 2, "project_id": 3}],
    "tags": [{"handle": "tag-a", "title": "t"}],
}
ACCEPTED = {"results": [{"job_id": "j-a", "status": "enqueued"}, {"job_id": "j-b", "status": "failed", "error": "x"}]}

strange = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.just(10**4000),
    st.just("[" * 5),
    st.floats(),
    st.text(st.characters()),
    st.just("\ud800\x1b]0;x\x07"),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.none(), max_size=2),
    st.just([[[[{"a": [None]}]]]]),
)


@st.composite
def mutated(draw: st.DrawFn, value: Any) -> bytes:
    """The JSON of a value in which some parts were replaced, left out or doubled, and bytes perhaps spoiled."""
    whole = [deepcopy(value)]
    for _ in range(draw(st.integers(0, 4))):
        place: Any = whole
        while True:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            if isinstance(place[key], dict | list) and place[key] and draw(st.booleans()):
                place = place[key]
                continue
            if place is not whole and draw(st.booleans()):
                del place[key]
            else:
                place[key] = deepcopy(draw(strange))
            break
    body = bytearray(json.dumps(whole[0]).encode())
    for _ in range(draw(st.integers(0, 2)) if draw(st.booleans()) else 0):
        at = draw(st.integers(0, len(body)))
        body[at : at + draw(st.integers(0, 3))] = draw(st.binary(max_size=3))
    return bytes(body[: draw(st.integers(0, len(body)))] if draw(st.integers(0, 9)) == 0 else body)


headers = st.dictionaries(
    st.sampled_from(["Content-Type", "Retry-After", "Location", "Content-Encoding", "Set-Cookie", "Content-Length"]),
    st.sampled_from(["application/json", "text/html", "gzip", "br", "zzz", "-1", "//[", "Fri, 99 X", "a=b; max-age=x"])
    | st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF), max_size=20),
    max_size=3,
)
statuses = st.sampled_from([200] * 6 + [201, 204, 301, 302, 304, 400, 401, 403, 404, 409, 418, 422, 429, 500, 502, 599])


def answer_with(status: int, body: bytes, said: dict[str, str]) -> Callable[[httpx.Request], Awaitable[httpx.Response]]:
    class Body(httpx.AsyncByteStream):
        async def __aiter__(self) -> Any:
            yield body

    async def answer(_: httpx.Request) -> httpx.Response:
        encoded = [(name.encode(), value.encode("latin-1")) for name, value in said.items()]
        return httpx.Response(status, headers=encoded, stream=Body())

    return answer


@given(st.data())
def test_reads_raise_nothing_but_workato_errors(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(CALLS)))
    body = data.draw(mutated(GOOD[name]))
    answer = answer_with(data.draw(statuses), body, data.draw(headers))

    async def main(clock: VirtualClock) -> None:
        async with client_of(answer, clock) as client:
            with suppress(WorkatoError):
                await CALLS[name](client)

    run_virtual(main)


@given(mutated(ACCEPTED), statuses, headers)
def test_a_repeat_always_ends_in_an_answer(body: bytes, status: int, said: dict[str, str]) -> None:
    async def main(clock: VirtualClock) -> RepeatAnswer:
        async with client_of(answer_with(status, body, said), clock) as client:
            return await client.repeat("42", ["j-a", "j-b"], "d")

    answer = run_virtual(main)
    assert [one.job_id for one in answer.jobs] == ["j-a", "j-b"]
    assert answer.outcome is not RequestOutcome.NOT_SENT
    accepted = [one.job_id for one in answer.jobs if one.outcome is JobOutcome.ACCEPTED]
    if accepted:
        assert status == 200
        assert body.count(b"enqueued") >= len(accepted)


def test_the_unspoiled_answers_are_read() -> None:
    async def main(clock: VirtualClock) -> None:
        for name, call in CALLS.items():
            body = json.dumps(GOOD[name]).encode()
            async with client_of(answer_with(200, body, {"Content-Type": "application/json"}), clock) as client:
                assert await call(client), name

    run_virtual(main)
