"""What can come of a request to Workato. No message holds a secret or an unredacted body."""

from __future__ import annotations

from aof_tui.base.errors import AofError, TemporaryError


class WorkatoError(AofError):
    """Root of everything the client raises."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        """The HTTP status that was answered, if any was."""


class NotSent(WorkatoError):
    """Proven not to have reached Workato: no name, no connection, no TLS, no token."""

    exit_code = TemporaryError.exit_code


class Transient(WorkatoError):
    """It may have reached Workato, and the same read may succeed later: 5xx, a reset, a deadline."""

    exit_code = TemporaryError.exit_code


class BadPage(WorkatoError):
    """An answer of success that cannot be believed: cut, not JSON, of another shape, too large, a redirect."""


class Refused(WorkatoError):
    """Workato answered, and it is a definite no."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message, status)


class Unauthorized(Refused):
    """The token is not accepted (401), or a login page stands where the API should be (`status` is then its own)."""


class Forbidden(Refused):
    """The token is accepted but its client role lacks the privilege (403)."""


class NotFound(Refused):
    """No such thing in this workspace, or outside the client's projects (404)."""


class RateLimited(Refused):
    """Too many requests (429)."""

    exit_code = TemporaryError.exit_code

    def __init__(self, status: int, message: str, retry_after_s: float | None) -> None:
        super().__init__(status, message)
        self.retry_after_s = retry_after_s
        """What Workato asked for, as it asked; None where it said nothing usable."""
