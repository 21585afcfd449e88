"""Each fault of a read, over real sockets: the right error, in time, and never another one."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
import tracemalloc
import zlib
from email.utils import formatdate
from pathlib import Path

import pytest

from aof_tui.base.clock import SystemClock
from aof_tui.base.errors import UsageError
from aof_tui.workato.client import READ_CAP_BYTES
from aof_tui.workato.errors import (
    BadPage,
    Forbidden,
    NotFound,
    NotSent,
    RateLimited,
    Refused,
    Transient,
    Unauthorized,
    WorkatoError,
)
from aof_tui.workato.pacer import Priority
from aof_tui.workato.transport import secure_transports
from tests.workato.stub import (
    TOKEN,
    Reply,
    Request,
    Writer,
    blunt_server,
    client_for,
    cut_after,
    fast_pacers,
    json_reply,
    reply,
    reset,
    says,
    stub_server,
)

CERTIFICATES = Path(__file__).parent / "certificates"
ME = {"id": 7, "name": "Example"}


async def error_of(respond: Reply, deadline_s: float = 20.0) -> WorkatoError:
    """What reading `users/me` raises."""
    async with stub_server(respond) as (_, origin), client_for(origin, read_deadline_s=deadline_s) as client:
        with pytest.raises(WorkatoError) as caught:
            await client.me()
    assert TOKEN not in str(caught.value)
    assert caught.value.__cause__ is None
    return caught.value


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Refused),
        (401, Unauthorized),
        (403, Forbidden),
        (404, NotFound),
        (409, Refused),
        (422, Refused),
        (429, RateLimited),
        (408, Transient),
        (425, Transient),
        (500, Transient),
        (502, Transient),
        (503, Transient),
        (504, Transient),
        (599, Transient),
        (304, BadPage),
        (204, BadPage),
    ],
)
async def test_statuses(status: int, kind: type[WorkatoError]) -> None:
    error = await error_of(says(json_reply({"message": "the reason"}, status)))
    assert type(error) is kind
    assert error.status == status
    if isinstance(error, Refused):
        assert "the reason" in str(error)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b'{"message": "no \\u001b[2J\\nof password=hunter22"}', "HTTP 400: no "),
        (b'{"error": "other key"}', "HTTP 400: other key"),
        (b'{"message": null, "error": {"x": 1}}', "HTTP 400"),
        (b'["x"]', "HTTP 400"),
        (b"<html>proxy</html>", "HTTP 400"),
        (b"", "HTTP 400"),
    ],
)
async def test_the_message_of_a_refusal_is_clean(body: bytes, told: str) -> None:
    said = str(await error_of(says(reply(400, body))))
    assert said.startswith(told)
    assert "hunter22" not in said
    assert not {"\x1b", "\n"} & set(said)
    assert len(said) < 600


async def test_a_refusal_stands_though_its_body_breaks() -> None:
    whole = json_reply({"message": "x" * 1000}, 403)
    assert type(await error_of(cut_after(whole, len(whole) - 500, with_reset=True))) is Forbidden


async def test_a_refusal_without_end_is_read_only_so_far() -> None:
    async def flood(_: Request, writer: Writer) -> None:
        writer.write(b"HTTP/1.1 403 X\r\nContent-Type: text/html\r\n\r\n")
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()

    assert type(await error_of(flood)) is Forbidden


@pytest.mark.parametrize(
    ("value", "low", "high"),
    [
        (None, None, None),
        ("17", 17, 17),
        ("0", 0, 0),
        ("in 1000 s", 1, 1000),
        (formatdate(0, usegmt=True), 0, 0),
        ("soon", None, None),
        ("-3", None, None),
        ("1.5", None, None),
        ("9" * 400, 1, 1e9),
        ("Mon, 99 Foo 20266 25:61:61 GMT", None, None),
    ],
)
async def test_retry_after_is_told_as_seconds(value: str | None, low: float | None, high: float | None) -> None:
    if value == "in 1000 s":
        value = formatdate(SystemClock().wall() + 1000, usegmt=True)
    headers = {} if value is None else {"Retry_After": value}
    error = await error_of(says(json_reply({}, 429, **headers)))
    assert isinstance(error, RateLimited)
    if low is None or high is None:
        assert error.retry_after_s is None
    else:
        assert error.retry_after_s is not None
        assert low <= error.retry_after_s <= high


async def test_a_429_slows_its_family_and_no_other() -> None:
    pacers = fast_pacers(SystemClock())
    before = pacers.recipes.interval_s
    async with stub_server(says(json_reply({}, 429))) as (_, origin), client_for(origin, pacers=pacers) as client:
        with pytest.raises(RateLimited):
            await client.jobs_page("42")
    assert pacers.jobs.interval_s > before * 1.9
    assert pacers.recipes.interval_s == before


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b'{"id": 7, "name": "Exam',
        b'{"id": 7, "id": 8}',
        b'{"id": NaN}',
        b'{"id": 7, "x": 1e999}',
        b'{"id": ' + b"9" * 5000 + b"}",
        b'{"id": 7, "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"id": {"a": 1}}',
        b'{"id": true}',
        b'{"id": 7.5}',
        b'{"id": "../admin"}',
        b'{"id": "\xff"}',
        b'{"name": "no id"}',
        b"[]",
        b"null",
        b'"text"',
    ],
)
async def test_a_body_that_cannot_be_believed_is_a_bad_page(body: bytes) -> None:
    assert type(await error_of(says(reply(200, body)))) is BadPage


async def test_broken_compression_is_a_bad_page() -> None:
    assert type(await error_of(says(reply(200, b"no gzip", Content_Encoding="gzip")))) is BadPage


async def test_the_cap_counts_decoded_bytes() -> None:
    packed = gzip.compress(b'{"id": 7, "x": "' + b" " * READ_CAP_BYTES + b'"}')
    assert len(packed) < READ_CAP_BYTES / 100
    error = await error_of(says(reply(200, packed, Content_Encoding="gzip")))
    assert type(error) is BadPage
    assert "larger" in str(error)


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
@pytest.mark.parametrize("status", [200, 400])
async def test_a_bomb_is_decoded_no_further_than_the_cap(coding: str, status: int) -> None:
    packer = zlib.compressobj(9, wbits=31 if coding == "gzip" else 15)
    # 300 MB in 300 kB: a library that decodes each piece as it arrives needs tens of megabytes for one.
    packed = packer.compress(b'{"message": "') + packer.compress(b" " * 300_000_000) + packer.flush()
    tracemalloc.start()
    error = await error_of(says(reply(status, packed, Content_Encoding=coding)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert type(error) is (BadPage if status == 200 else Refused)
    assert peak < 3 * READ_CAP_BYTES


@pytest.mark.parametrize("coding", ["gzip", "deflate", "GZIP", "identity"])
async def test_an_answer_is_read_in_the_compressions_that_are_usual(coding: str) -> None:
    body = b'{"id": 7, "name": "Example"}'
    packed = {"gzip": gzip.compress(body), "deflate": zlib.compress(body)}.get(coding.lower(), body)
    async with (
        stub_server(says(reply(200, packed, Content_Encoding=coding))) as (_, origin),
        client_for(origin) as client,
    ):
        assert (await client.me()).workspace_id == "7"


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, gzip", "compress"])
async def test_a_compression_that_was_not_asked_for_is_a_bad_page(coding: str) -> None:
    assert type(await error_of(says(reply(200, b"{}", Content_Encoding=coding)))) is BadPage


async def test_a_compressed_answer_without_its_end_is_a_bad_page() -> None:
    packed = gzip.compress(b'{"id": 7}')[:-9]
    assert type(await error_of(says(reply(200, packed, Content_Encoding="gzip")))) is BadPage


@pytest.mark.parametrize("content_type", ["text/plain", "application/octet-stream", "image/png\x1b[2J", "text/html"])
async def test_another_content_type_is_a_bad_page(content_type: str) -> None:
    assert type(await error_of(says(reply(200, b'{"id": 7}', content_type)))) is BadPage


@pytest.mark.parametrize(
    "answer",
    [
        reply(200, b"<html><form action='/users/sign_in'>", "text/html; charset=utf-8"),
        reply(200, b"<HTML>Please LOG IN", "Text/HTML"),
        reply(302, b"", Location="https://app.example.com/users/sign_in?x=1"),
        reply(303, b"", Location="/login"),
    ],
)
async def test_a_login_page_is_like_a_401(answer: bytes) -> None:
    assert type(await error_of(says(answer))) is Unauthorized


@pytest.mark.parametrize(
    "location", ["https://elsewhere.example.com/", "//[::1", "ftp://:0/", "\x01", "http://x:99999/"]
)
async def test_another_redirect_is_not_followed(location: str) -> None:
    error = await error_of(says(reply(301, b"", Location=location)))
    assert isinstance(error, BadPage | Transient)
    assert location not in str(error)


async def test_a_login_page_behind_a_redirect_is_never_asked_for() -> None:
    async with stub_server(says(reply(302, b"", Location="/login"))) as (stub, origin), client_for(origin) as client:
        with pytest.raises(Unauthorized):
            await client.me()
        assert len(stub.requests) == 1


@pytest.mark.parametrize("with_reset", [True, False])
async def test_an_answer_cut_at_any_byte_is_never_taken_for_whole(with_reset: bool) -> None:
    whole = json_reply(ME)
    for length in range(len(whole)):
        error = await error_of(cut_after(whole, length, with_reset=with_reset))
        assert type(error) is Transient, length


async def test_a_chunked_answer_without_its_end_is_not_whole() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    body = b'9\r\n{"id": 7}\r\n'
    assert type(await error_of(cut_after(head + body, 10_000, with_reset=False))) is Transient


async def test_a_reset_after_the_request_is_not_retried() -> None:
    async def hang_up(_: Request, writer: Writer) -> None:
        reset(writer)

    async with stub_server(hang_up) as (stub, origin), client_for(origin) as client:
        with pytest.raises(Transient):
            await client.me()
        assert len(stub.requests) == 1


async def test_what_is_no_http_is_transient() -> None:
    assert type(await error_of(says(b"SSH-2.0-OpenSSH\r\n\r\n"))) is Transient


async def test_a_drip_ends_at_the_deadline() -> None:
    dripped = 0

    async def drip(_: Request, writer: Writer) -> None:
        nonlocal dripped
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
        while True:
            writer.write(b" ")
            await writer.drain()
            dripped += 1
            await asyncio.sleep(0.01)

    started = asyncio.get_running_loop().time()
    error = await error_of(drip, deadline_s=0.2)
    assert type(error) is Transient
    assert "0.2 s" in str(error)
    assert dripped > 1
    assert asyncio.get_running_loop().time() - started < 5


async def test_silence_ends_at_the_deadline() -> None:
    async def nothing(_request: Request, _writer: Writer) -> None:
        return

    assert type(await error_of(nothing, deadline_s=0.1)) is Transient


async def test_a_cancelled_read_leaves_the_client_usable() -> None:
    asked = asyncio.Event()

    async def first_hangs(_: Request, writer: Writer) -> None:
        if asked.is_set():
            writer.write(json_reply(ME))
        asked.set()

    async with stub_server(first_hangs) as (_, origin), client_for(origin) as client:
        reading = asyncio.ensure_future(client.me())
        await asked.wait()
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        assert (await client.me()).workspace_id == "7"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def not_sent(origin: str, ca_file: Path | None = None) -> str:
    async with client_for(origin, transports=secure_transports(ca_file=ca_file)) as client:
        with pytest.raises(NotSent) as caught:
            await client.me()
    return str(caught.value)


async def test_a_refused_connection_was_not_sent() -> None:
    assert "127.0.0.1" in await not_sent(f"http://127.0.0.1:{free_port()}")


async def test_tls_against_a_plain_server_was_not_sent() -> None:
    async with blunt_server(json_reply(ME, 400)) as blunt:
        await not_sent(f"https://127.0.0.1:{blunt.port}")
        assert blunt.connections == 1


def server_tls(name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / f"{name}.crt", CERTIFICATES / f"{name}.key")
    return context


async def test_only_a_trusted_certificate_of_this_host_is_spoken_to() -> None:
    trusted = CERTIFICATES / "here.crt"
    async with stub_server(says(json_reply(ME)), server_tls("here")) as (stub, origin):
        assert "CERTIFICATE_VERIFY_FAILED" in await not_sent(origin)
        assert stub.requests == []
        async with client_for(origin, transports=secure_transports(ca_file=trusted)) as client:
            assert (await client.me()).name == "Example"
    async with stub_server(says(json_reply(ME)), server_tls("elsewhere")) as (stub, origin):
        assert "certificate" in await not_sent(origin, CERTIFICATES / "elsewhere.crt")
        assert stub.requests == []


@pytest.mark.parametrize("content", [None, "", "no certificate"])
def test_a_ca_file_without_certificates_is_one_clear_line(tmp_path: Path, content: str | None) -> None:
    ca_file = tmp_path / "ca.crt"
    if content is not None:
        ca_file.write_text(content)
    with pytest.raises(UsageError, match="ca_file") as caught:
        secure_transports(ca_file=ca_file)
    assert "\n" not in str(caught.value)


async def test_a_proxy_that_refuses_was_not_sent() -> None:
    async with stub_server(says(reply(407, b""))) as (stub, proxy):
        transports = secure_transports(proxy=proxy)
        async with client_for("https://workato.example.com", transports=transports) as client:
            with pytest.raises(NotSent):
                await client.me()
        assert stub.requests[0].line.startswith("CONNECT workato.example.com:443")
        assert TOKEN not in str(stub.requests)


async def test_the_environments_proxy_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    async with stub_server(says(json_reply(ME))) as (_, origin), client_for(origin) as client:
        assert (await client.me(Priority.PERSON)).workspace_id == "7"
