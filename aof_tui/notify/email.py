"""E-mail by SMTP, one connection per message."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress

import aiosmtplib

from aof_tui.base.clock import Clock
from aof_tui.base.errors import AofError
from aof_tui.base.secret import Secret
from aof_tui.config.settings import Tls
from aof_tui.notify.channels import Checked, Delivered, Delivery, Postponed, Trouble
from aof_tui.notify.message import Message
from aof_tui.notify.render.mail import email_message
from aof_tui.notify.smtp_answers import read_failure

DEADLINE_S = 60.0
GOODBYE_S = 5.0

# ValueError: an address that cannot be written in ASCII.
_FAILURES = (aiosmtplib.SMTPException, OSError, ValueError)


class EmailChannel:
    """A mail server and the addresses written to."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        tls: Tls,
        login: tuple[str, Callable[[], Secret]] | None,
        sender: str,
        recipients: Sequence[str],
        clock: Clock,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        """`login` is the user name and where its password is read, anew for each connection."""
        self._host = host
        self._port = port
        self._tls = tls
        self._login = login
        self._sender = sender
        self._recipients = tuple(recipients)
        self._clock = clock
        self._deadline_s = deadline_s

    @property
    def name(self) -> str:
        return "email"

    async def send(self, message: Message, reference: str) -> Delivery:
        """Hand the mail over; a second copy after a lost answer carries the same Message-ID."""
        handed_over = False
        try:
            mail = email_message(message, reference, sender=self._sender, recipients=self._recipients)
            async with self._conversation() as smtp:
                warning = await self._address(smtp)
                handed_over = True
                await smtp.data(mail.as_bytes())
        except AofError as error:
            return Postponed(Trouble.AUTH, str(error))
        except _FAILURES as error:
            return read_failure(error, handed_over=handed_over)
        return Delivered(str(mail["Message-ID"]), warning)

    async def check(self) -> Checked:
        """Connect, greet, encrypt and log in as for a mail, but send none."""
        try:
            async with self._conversation() as smtp:
                await smtp.ehlo()
        except AofError as error:
            return Checked(False, str(error))
        except _FAILURES as error:
            failure = read_failure(error, handed_over=False)
            return Checked(False, "" if isinstance(failure, Delivered) else failure.error)
        return Checked(True, f"{self._host}:{self._port} answers" + (" and takes the login" if self._login else ""))

    @asynccontextmanager
    async def _conversation(self) -> AsyncIterator[aiosmtplib.SMTP]:
        """A connection within the deadline. What happens at the goodbye no longer concerns the mail."""
        smtp = self._client()
        try:
            async with self._clock.deadline(self._deadline_s):
                await smtp.connect()
                yield smtp
            with suppress(*_FAILURES):
                async with self._clock.deadline(GOODBYE_S):
                    await smtp.quit()
        finally:
            smtp.close()

    def _client(self) -> aiosmtplib.SMTP:
        user, password = (self._login[0], self._login[1]().reveal()) if self._login else (None, None)
        return aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            username=user,
            password=password,
            # The library would ask name servers for this machine's name, in a thread that no deadline ends.
            local_hostname=self._sender.rpartition("@")[2],
            timeout=None,
            use_tls=self._tls is Tls.TLS,
            start_tls=self._tls is Tls.STARTTLS,
        )

    async def _address(self, smtp: aiosmtplib.SMTP) -> str:
        """Name sender and receivers; says who was refused while others were accepted."""
        await smtp.mail(self._sender)
        refused: list[aiosmtplib.SMTPRecipientRefused] = []
        for recipient in self._recipients:
            try:
                await smtp.rcpt(recipient)
            except aiosmtplib.SMTPRecipientRefused as error:
                refused.append(error)
        if len(refused) == len(self._recipients):
            raise aiosmtplib.SMTPRecipientsRefused(refused)
        return "; ".join(f"{error.recipient} refused with {error.code}" for error in refused)
