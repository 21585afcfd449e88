"""What is stored comes back as it was."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from aof_tui.domain.model import ErrorParts, Failure
from aof_tui.store.mapping import failure_from, failure_params
from aof_tui.store.port import Tx
from tests.domain.builders import failure
from tests.store.conftest import AnyStore

TOLD = ErrorParts("Request timeout: no answer", "Request timeout", "netsuite", "no answer", 504, 1, "add_record")
CHANGED = ErrorParts("Bad request: no", "Bad request", "jira", "no", 400, 2, "get_issue")


async def put(kept: Failure, tx: Tx) -> None:
    await tx.execute("failure_put", failure_params(kept, 1.0))


async def test_every_part_of_an_error_that_decisions_rest_on_is_kept(store: AnyStore) -> None:
    for error in (TOLD, CHANGED):
        wanted = replace(failure(), error=error)
        await store.write(partial(put, wanted))
        key = {"workspace": wanted.workspace, "master_job_id": wanted.master_job_id}
        [row] = await store.read("failure_get", key)
        assert failure_from(row) == wanted
