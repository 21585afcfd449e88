"""Workato's Developer API as typed calls: paced, with a total deadline each, and never retried."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from hashlib import sha256
from types import TracebackType
from typing import Self, TypeVar
from urllib.parse import quote, urlsplit

from aof_tui.base.clock import Clock
from aof_tui.base.errors import AofError, UsageError
from aof_tui.base.secret import Secret
from aof_tui.config.values import is_loopback
from aof_tui.domain.model import Connection, JobDetail, Recipe, Run
from aof_tui.policy.agents import AgentState
from aof_tui.workato import answers, jobs, lists, on_prem, payload, recipe_start
from aof_tui.workato.answers import RepeatAnswer
from aof_tui.workato.errors import BadPage, NotSent, RateLimited, WorkatoError
from aof_tui.workato.families import Pacers
from aof_tui.workato.http import exchange, fetch
from aof_tui.workato.known_pages import KnownPages
from aof_tui.workato.on_prem import OnPremAgent, OnPremGroup
from aof_tui.workato.pacer import Pacer, Priority
from aof_tui.workato.recipe_start import RecipeStart
from aof_tui.workato.rows import Folder, Identity, JobsPage, Project, Tag
from aof_tui.workato.starts import mentioned
from aof_tui.workato.transport import TransportFactory, http_client

READ_DEADLINE_S = 40.0
REPEAT_DEADLINE_S = 45.0
"""Workato itself gives up after 40 s; after its answer can no longer come, ours is settled too."""
READ_CAP_BYTES = 8 * 1024 * 1024
REPEAT_CAP_BYTES = 1024 * 1024
PER_PAGE = 100
MAX_PAGES = 100
"""Of lists that are read whole: more than any workspace may hold (Workato docs, limits: 1,000 tags)."""

Row = TypeVar("Row", Project, Folder, Tag)
Params = dict[str, str]


class WorkatoClient:
    """One API client of one workspace. Every call raises only WorkatoError, and CancelledError when it is cancelled."""

    def __init__(
        self,
        base_url: str,
        token: Callable[[], Secret],
        transport_factory: TransportFactory,
        clock: Clock,
        pacers: Pacers,
        *,
        read_deadline_s: float = READ_DEADLINE_S,
        repeat_deadline_s: float = REPEAT_DEADLINE_S,
    ) -> None:
        """`base_url` is the origin, without `/api`. The token is asked for before each request: it may be rotated."""
        parts = urlsplit(base_url)
        if not (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))):
            raise UsageError("a workspace's url must begin with https:// (http:// is only for this machine)")
        self.pacers = pacers
        self._api = f"{base_url.rstrip('/')}/api"
        self._token = token
        self._transport_factory = transport_factory
        self._clock = clock
        self._read_deadline_s = read_deadline_s
        self._repeat_deadline_s = repeat_deadline_s
        self._http = http_client(transport_factory())
        self._pages = KnownPages()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections kept for reading."""
        await self._http.aclose()

    async def me(self, priority: Priority = Priority.GUARD) -> Identity:
        """The workspace that the token belongs to (Workato docs: `users/me`)."""
        return lists.identity(await self._read(self.pacers.others, "users/me", {}, priority))

    async def recipes_page(
        self, page: int, per_page: int = PER_PAGE, priority: Priority = Priority.COLLATE
    ) -> tuple[Recipe, ...]:
        """One page of the recipe list, the first is 1; a page shorter than `per_page` is the last."""
        _, recipes = await self.recipes_page_unless(b"", page, per_page, priority)
        return recipes or ()

    async def recipes_page_unless(
        self, known: bytes, page: int, per_page: int = PER_PAGE, priority: Priority = Priority.COLLATE
    ) -> tuple[bytes, tuple[Recipe, ...] | None]:
        """A page with its digest; None in place of its recipes where the digest is the known one.

        Most pages of most sweeps are as they were: to understand one takes much longer than to see that.
        """
        params = {"page": str(page), "per_page": str(per_page), "exclude_code": "true", "includes[]": "tags"}
        await self.pacers.recipes.turn(priority)
        body = await self._body(self.pacers.recipes, "recipes", params)
        digest = sha256(body).digest()
        return digest, None if digest == known else lists.recipes(payload.decode(body))

    async def recipe(self, recipe_id: str, priority: Priority = Priority.GUARD) -> Recipe:
        """One recipe; its tags are not among what this endpoint tells."""
        params = {"exclude_code": "true"}
        value = await self._read(self.pacers.recipes, f"recipes/{_segment(recipe_id)}", params, priority)
        return lists.recipe(recipe_id, value)

    async def jobs_page(
        self,
        recipe_id: str,
        status: str | None = None,
        rerun_only: bool = False,
        offset_job_id: str | None = None,
        priority: Priority = Priority.COLLATE,
    ) -> JobsPage:
        """A recipe's jobs, newest first; `offset_job_id` asks for those older than it. An empty page is the end.

        `status` is one of Workato's filter words: succeeded, failed, pending (Workato docs: jobs).
        """
        params: Params = {}
        if status is not None:
            params["status"] = status
        if rerun_only:
            params["rerun_only"] = "true"
        if offset_job_id is not None:
            params["offset_job_id"] = offset_job_id
        path = f"recipes/{_segment(recipe_id)}/jobs"
        await self.pacers.jobs.turn(priority)
        asked_boot = self._clock.boot()
        return self._pages.read(recipe_id, await self._body(self.pacers.jobs, path, params), asked_boot)

    async def job(self, recipe_id: str, job_id: str, priority: Priority = Priority.COLLATE) -> tuple[Run, JobDetail]:
        """One job with its failed step (Workato docs: get a job)."""
        path = f"recipes/{_segment(recipe_id)}/jobs/{_segment(job_id)}"
        return jobs.job(recipe_id, job_id, await self._read(self.pacers.jobs, path, {}, priority))

    async def connections(self, priority: Priority = Priority.SLOW) -> tuple[Connection, ...]:
        """All connections; this list has no pages (Workato docs: connections)."""
        return lists.connections(await self._read(self.pacers.connections, "connections", {}, priority))

    async def projects(self, priority: Priority = Priority.SLOW) -> tuple[Project, ...]:
        """All projects."""
        return await self._whole("projects", {}, lists.projects, priority)

    async def folders(self, parent_id: str | None = None, priority: Priority = Priority.SLOW) -> tuple[Folder, ...]:
        """The folders directly in a folder, or at home."""
        params = {} if parent_id is None else {"parent_id": parent_id}
        return await self._whole("folders", params, lists.folders, priority)

    async def tags(self, priority: Priority = Priority.SLOW) -> tuple[Tag, ...]:
        """All tags of the workspace."""
        return await self._whole("tags", {}, lists.tags, priority)

    async def on_prem_groups(self, priority: Priority = Priority.SLOW) -> tuple[OnPremGroup, ...]:
        """All groups of on-prem agents (Workato docs: on-prem)."""
        return on_prem.groups(await self._read(self.pacers.others, "on_prem_groups", {}, priority))

    async def on_prem_agents(self, priority: Priority = Priority.SLOW) -> tuple[OnPremAgent, ...]:
        """All on-prem agents."""
        return on_prem.agents(await self._read(self.pacers.others, "on_prem_agents", {}, priority))

    async def on_prem_group_status(self, group_id: str, priority: Priority = Priority.SLOW) -> AgentState:
        """What Workato says of a whole group; the shape of this answer is not documented."""
        path = f"on_prem_groups/{_segment(group_id)}/status"
        return on_prem.status(await self._read(self.pacers.others, path, {}, priority))

    async def job_mentions(
        self, recipe_id: str, job_id: str, words: Collection[str], priority: Priority = Priority.WATCH
    ) -> str | None:
        """Which of the words stands in a job's detail; None if none does, or more than one.

        Whether a detail shows what a job was started with is not established: its absence proves nothing.
        """
        path = f"recipes/{_segment(recipe_id)}/jobs/{_segment(job_id)}"
        return mentioned(await self._read(self.pacers.jobs, path, {}, priority), words)

    def opened(self, path: str) -> tuple[str, dict[str, str]]:
        """The address of an endpoint, and the headers that open it. Raises NotSent without a usable token."""
        return f"{self._api}/{path}", self._headers()

    async def repeat(self, recipe_id: str, job_ids: Sequence[str], dispatch_id: str) -> RepeatAnswer:
        """Ask Workato once to run the jobs again; never raises a WorkatoError, what came of it is the answer.

        The caller holds a turn of `pacers.repeats` and has committed the dispatch. A connection of its own is opened
        and closed, so that no stale one can leave a doubt. Cancelled, it leaves one: nothing tells whether it was sent.
        """
        if not 1 <= len(job_ids) <= self.pacers.jobs_per_repeat or len(set(job_ids)) != len(job_ids):
            raise ValueError(f"a repeat names 1 to {self.pacers.jobs_per_repeat} different jobs")
        try:
            path = f"recipes/{_segment(recipe_id)}/repeat_jobs"
            value = await self._act("POST", path, {"job_ids": list(job_ids)}, dispatch_id)
        except WorkatoError as error:
            if isinstance(error, RateLimited):
                self.pacers.repeats.slow_down(error.retry_after_s)
            return answers.from_error(job_ids, error)
        return answers.from_payload(job_ids, value)

    async def start_recipe(self, recipe_id: str, dispatch_id: str) -> RecipeStart:
        """Ask Workato once to set a stopped recipe running; never raises a WorkatoError (Workato docs: recipes).

        The caller holds a turn of `pacers.recipes` and has committed the dispatch. Workato starts it some time later:
        whether it runs is seen in the list of recipes.
        """
        try:
            value = await self._act("PUT", f"recipes/{_segment(recipe_id)}/start", None, dispatch_id)
        except WorkatoError as error:
            if isinstance(error, RateLimited):
                self.pacers.recipes.slow_down(error.retry_after_s)
            return recipe_start.from_error(error)
        return recipe_start.from_payload(value)

    async def _act(self, method: str, path: str, content: object, dispatch_id: str) -> object:
        headers = self._headers() | {"x-correlation-id": dispatch_id, "Connection": "close"}
        async with http_client(self._transport_factory()) as http:
            request = http.build_request(method, f"{self._api}/{path}", json=content, headers=headers)
            return await exchange(
                http, request, self._clock, deadline_s=self._repeat_deadline_s, cap_bytes=REPEAT_CAP_BYTES
            )

    async def _read(self, pacer: Pacer, path: str, params: Params, priority: Priority) -> object:
        await pacer.turn(priority)
        return await self._get(pacer, path, params)

    async def _get(self, pacer: Pacer, path: str, params: Params) -> object:
        return payload.decode(await self._body(pacer, path, params))

    async def _body(self, pacer: Pacer, path: str, params: Params) -> bytes:
        """The caller holds a turn of the pacer."""
        with self.pacers.circuit.judging():
            request = self._http.build_request("GET", f"{self._api}/{path}", params=params, headers=self._headers())
            try:
                return await fetch(
                    self._http, request, self._clock, deadline_s=self._read_deadline_s, cap_bytes=READ_CAP_BYTES
                )
            except RateLimited as error:
                pacer.slow_down(error.retry_after_s)
                raise

    async def _whole(
        self, path: str, params: Params, rows_of: Callable[[object], tuple[Row, ...]], priority: Priority
    ) -> tuple[Row, ...]:
        """All pages of a list. A server that ignores the page number repeats itself: nothing new is the end, too."""
        found: dict[Row, None] = {}
        for page in range(1, MAX_PAGES + 1):
            paged = params | {"page": str(page), "per_page": str(PER_PAGE)}
            rows = rows_of(await self._read(self.pacers.others, path, paged, priority))
            before = len(found)
            found.update(dict.fromkeys(rows))
            if len(rows) < PER_PAGE or len(found) == before:
                return tuple(found)
        raise BadPage(f"{path} has more than {MAX_PAGES} pages")

    def _headers(self) -> dict[str, str]:
        try:
            token = self._token().reveal()
        except AofError as error:
            raise NotSent(f"no token: {error}") from None
        if not token or not all("!" <= character <= "~" for character in token):
            raise NotSent("no token: it is empty, or holds blanks or characters that no header can carry")
        return {"Authorization": f"Bearer {token}"}


def _segment(text: str) -> str:
    return quote(text, safe="")
