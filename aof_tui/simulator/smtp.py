"""A minimal mail server that keeps what it is given."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy

from aof_tui.simulator.kinds import Plain
from aof_tui.simulator.truth import Delivery, TruthLog

_LONGEST_MESSAGE = 1_000_000


class MailFault(Plain):
    """What the server answers instead of its usual answer; an empty answer closes the connection."""

    verb: str
    """The command, or `END` for the end of the message's data."""
    answer: str
    times: int | None = None


@dataclass(slots=True)
class _Session:
    writer: asyncio.StreamWriter
    sender: str | None = None
    recipients: list[str] = field(default_factory=list)

    async def say(self, answer: str) -> None:
        self.writer.write(f"{answer}\r\n".encode())
        await self.writer.drain()


class MailSink:
    """Speaks EHLO, HELO, MAIL, RCPT, DATA, RSET, NOOP and QUIT; no TLS, no login."""

    def __init__(self, truth: TruthLog, now: Callable[[], float]) -> None:
        self._truth = truth
        self._now = now
        self._server: asyncio.Server | None = None
        self._open: list[asyncio.StreamWriter] = []
        self._fault: MailFault | None = None
        self._met = 0

    async def start(self) -> int:
        """Listen on a free port of the loopback address; returns the port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=_LONGEST_MESSAGE)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def close(self) -> None:
        """Stop listening and end the sessions."""
        if self._server is not None:
            self._server.close()
            for writer in self._open:
                writer.transport.abort()
            await self._server.wait_closed()

    def set_fault(self, fault: MailFault | None) -> None:
        """Answer a verb as the fault says, as many times as it says; None ends it."""
        self._fault, self._met = fault, 0

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.append(writer)
        gone = (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError)
        with contextlib.suppress(*gone):
            await self._talk(reader, _Session(writer))
        self._open.remove(writer)
        writer.close()

    async def _talk(self, reader: asyncio.StreamReader, session: _Session) -> None:
        await session.say("220 simulator ESMTP")
        while line := await reader.readline():
            verb, _, rest = line.decode("utf-8", "replace").strip().partition(" ")
            verb = verb.upper()
            answer = self._faulty(verb)
            if answer is None and verb == "DATA" and session.recipients:
                await session.say("354 end with a full stop on a line of its own")
                content = await reader.readuntil(b"\r\n.\r\n")
                answer = self._faulty("END")
                self._keep(session, content.removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n."), answer)
                answer = "250 2.0.0 kept" if answer is None else answer
            elif answer is None:
                answer = _answer(verb, rest, session)
            if not answer:
                return
            await session.say(answer)
            if verb == "QUIT":
                return

    def _faulty(self, verb: str) -> str | None:
        fault = self._fault
        if fault is None or fault.verb != verb:
            return None
        self._met += 1
        return fault.answer if fault.times is None or self._met <= fault.times else None

    def _keep(self, session: _Session, content: bytes, fault: str | None) -> None:
        """A message whose answer was lost is kept: its sender cannot know. A refused one is noted as refused."""
        message = message_from_bytes(content, policy=policy.default)
        body = message.get_body(("plain", "html"))
        text = str(body.get_content()).replace("\r\n", "\n") if body is not None else ""
        headers = {name: str(value) for name, value in message.items()}
        headers["envelope-from"] = session.sender or ""
        for recipient in session.recipients:
            self._truth.deliveries.append(Delivery(self._now(), "email", recipient, not fault, fault, text, headers))
        session.sender, session.recipients = None, []


def _answer(verb: str, rest: str, session: _Session) -> str:
    match verb:
        case "EHLO":
            return f"250-simulator\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE {_LONGEST_MESSAGE}"
        case "HELO":
            return "250 simulator"
        case "MAIL":
            session.sender, session.recipients = _address(rest), []
            return "250 2.1.0 ok"
        case "RCPT":
            return _add_recipient(rest, session)
        case "RSET":
            session.sender, session.recipients = None, []
            return "250 2.0.0 ok"
        case "NOOP":
            return "250 2.0.0 ok"
        case "QUIT":
            return "221 2.0.0 bye"
        case "DATA":
            return "503 5.5.1 no valid recipients"
        case _:
            return "502 5.5.2 not implemented"


def _add_recipient(rest: str, session: _Session) -> str:
    if session.sender is None:
        return "503 5.5.1 MAIL first"
    session.recipients.append(_address(rest))
    return "250 2.1.5 ok"


def _address(rest: str) -> str:
    return rest.partition("<")[2].partition(">")[0]
