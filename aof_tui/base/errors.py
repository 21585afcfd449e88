"""The errors a user can meet, each with the exit code of its kind."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum


class AofError(Exception):
    """Root of all errors that end as one clear line for a person."""

    exit_code = 1


class UsageError(AofError):
    """The command line or the configuration asks for something that cannot be done."""

    exit_code = 2


class ConfigError(UsageError):
    """The configuration cannot be used; each problem is one line that names file and line."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class TemporaryError(AofError):
    """The same call may succeed later: an engine or Workato is unreachable, or the store is held."""

    exit_code = 3


class StoreHeldError(TemporaryError):
    """Another engine holds the store's lock."""


class StoreError(AofError):
    """The store cannot be used as it is: newer than this program, of another program, on a network file system."""

    exit_code = 2


class StoreFault(StrEnum):
    """What is wrong with the disk or the file below a store."""

    FULL = "full"
    IO = "io"
    """Reading, writing or flushing failed: what is in memory may not be what lies on the disk."""
    READ_ONLY = "read_only"
    CORRUPT = "corrupt"
    BUSY = "busy"
    """Another process keeps a lock on the file."""
    OTHER = "other"


class StoreFaultError(StoreError):
    """The disk or the file failed; the same call may succeed once that is mended."""

    exit_code = 3

    def __init__(self, message: str, fault: StoreFault) -> None:
        super().__init__(message)
        self.fault = fault
