"""Reads secrets for the engine and remembers them, so that no log line can show one."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Lock

from aof_tui.base.secret import Secret
from aof_tui.config.secrets import SecretRef

SHORTEST = 4
"""A shorter secret is not looked for: it would blacken every other word."""
MOST = 64
MARK = "‹secret›"


class KnownSecrets:
    """All secrets that were read, the newest ones where they are rotated."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._values: dict[str, None] = {}
        self._noting = Lock()
        """A reload reads secrets in a thread of its own."""

    def read(self, reference: SecretRef) -> Secret:
        """The secret as it is now. Raises SecretError."""
        secret = reference.resolve(self._environ)
        self.note(secret)
        return secret

    def note(self, secret: Secret) -> None:
        """Remember a secret that came from elsewhere."""
        value = secret.reveal()
        if len(value) >= SHORTEST:
            with self._noting:
                self._values.pop(value, None)
                self._values[value] = None
                if len(self._values) > MOST:
                    del self._values[next(iter(self._values))]

    def scrub(self, text: str) -> str:
        """The text without any of the secrets; the longest first, for one may hold another."""
        values = self._values.copy()  # a secret may be read in another thread meanwhile
        for value in sorted(values, key=len, reverse=True):
            text = text.replace(value, MARK)
        return text
