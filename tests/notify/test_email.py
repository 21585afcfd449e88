"""The e-mail channel against a real SMTP peer."""

from __future__ import annotations

import email
import logging
import socket
from contextlib import AbstractAsyncContextManager
from email.message import Message
from email.policy import default

import aiosmtplib
import pytest
from aiosmtpd.smtp import Envelope
from hypothesis import given
from hypothesis import strategies as st

from aof_tui.base.clock import SystemClock
from aof_tui.base.errors import UsageError
from aof_tui.base.secret import Secret
from aof_tui.config.settings import Tls
from aof_tui.notify.channels import Checked, Dead, Delivered, Postponed, Trouble
from aof_tui.notify.email import GOODBYE_S, EmailChannel
from aof_tui.notify.smtp_answers import read_failure
from tests.notify.mail_peer import CERTIFICATE, PASSWORD, USER, MailPeer, mail_peer
from tests.notify.samples import notice

ANA, BOB = "ana@example.com", "bob@example.com"


def channel(
    peer: MailPeer,
    *,
    tls: Tls = Tls.NONE,
    password: str | None = None,
    deadline_s: float = 10.0,
    to: str = ANA,
    clock: SystemClock | None = None,
) -> EmailChannel:
    return EmailChannel(
        host="127.0.0.1",
        port=peer.port,
        tls=tls,
        login=None if password is None else (USER, lambda: Secret(password)),
        sender="aof@example.com",
        recipients=(to, BOB),
        clock=clock or SystemClock(),
        deadline_s=deadline_s,
    )


def read(envelope: Envelope) -> Message:
    assert isinstance(envelope.content, bytes)
    return email.message_from_bytes(envelope.content, policy=default)


async def test_a_mail_arrives() -> None:
    async with mail_peer() as peer:
        assert await channel(peer).send(notice(), "n-1") == Delivered("<n-1@example.com>")
        (envelope,) = peer.mails
        assert (envelope.mail_from, envelope.rcpt_tos) == ("aof@example.com", [ANA, BOB])
        mail = read(envelope)
        assert mail["Message-ID"] == "<n-1@example.com>"
        assert mail["Subject"] == "[prod] I7 Too many requests to NetSuite"
        assert channel(peer).name == "email"


@pytest.mark.parametrize(
    ("replies", "expected"),
    [
        ({"MAIL": "451 try later"}, Postponed(Trouble.SERVER, "mail: 451 try later")),
        ({"MAIL": "550 no such sender"}, Dead(Trouble.REFUSED, "mail: 550 no such sender")),
        ({"MAIL": "530 log in first"}, Postponed(Trouble.AUTH, "mail: 530 log in first")),
        (
            {f"RCPT {ANA}": "550 unknown", f"RCPT {BOB}": "550 unknown"},
            Dead(Trouble.REFUSED, "mail: 550 unknown"),
        ),
        (
            {f"RCPT {ANA}": "550 unknown", f"RCPT {BOB}": "450 greylisted"},
            Postponed(Trouble.SERVER, "mail: 450 greylisted"),
        ),
        ({f"RCPT {ANA}": "550 unknown"}, Delivered("<n-1@example.com>", f"{ANA} refused with 550")),
        ({"DATA": "452 disk full"}, Postponed(Trouble.SERVER, "mail: 452 disk full")),
        ({"DATA": "554 looks like spam"}, Dead(Trouble.INVALID, "mail: 554 looks like spam")),
        ({"DATA": "421 going down"}, Postponed(Trouble.SERVER, "mail: 421 going down")),
        (
            {"DATA": "drop"},
            Postponed(Trouble.NO_ANSWER, "mail: SMTPServerDisconnected after DATA", ambiguous=True),
        ),
    ],
)
async def test_replies_are_understood(replies: dict[str, str], expected: object) -> None:
    async with mail_peer() as peer:
        peer.replies = replies
        assert await channel(peer).send(notice(), "n-1") == expected


async def test_silence_after_data_is_ambiguous_and_the_second_copy_is_the_same_mail() -> None:
    async with mail_peer() as peer:
        peer.replies = {"DATA": "hang"}
        delivery = await channel(peer, deadline_s=0.5).send(notice(), "n-1")
        assert delivery == Postponed(Trouble.NO_ANSWER, "mail: TimeoutError after DATA", ambiguous=True)
        peer.replies = {}
        assert await channel(peer).send(notice(), "n-1") == Delivered("<n-1@example.com>")
        first, second = map(read, peer.mails)
        assert first["Message-ID"] == second["Message-ID"] == "<n-1@example.com>"


class HastyClock(SystemClock):
    def deadline(self, seconds: float) -> AbstractAsyncContextManager[object]:
        return super().deadline(min(seconds, 0.3) if seconds == GOODBYE_S else seconds)


