"""Secrets by reference: the configuration names where a secret lies, never the secret itself."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from aof_tui.base.errors import UsageError
from aof_tui.base.secret import Secret

ADVICE = (
    "a secret is never written here: put it in the environment and write env:NAME, or in a file and write file:/path"
)
ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
REFERENCE_PATTERN = r"^(env:[A-Za-z_][A-Za-z0-9_]{0,127}|file:.+)$"
MAX_BYTES = 64 * 1024
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class SecretError(UsageError):
    """A secret cannot be read from where the configuration says it lies."""


@dataclass(frozen=True, slots=True)
class SecretRef:
    """Where a secret lies: an environment variable, or a file only we can read."""

    source: Literal["env", "file"]
    where: str

    @classmethod
    def parse(cls, text: str, folder: Path | None = None) -> SecretRef:
        """Read `env:NAME` or `file:/path`; a relative path is taken from `folder`. ValueError never shows the text."""
        source, _, where = text.partition(":")
        if source == "env" and ENV_NAME.fullmatch(where):
            return cls("env", where)
        if source == "file" and where and not _CONTROL.search(where):
            try:
                path = Path(where).expanduser()
            except RuntimeError:
                raise ValueError("names a home folder that is not known") from None
            return cls("file", str(folder / path if folder else path))
        raise ValueError(ADVICE)

    def __str__(self) -> str:
        return f"{self.source}:{self.where}"

    def resolve(self, environ: Mapping[str, str]) -> Secret:
        """Read the secret now; a rotated one is found by calling again. SecretError says what is wrong."""
        if self.source == "env":
            return Secret(self._checked(environ.get(self.where, "")))
        return Secret(self._checked(self._read(environ.get("CREDENTIALS_DIRECTORY"))))

    def _checked(self, value: str) -> str:
        if not value:
            raise SecretError(f"{self}: is {'not set' if self.source == 'env' else 'empty'}")
        if not value.strip():
            raise SecretError(f"{self}: is blank")
        if _CONTROL.search(value):
            raise SecretError(f"{self}: holds more than one line of plain text")
        return value

    def _read(self, credentials: str | None) -> str:
        inside = credentials is not None and Path(self.where).parent == Path(credentials)
        try:
            with open(self.where, "rb", opener=_open) as file:
                status = os.fstat(file.fileno())
                if why := refusal(status.st_mode, status.st_uid, os.getuid(), is_credential=inside):
                    raise SecretError(f"{self}: {why}")
                content = file.read(MAX_BYTES + 1)
        except OSError as error:
            link = error.errno == errno.ELOOP
            raise SecretError(f"{self}: {'is a symbolic link' if link else error.strerror}") from None
        if len(content) > MAX_BYTES:
            raise SecretError(f"{self}: is larger than {MAX_BYTES // 1024} KiB")
        try:
            return content.decode().removesuffix("\n").removesuffix("\r")
        except UnicodeDecodeError:
            raise SecretError(f"{self}: is not UTF-8 text") from None


def _open(path: str, flags: int) -> int:
    # Without O_NONBLOCK, opening a pipe would wait for a writer.
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


def refusal(mode: int, owner: int, me: int, *, is_credential: bool) -> str | None:
    """Say why a file of this mode and owner may not hold a secret, or None if it may.

    `is_credential`: the file lies in systemd's credentials directory. systemd lets a service read it by an access
    control list, whose mask shows as the group's read bit although no group may read.
    """
    if not stat.S_ISREG(mode):
        return "is not a regular file"
    if owner not in (me, 0):
        return "belongs to another user"
    others = stat.S_IMODE(mode) & 0o077
    if is_credential and owner == 0:
        others &= ~0o040
    return "can be read or written by others: run chmod 600 on it" if others else None
