"""What a shell may complete: the closed words of filters, and names that the engine or its store knows now.

Nothing is said where nothing can be asked, no secret is read, and a shell waits at most `WITHIN_S` for names.
"""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import AsyncGenerator, Callable, Mapping, MutableMapping, Sequence
from contextlib import aclosing, redirect_stderr, suppress
from typing import TYPE_CHECKING

import typer
from msgspec.structs import replace

from aof_tui.base.clock import SystemClock
from aof_tui.base.errors import AofError
from aof_tui.domain.words import FailureStatus

if TYPE_CHECKING:
    from aof_tui.control.filters import Fields
    from aof_tui.control.protocol import Queries

    Ask = Callable[[Queries], AsyncGenerator[str, None]]

WITHIN_S = 0.8
MOST = 100
"""Names offered of each kind."""
PAGE = 500
PLAIN = re.compile(r"[\w:.@-]+")
"""What no shell reads in a way of its own; the scripts of some do not hide the rest from it."""
FITTING: Mapping[str, tuple[str, ...]] = {"cancel": (FailureStatus.SCHEDULED,), "release": (FailureStatus.HELD,)}
"""Commands that make sense only for failures of these statuses."""


def step_over_colon(environ: MutableMapping[str, str]) -> None:
    """Bash, which alone sets these, takes a colon for a word: what is completed behind it is the next, empty one."""
    place = environ.get("COMP_CWORD", "")
    if place.isdecimal() and environ.get("COMP_WORDS", "").split("\n")[int(place) : int(place) + 1] == [":"]:
        environ["COMP_CWORD"] = str(int(place) + 1)


def filter_words(ctx: typer.Context, incomplete: str) -> list[str]:
    """The next piece of a filter."""
    from aof_tui.control import filters

    group = ctx.parent.info_name if ctx.parent is not None else None
    known = {
        "failures": filters.FAILURE_FIELDS,
        "incidents": filters.INCIDENT_FIELDS,
        "log": filters.EVENT_FIELDS,
        "notifications": filters.NOTICE_FIELDS,
    }
    name = group if group in known else ctx.info_name
    return next_words(known[name or ""], ctx.params.get("words") or (), incomplete)


def next_words(known: Fields, before: Sequence[str], incomplete: str) -> list[str]:
    """What may stand in place of an incomplete end of a filter, given the words before it."""
    if list(before[-1:]) == [":"] and before[:-1]:
        return [word for word in _words(known, before[-2]) if word.startswith(incomplete)]
    done, blank, last = incomplete.rpartition(" ")
    name, colon, _ = last.partition(":")
    names = [one for one in known if one == name or (not colon and one.startswith(last))]
    # One name alone goes on with its words, because shells put a blank behind what is the only way to go on.
    found = [f"{one}:{word}" for one in names for word in _words(known, one)] if len(names) == 1 else []
    return [f"{done}{blank}{word}" for word in found or [f"{one}:" for one in names] if word.startswith(last)]


def _words(known: Fields, name: str) -> tuple[str, ...]:
    return known[name].words if name in known else ()


def checks(_ctx: typer.Context, incomplete: str) -> list[str]:
    """The troubles of `status --fail-on`, with commas between."""
    from aof_tui.cli.troubles import NONE, Check

    done, comma, _ = incomplete.rpartition(",")
    return [f"{done}{comma}{check}" for check in (*Check, *(() if comma else (NONE,)))]


def jobs(ctx: typer.Context, incomplete: str) -> list[str]:
    """The original jobs of failures that the command may be about."""
    return _asked(ctx, incomplete, _jobs(ctx, incomplete))


def incidents(ctx: typer.Context, incomplete: str) -> list[str]:
    """Incidents that the command may be about."""
    return _asked(ctx, incomplete, _incidents(ctx))


def jobs_and_incidents(ctx: typer.Context, incomplete: str) -> list[str]:
    """What `why` can be asked about."""
    return _asked(ctx, incomplete, _incidents(ctx), _jobs(ctx, incomplete))


def workspaces(ctx: typer.Context, incomplete: str) -> list[str]:
    """The workspaces that are known."""

    async def ask(queries: Queries) -> AsyncGenerator[str, None]:
        for state in (await queries.status()).workspaces:
            yield state.workspace

    return _asked(ctx, incomplete, ask)


def downstreams(ctx: typer.Context, incomplete: str) -> list[str]:
    """Downstreams whose breaker is not closed."""

    async def ask(queries: Queries) -> AsyncGenerator[str, None]:
        for breaker in (await queries.status()).breakers:
            yield breaker.downstream

    return _asked(ctx, incomplete, ask)


def _jobs(ctx: typer.Context, incomplete: str) -> Ask:
    from aof_tui.control.requests import FailureQuery

    name = ctx.info_name or ""
    query = FailureQuery(
        statuses=FITTING.get(name, ()),
        text=(incomplete,) if incomplete else (),
        only_open=name not in ("show", "why"),
        limit=PAGE if incomplete else MOST,
    )

    async def ask(queries: Queries) -> AsyncGenerator[str, None]:
        # The words typed so far stand in titles and errors, too: page after page, until enough jobs begin with them.
        cursor: str | None = None
        while True:
            page = await queries.failures(replace(query, cursor=cursor))
            for row in page.rows:
                yield row.master_job_id
            if (cursor := page.cursor) is None:
                return

    return ask


def _incidents(ctx: typer.Context) -> Ask:
    from aof_tui.control.requests import IncidentQuery

    query = IncidentQuery(only_open=ctx.info_name not in ("show", "why"), limit=MOST)

    async def ask(queries: Queries) -> AsyncGenerator[str, None]:
        for row in (await queries.incidents(query)).rows:
            yield row.incident

    return ask


def _asked(ctx: typer.Context, incomplete: str, *asks: Ask) -> list[str]:
    """What the engine or store that the line names answers in time to each, as far as it can stand there.

    That is what begins like the word typed, was not typed before, and means the same in every shell.
    """
    from aof_tui.cli.listing import Wanted, opened

    wanted = Wanted(ctx.params.get("config"), ctx.params.get("socket"))
    typed = {word for value in ctx.params.values() if isinstance(value, list | tuple) for word in value}
    found: list[str] = []

    async def run() -> None:
        async with SystemClock().deadline(WITHIN_S), opened(wanted) as store:
            for ask in asks:
                room = MOST
                async with aclosing(ask(store.queries)) as names:
                    async for name in names:
                        if name.startswith(incomplete) and name not in typed and PLAIN.fullmatch(name):
                            typed.add(name)
                            found.append(name)
                            room -= 1
                        if not room:
                            break

    with suppress(AofError, OSError, TimeoutError), redirect_stderr(io.StringIO()):
        asyncio.run(run())
    return found