@pytest.mark.parametrize("goodbye", ["hang", "drop", "500 what"])
async def test_what_happens_at_the_goodbye_does_not_matter(goodbye: str) -> None:
    async with mail_peer() as peer:
        peer.replies = {"QUIT": goodbye}
        assert await channel(peer, clock=HastyClock()).send(notice(), "n-1") == Delivered("<n-1@example.com>")
        assert len(peer.mails) == 1


async def test_a_server_that_never_greets_is_not_ambiguous() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        peer = MailPeer(port=mute.getsockname()[1])
        delivery = await channel(peer, deadline_s=0.3).send(notice(), "n-1")
    assert delivery == Postponed(Trouble.NETWORK, "mail: TimeoutError")


async def test_nobody_there_is_not_ambiguous() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        peer = MailPeer(port=unused.getsockname()[1])
        delivery = await channel(peer).send(notice(), "n-1")
        assert isinstance(delivery, Postponed)
        assert (delivery.trouble, delivery.ambiguous) == (Trouble.NETWORK, False)
        checked = await channel(peer).check()
        assert not checked.ok
        assert "Error connecting to 127.0.0.1" in checked.detail


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.TLS])
async def test_encrypted_with_a_login(tls: Tls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    async with mail_peer(starttls=tls is Tls.STARTTLS, tls=tls is Tls.TLS, auth=True) as peer:
        assert await channel(peer, tls=tls, password=PASSWORD).send(notice(), "n-1") == Delivered("<n-1@example.com>")
        assert peer.logins == [USER]
        assert peer.encrypted == [True]
        checked = await channel(peer, tls=tls, password=PASSWORD).check()
        assert checked == Checked(True, f"127.0.0.1:{peer.port} answers and takes the login")
        assert len(peer.mails) == 1


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.TLS])
async def test_an_unknown_certificate_is_refused(tls: Tls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    async with mail_peer(starttls=tls is Tls.STARTTLS, tls=tls is Tls.TLS) as peer:
        delivery = await channel(peer, tls=tls).send(notice(), "n-1")
        assert isinstance(delivery, Postponed)
        assert (delivery.trouble, delivery.ambiguous) == (Trouble.NETWORK, False)
        assert "certificate verify failed" in delivery.error
        assert peer.mails == []


async def test_without_starttls_nothing_is_sent() -> None:
    async with mail_peer(auth=True) as peer:
        delivery = await channel(peer, tls=Tls.STARTTLS, password=PASSWORD).send(notice(), "n-1")
        assert isinstance(delivery, Postponed)
        assert delivery.trouble is Trouble.AUTH
        assert "STARTTLS" in delivery.error
        assert (peer.logins, peer.mails) == ([], [])


async def test_a_wrong_password_stops_the_channel_and_is_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with mail_peer(auth=True) as peer:
        wrong = channel(peer, password="very-wrong-password")
        delivery = await wrong.send(notice(), "n-1")
        assert delivery == Postponed(Trouble.AUTH, "mail: 535 at the login")
        assert await wrong.check() == Checked(False, "mail: 535 at the login")
        assert "very-wrong-password" not in caplog.text + repr((delivery, wrong))
        assert peer.mails == []


async def test_an_unreadable_password_is_named_by_its_place() -> None:
    def unreadable() -> Secret:
        raise UsageError("file:/run/secrets/smtp: is empty")

    broken = EmailChannel(
        host="127.0.0.1", port=9, tls=Tls.NONE, login=(USER, unreadable), sender="a@example.com", recipients=(ANA,),
        clock=SystemClock(),
    )  # fmt: skip
    assert await broken.send(notice(), "n-1") == Postponed(Trouble.AUTH, "file:/run/secrets/smtp: is empty")
    assert await broken.check() == Checked(False, "file:/run/secrets/smtp: is empty")


async def test_an_address_that_cannot_be_written_ends_the_mail() -> None:
    async with mail_peer() as peer:
        delivery = await channel(peer, to="änne@example.com").send(notice(), "n-1")
        assert isinstance(delivery, Dead)
        assert delivery.trouble is Trouble.INVALID
        assert peer.mails == []


async def test_check_without_a_login() -> None:
    async with mail_peer() as peer:
        assert await channel(peer).check() == Checked(True, f"127.0.0.1:{peer.port} answers")


@given(st.integers(-1, 999), st.text(), st.booleans())
def test_any_reply_is_understood_somehow(code: int, text: str, handed_over: bool) -> None:
    for error in (
        aiosmtplib.SMTPResponseException(code, text),
        aiosmtplib.SMTPDataError(code, text),
        aiosmtplib.SMTPAuthenticationError(code, text),
        aiosmtplib.SMTPRecipientsRefused([aiosmtplib.SMTPRecipientRefused(code, text, ANA)]),
        aiosmtplib.SMTPException(text),
        OSError(text),
        ValueError(text),
    ):
        delivery = read_failure(error, handed_over=handed_over)
        assert isinstance(delivery, Postponed | Dead)
        assert len(delivery.error) < 300
        assert "\n" not in delivery.error
        if isinstance(error, aiosmtplib.SMTPAuthenticationError):
            assert delivery.error == f"mail: {code} at the login"
