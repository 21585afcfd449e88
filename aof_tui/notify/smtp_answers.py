"""What a mail server's answers mean for a message. RFC 5321 §4.2.1: 4xx try again, 5xx do not."""

from __future__ import annotations

import aiosmtplib

from aof_tui.base.text import one_line
from aof_tui.notify.channels import Dead, Delivery, Postponed, Trouble

MAX_REPLY = 200
_AUTH_REQUIRED = frozenset({530, 534, 535, 538})


def read_failure(error: Exception, *, handed_over: bool) -> Delivery:
    """What became of a message. `handed_over`: its text was on the way, so without a reply it may have arrived."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return _recipients(error.recipients)
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        # The reply may repeat what was sent, so it is not shown.
        return Postponed(Trouble.AUTH if error.code >= 500 else Trouble.SERVER, f"mail: {error.code} at the login")
    if isinstance(error, aiosmtplib.SMTPResponseException) and error.code > 0:
        refused = Trouble.INVALID if isinstance(error, aiosmtplib.SMTPDataError) else Trouble.REFUSED
        return _reply(error.code, error.message, refused)
    if handed_over:
        return Postponed(Trouble.NO_ANSWER, f"mail: {type(error).__name__} after DATA", ambiguous=True)
    if isinstance(error, OSError):
        return Postponed(Trouble.NETWORK, f"mail: {_said(error)}")
    if isinstance(error, aiosmtplib.SMTPException):
        # No reply and no lost connection: the server does not offer the encryption or the login we insist on.
        return Postponed(Trouble.AUTH, f"mail: {_said(error)}")
    return Dead(Trouble.INVALID, f"mail: {_said(error)}")


def _said(error: Exception) -> str:
    return one_line(str(error))[:MAX_REPLY] or type(error).__name__


def _reply(code: int, message: str, refused: Trouble) -> Delivery:
    text = f"mail: {code} {one_line(message)[:MAX_REPLY]}".rstrip()
    if code in _AUTH_REQUIRED:
        return Postponed(Trouble.AUTH, text)
    return Dead(refused, text) if 500 <= code < 600 else Postponed(Trouble.SERVER, text)


def _recipients(refusals: list[aiosmtplib.SMTPRecipientRefused]) -> Delivery:
    """Nobody was accepted: one who may be accepted later keeps the message alive."""
    first = min(refusals, key=lambda refusal: refusal.code)
    return _reply(first.code, first.message, Trouble.REFUSED)
