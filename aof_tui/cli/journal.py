"""What systemd's journal wants of lines that a service writes to its standard error."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping

_PRIORITIES = ((logging.CRITICAL, 2), (logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6))
_DEBUG = 7
STDERR = 2
"""The descriptor of standard error."""


def is_journal(descriptor: int, environ: Mapping[str, str]) -> bool:
    """Whether what is written there goes to the journal (systemd.exec: JOURNAL_STREAM, device and inode)."""
    try:
        there = os.fstat(descriptor)
    except OSError:
        return False
    return environ.get("JOURNAL_STREAM") == f"{there.st_dev}:{there.st_ino}"


def priority_mark(level: int) -> str:
    """What a line of that level begins with (systemd: sd-daemon), so that `journalctl -p warning` finds it."""
    return f"<{next((priority for least, priority in _PRIORITIES if level >= least), _DEBUG)}>"


def complaint_mark(environ: Mapping[str, str]) -> str:
    """What a complaint on standard error begins with: nothing but in the journal."""
    return priority_mark(logging.ERROR) if is_journal(STDERR, environ) else ""
