"""The identity of an error's cause: what stays when ids, numbers and data are taken away."""

from __future__ import annotations

import hashlib

from aof_tui.domain.model import ErrorParts
from aof_tui.policy.normal_form import normalise

__all__ = ["VERSION", "fingerprint", "normalise"]

VERSION = "v1"


def fingerprint(error: ErrorParts) -> str:
    """`v1:` and 16 hex digits of what a jobs list tells: error type, adapter, normalised message.

    Only list fields go in, so a failure has its fingerprint before its detail is read.
    """
    message = error.text if error.message is None else error.message
    cause = f"{error.error_type}: {message}" if error.error_type else message
    parts = (normalise(error.adapter or ""), normalise(cause))
    return f"{VERSION}:{hashlib.sha256(chr(0x1F).join(parts).encode()).hexdigest()[:16]}"
