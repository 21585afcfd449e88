"""Channels are built as the configuration says, and only the libraries that are needed are loaded."""

from __future__ import annotations

import subprocess
import sys

import pytest

from aof_tui.base.clock import SystemClock
from aof_tui.base.secret import Secret
from aof_tui.config.secrets import SecretRef
from aof_tui.config.settings import EmailSettings, Receiver, SlackSettings, Tls
from aof_tui.notify.channels import Checked, Delivered
from aof_tui.notify.factory import build_channels, open_channels
from tests.notify.mail_peer import PASSWORD, USER, mail_peer
from tests.notify.samples import StepClock, notice
from tests.notify.slack_peer import slack_peer

TOKEN_REF, PASSWORD_REF = SecretRef.parse("env:SLACK_TOKEN"), SecretRef.parse("env:SMTP_PASSWORD")
NOTHING: dict[SecretRef, Secret] = {}
SECRETS = {TOKEN_REF: Secret("xoxb-token"), PASSWORD_REF: Secret(PASSWORD)}


def on_slack(name: str, base_url: str = "https://slack.com/api/") -> Receiver:
    return Receiver(name=name, slack=SlackSettings(token=TOKEN_REF, channel="C1", base_url=base_url))


def by_mail(name: str, port: int = 25, *, login: bool = False) -> Receiver:
    words = {"host": "127.0.0.1", "port": port, "tls": Tls.NONE, "from": "a@example.com", "to": ("b@example.com",)}
    secret = {"username": USER, "password": PASSWORD_REF} if login else {}
    return Receiver(name=name, email=EmailSettings.model_validate(words | secret))


async def test_every_receiver_gets_its_channel() -> None:
    async with (
        slack_peer() as slack,
        mail_peer(auth=True) as mail,
        open_channels(
            [on_slack("oncall", slack.base_url), by_mail("admins", mail.port, login=True)],
            SECRETS.__getitem__,
            SystemClock(),
        ) as channels,
    ):
        assert {name: [channel.name for channel in built] for name, built in channels.items()} == {
            "oncall": ["slack"],
            "admins": ["email"],
        }
        assert await channels["oncall"][0].send(notice(), "n-1") == Delivered("1700000000.000001")
        assert await channels["admins"][0].send(notice(), "n-1") == Delivered("<n-1@example.com>")
        assert slack.headers[0]["authorization"] == "Bearer xoxb-token"
        assert mail.logins == [USER]


async def test_receivers_of_one_slack_channel_share_its_pace() -> None:
    clock = StepClock()
    async with (
        slack_peer() as slack,
        open_channels(
            [on_slack("a", slack.base_url), on_slack("b", slack.base_url)], SECRETS.__getitem__, clock
        ) as both,
    ):
        began = clock.now
        for channel in (*both["a"], *both["b"]):
            assert isinstance(await channel.send(notice(), "n-1"), Delivered)
        assert clock.now - began == pytest.approx(1.0)


async def test_a_password_without_need_is_not_read() -> None:
    async with (
        mail_peer() as mail,
        open_channels([by_mail("a", mail.port)], NOTHING.__getitem__, SystemClock()) as channels,
    ):
        assert await channels["a"][0].check() == Checked(True, f"127.0.0.1:{mail.port} answers")


def test_slack_without_a_session_is_refused() -> None:
    with pytest.raises(ValueError, match="receiver 'oncall' needs a session"):
        build_channels([on_slack("oncall")], SECRETS.__getitem__, SystemClock(), session=None)


def test_no_library_is_loaded_before_a_receiver_needs_it() -> None:
    program = (
        "import asyncio, sys\n"
        "from aof_tui.base.clock import SystemClock\n"
        "from aof_tui.notify.factory import open_channels\n"
        "async def main():\n"
        "    async with open_channels([], dict().__getitem__, SystemClock()) as channels:\n"
        "        assert channels == {}\n"
        "asyncio.run(main())\n"
        "print([name for name in ('slack_sdk', 'aiohttp', 'aiosmtplib') if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "[]\n"
