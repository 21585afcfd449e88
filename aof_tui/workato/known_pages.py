"""Pages of jobs that are read again and again: one whose bytes are known is not understood anew."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

from aof_tui.workato import jobs, payload
from aof_tui.workato.rows import JobsPage

KEPT_BYTES = 1024 * 1024
"""Of bodies, as they came: it bounds what is kept of all of them."""


class KnownPages:
    """What the newest pages said, by their bytes.

    Guards, watches and looks at what rests ask for the same few lists, most of which are as they were. To understand a
    page takes longer than all else that a read does.
    """

    def __init__(self, kept_bytes: int = KEPT_BYTES) -> None:
        self._left = kept_bytes
        self._known: dict[tuple[str, bytes], tuple[JobsPage, int]] = {}
        """The page that was asked for longest ago comes first."""

    def read(self, recipe_id: str, body: bytes, asked_boot: float) -> JobsPage:
        """The page in the body of an answer, asked for at that boot time. Raises BadPage, each time anew."""
        key = (recipe_id, sha256(body).digest())
        page, size = self._known.pop(key, (None, 0))
        self._left += size
        if page is None:
            page = jobs.jobs_page(recipe_id, payload.decode(body), asked_boot)
        self._known[key] = (page, len(body))
        self._left -= len(body)
        while self._left < 0:
            _, forgotten = self._known.pop(next(iter(self._known)))
            self._left += forgotten
        return replace(page, asked_boot=asked_boot)
