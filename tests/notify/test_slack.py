"""The Slack channel against a real HTTP peer."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aof_tui.base.errors import UsageError
from aof_tui.base.secret import Secret
from aof_tui.notify.channels import Checked, Dead, Delivered, Postponed, Trouble
from aof_tui.notify.pace import Pace
from aof_tui.notify.slack import INTERVAL_S, SlackChannel, open_session
from aof_tui.notify.slack_answers import DEFAULT_SILENCE_S, MAX_SILENCE_S, read_answer, silence
from tests.notify.samples import HOSTILE, StepClock, notice
from tests.notify.slack_peer import Say, SlackPeer, refuse, slack_peer

TOKEN = "xoxb-very-secret-token"


class Setup:
    """A channel with everything it was built from."""

    def __init__(self, peer: SlackPeer, channel: SlackChannel, clock: StepClock, tokens: list[str]) -> None:
        self.peer = peer
        self.channel = channel
        self.clock = clock
        self.tokens = tokens


@asynccontextmanager
async def slack(*script: Say, base_url: str = "", deadline_s: float = 10.0, rate: float = 1.0) -> AsyncIterator[Setup]:
    async with slack_peer(*script) as peer, open_session() as session:
        clock, tokens = StepClock(rate), [TOKEN]
        channel = SlackChannel(
            channel="C1",
            base_url=base_url or peer.base_url,
            token=lambda: Secret(tokens[-1]),
            session=session,
            clock=clock,
            pace=Pace(clock, INTERVAL_S),
            deadline_s=deadline_s,
        )
        yield Setup(peer, channel, clock, tokens)


async def test_a_message_is_posted_inert_and_recognisable() -> None:
    async with slack() as here:
        assert await here.channel.send(notice(), "n-1") == Delivered("1700000000.000001")
        (sent,) = here.peer.payloads
        assert here.peer.calls == ["chat.postMessage"]
        assert here.peer.headers[0]["authorization"] == f"Bearer {TOKEN}"
        assert sent["channel"] == "C1"
        assert sent["metadata"] == {"event_type": "aof_tui", "event_payload": {"reference": "n-1"}}
        inert = {"mrkdwn": False, "parse": "none", "link_names": False, "unfurl_links": False, "unfurl_media": False}
        assert sent | inert == sent
        assert TOKEN not in str(sent)
        assert here.channel.name == "slack"


@pytest.mark.parametrize("text", HOSTILE)
async def test_slack_takes_every_hostile_message(text: str) -> None:
    async with slack() as here:
        hostile = notice(title=text, recipe=text, workspace=text, error=text, job_ids=(text,), lines=(text,) * 90)
        delivery = await here.channel.send(hostile, "n-1")
        assert delivery == Delivered("1700000000.000001")


@pytest.mark.parametrize(
    ("say", "expected"),
    [
        (refuse("invalid_auth"), Postponed(Trouble.AUTH, "Slack: invalid_auth")),
        (refuse("token_revoked"), Postponed(Trouble.AUTH, "Slack: token_revoked")),
        (refuse("account_inactive", 401), Postponed(Trouble.AUTH, "Slack: account_inactive")),
        (refuse("channel_not_found"), Dead(Trouble.REFUSED, "Slack: channel_not_found")),
        (refuse("not_in_channel"), Dead(Trouble.REFUSED, "Slack: not_in_channel")),
        (refuse("is_archived"), Dead(Trouble.REFUSED, "Slack: is_archived")),
        (refuse("rate_limited"), Postponed(Trouble.RATE_LIMITED, "Slack: rate_limited", DEFAULT_SILENCE_S)),
        (refuse("something_new"), Dead(Trouble.REFUSED, "Slack: something_new")),
        (refuse("internal_error"), Postponed(Trouble.NO_ANSWER, "Slack: internal_error", ambiguous=True)),
        (refuse("fatal_error"), Postponed(Trouble.NO_ANSWER, "Slack: fatal_error", ambiguous=True)),
        (Say("<html>", 502, content_type="text/html"), Postponed(Trouble.NO_ANSWER, "Slack: HTTP 502", ambiguous=True)),
        (Say("bad", 503, content_type="text/plain"), Postponed(Trouble.NO_ANSWER, "Slack: HTTP 503", ambiguous=True)),
        (Say('{"ok": fal', 500), Postponed(Trouble.NO_ANSWER, "Slack: HTTP 500", ambiguous=True)),
        (Say("nope", 404, content_type="text/html"), Postponed(Trouble.SERVER, "no answer of Slack's, HTTP 404")),
        (
            Say("hotel", content_type="text/plain"),
            Postponed(Trouble.NO_ANSWER, "Slack: AttributeError", ambiguous=True),
        ),
        (Say("[]"), Postponed(Trouble.NO_ANSWER, "no answer of Slack's, HTTP 200", ambiguous=True)),
        (Say('{"ok": tr'), Postponed(Trouble.NO_ANSWER, "no answer of Slack's, HTTP 200", ambiguous=True)),
        (Say(drop=True), Postponed(Trouble.NO_ANSWER, "Slack: ServerDisconnectedError", ambiguous=True)),
        (
            Say("", 307, {"Location": "http://127.0.0.1:9/elsewhere"}),
            Dead(Trouble.REFUSED, "Slack: the address answers with a redirect"),
        ),
    ],
)
async def test_answers_are_understood(say: Say, expected: object) -> None:
    async with slack(say) as here:
        assert await here.channel.send(notice(), "n-1") == expected
        assert len(here.peer.calls) == 1


async def test_a_resend_carries_the_same_reference() -> None:
    async with slack(Say("", 502)) as here:
        first = await here.channel.send(notice(), "n-1")
        assert isinstance(first, Postponed)
        assert first.ambiguous
        assert isinstance(await here.channel.send(notice(), "n-1"), Delivered)
        one, other = here.peer.payloads
        assert one == other


async def test_silence_is_kept_without_asking_again() -> None:
    async with slack(refuse("ratelimited", 429, **{"Retry-After": "17"})) as here:
        assert await here.channel.send(notice(), "n-1") == Postponed(Trouble.RATE_LIMITED, "Slack: HTTP 429", 17.0)
        here.clock.now += 10.0
        waiting = Postponed(Trouble.RATE_LIMITED, "Slack: waiting as it asked", 7.0)
        assert await here.channel.send(notice(), "n-2") == waiting
        assert len(here.peer.calls) == 1
        here.clock.now += 7.0
        assert isinstance(await here.channel.send(notice(), "n-2"), Delivered)


async def test_messages_keep_a_second_apart() -> None:
    async with slack() as here:
        began = here.clock.now
        await asyncio.gather(*(here.channel.send(notice(), f"n-{number}") for number in range(4)))
        assert here.clock.now - began == pytest.approx(3 * INTERVAL_S)


async def test_a_sped_up_clock_does_not_speed_up_slack() -> None:
    async with slack(
        Say(), Say({"ok": True, "ts": "1"}), refuse("ratelimited", 429, **{"Retry-After": "17"}), rate=100.0
    ) as here:
        began = here.clock.now
        for _ in range(2):
            await here.channel.send(notice(), "n-1")
        assert here.clock.now - began == pytest.approx(100 * INTERVAL_S)
        assert await here.channel.send(notice(), "n-1") == Postponed(Trouble.RATE_LIMITED, "Slack: HTTP 429", 1_700.0)
        assert await here.channel.send(notice(), "n-1") == Postponed(
            Trouble.RATE_LIMITED, "Slack: waiting as it asked", 1_700.0
        )


@pytest.mark.parametrize("error", ["invalid_blocks", "msg_too_long", "metadata_too_large"])
async def test_a_refused_form_is_followed_by_plain_text(error: str) -> None:
    async with slack(refuse(error)) as here:
        delivery = await here.channel.send(notice(recipe="<!channel>"), "n-1")
        assert delivery == Delivered("1700000000.000002", f"told in plain text, because of Slack: {error}")
        plain = here.peer.payloads[1]
        assert "blocks" not in plain
        assert "metadata" not in plain
        assert "Reference: n-1" in plain["text"]
        assert "&lt;!channel&gt;" in plain["text"]


async def test_a_form_refused_twice_ends_the_message() -> None:
    async with slack(refuse("invalid_blocks"), refuse("msg_too_long")) as here:
        assert await here.channel.send(notice(), "n-1") == Dead(Trouble.INVALID, "Slack: msg_too_long")


async def test_silence_after_handing_over_is_ambiguous() -> None:
    async with slack(Say(hang=True), deadline_s=0.3) as here:
        delivery = await here.channel.send(notice(), "n-1")
        assert delivery == Postponed(Trouble.NO_ANSWER, "Slack: TimeoutError", ambiguous=True)
        assert len(here.peer.calls) == 1


async def test_nobody_there_is_not_ambiguous() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        async with slack(base_url=f"http://127.0.0.1:{unused.getsockname()[1]}/api/") as here:
            delivery = await here.channel.send(notice(), "n-1")
    assert isinstance(delivery, Postponed)
    assert (delivery.trouble, delivery.ambiguous) == (Trouble.NETWORK, False)


async def test_a_rotated_token_is_taken() -> None:
    async with slack() as here:
        await here.channel.send(notice(), "n-1")
        here.tokens.append("xoxb-the-next-token")
        await here.channel.send(notice(), "n-2")
        assert [sent["authorization"] for sent in here.peer.headers] == [
            f"Bearer {TOKEN}",
            "Bearer xoxb-the-next-token",
        ]


async def test_an_unreadable_token_is_named_by_its_place() -> None:
    def unreadable() -> Secret:
        raise UsageError("env:SLACK_TOKEN: is not set")

    async with slack_peer() as peer, open_session() as session:
        clock = StepClock()
        channel = SlackChannel(
            channel="C1", base_url=peer.base_url, token=unreadable, session=session, clock=clock, pace=Pace(clock, 1.0)
        )
        assert await channel.send(notice(), "n-1") == Postponed(Trouble.AUTH, "env:SLACK_TOKEN: is not set")
        assert await channel.check() == Checked(False, "env:SLACK_TOKEN: is not set")
        assert peer.calls == []


async def test_check_signs_in_and_says_as_whom() -> None:
    async with slack() as here:
        assert await here.channel.check() == Checked(True, "signed in as aof in Example")
        assert here.peer.calls == ["auth.test"]
        assert here.peer.payloads == [{}]


async def test_check_says_what_is_wrong() -> None:
    async with slack(refuse("invalid_auth")) as here:
        assert await here.channel.check() == Checked(False, "Slack: invalid_auth")


async def test_a_proxy_of_the_environment_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with slack() as here:
        assert isinstance(await here.channel.send(notice(), "n-1"), Delivered)


async def test_cancelling_is_not_swallowed() -> None:
    async with slack(Say(hang=True)) as here:
        sending = asyncio.ensure_future(here.channel.send(notice(), "n-1"))
        async with asyncio.timeout(10):
            await here.peer.called.wait()
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        assert isinstance(await here.channel.send(notice(), "n-2"), Delivered)


async def test_neither_token_nor_message_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with slack(refuse("invalid_blocks"), Say("<html>", 502), Say('{"ok": x')) as here:
        said = [await here.channel.send(notice(error="customer data"), "n-1") for _ in range(3)]
    assert TOKEN not in caplog.text
    assert "customer data" not in caplog.text
    assert "Orders to NetSuite" not in caplog.text
    assert TOKEN not in repr((said, here.channel))


@given(st.text(max_size=20) | st.integers().map(str))
def test_silence_is_bounded_whatever_is_asked(text: str) -> None:
    assert 1.0 <= silence({"Retry-After": text}) <= MAX_SILENCE_S


def test_silence_without_a_number() -> None:
    assert silence({}) == silence({"Retry-After": "soon"}) == DEFAULT_SILENCE_S
    assert silence({"Retry-After": "12"}) == 12.0


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.integers(100, 599), json_values | st.fixed_dictionaries({"ok": json_values, "error": json_values}))
def test_any_answer_is_understood_somehow(status: int, body: object) -> None:
    delivery = read_answer(status, {}, body)
    if isinstance(delivery, Delivered):
        assert isinstance(body, dict)
        assert body["ok"] is True
        assert status < 300
    else:
        assert len(delivery.error) < 200
        assert "\n" not in delivery.error
