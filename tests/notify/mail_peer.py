"""A mail server on this machine that keeps what it is sent and fails where a test says so."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

CERTIFICATE = Path(__file__).parent / "data" / "localhost.pem"
"""For localhost and 127.0.0.1, with its key, known to everybody: good for nothing but these tests."""

USER, PASSWORD = "aof", "very-secret-password"


@dataclass
class MailPeer:
    """Replies by command; a reply of `hang` never comes, `drop` closes the connection after the text was read."""

    port: int = 0
    replies: dict[str, str] = field(default_factory=dict)
    mails: list[Envelope] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)

    async def handle_MAIL(  # noqa: N802 – the name the server calls
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.replies.get("MAIL", "250 OK")

    async def handle_RCPT(  # noqa: N802 – the name the server calls
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        reply = self.replies.get(f"RCPT {address}", "250 OK")
        if reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(  # noqa: N802 – the name the server calls
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        self.mails.append(envelope)
        assert isinstance(server.transport, asyncio.Transport)
        self.encrypted.append(session.ssl is not None or server.transport.get_extra_info("sslcontext") is not None)
        return await self._reply(server, "DATA", "250 queued as 1")

    async def handle_QUIT(  # noqa: N802 – the name the server calls
        self, server: SMTP, _session: Session, _envelope: Envelope
    ) -> str:
        return await self._reply(server, "QUIT", "221 bye")

    async def _reply(self, server: SMTP, command: str, usual: str) -> str:
        reply = self.replies.get(command, usual)
        if reply == "hang":
            await asyncio.Event().wait()
        if reply == "drop":
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return reply

    def login(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: object
    ) -> AuthResult:
        assert isinstance(given, LoginPassword)
        self.logins.append(given.login.decode())
        return AuthResult(success=given == LoginPassword(USER.encode(), PASSWORD.encode()), handled=False)


@asynccontextmanager
async def mail_peer(*, starttls: bool = False, tls: bool = False, auth: bool = False) -> AsyncIterator[MailPeer]:
    """A peer on a free port of 127.0.0.1."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    peer, loop = MailPeer(), asyncio.get_running_loop()

    def serve() -> SMTP:
        return SMTP(
            peer,
            hostname="localhost",
            tls_context=context if starttls else None,
            require_starttls=starttls,
            auth_required=auth and starttls,  # the server warns where it cannot see the encryption
            auth_require_tls=starttls,
            authenticator=peer.login if auth else None,
            loop=loop,
        )

    server = await loop.create_server(serve, "127.0.0.1", 0, ssl=context if tls else None)
    try:
        peer.port = server.sockets[0].getsockname()[1]
        yield peer
    finally:
        server.close()
        await server.wait_closed()
