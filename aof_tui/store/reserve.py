"""Space kept free for the last words of an engine on a full disk: `STORE.reserve`."""

from __future__ import annotations

import logging
import os
from pathlib import Path

RESERVE_BYTES = 16 * 1024 * 1024
CHUNK = b"\0" * (1024 * 1024)

logger = logging.getLogger(__name__)


class Reserve:
    """A file of nothing, deleted when its space is needed."""

    def __init__(self, store: Path, size: int = RESERVE_BYTES) -> None:
        store = store.resolve()
        self.path = store.with_name(f"{store.name}.reserve")
        self._size = size

    def hold(self) -> bool:
        """Make the file unless it is there; False where the disk has no room for it, which is only logged."""
        try:
            if self.path.is_file() and self.path.stat().st_size >= self._size:
                return True
            self._fill()
        except OSError as error:
            logger.warning("no reserve for a full disk can be kept: %s", error.strerror)
            self.release()
            return False
        return True

    def release(self) -> None:
        """Give the space back."""
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            logger.warning("the reserve for a full disk cannot be released: %s", error.strerror)

    def _fill(self) -> None:
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            # Written, not only allocated: an allocation is not to be had on every system.
            for _ in range(0, self._size, len(CHUNK)):
                os.write(descriptor, CHUNK)
        finally:
            os.close(descriptor)
