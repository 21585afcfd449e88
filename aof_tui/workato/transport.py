"""The connection to Workato, and how it is secured. That its address is right is the configuration's part."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path

import httpx

from aof_tui import __version__
from aof_tui.base.errors import UsageError

TransportFactory = Callable[[], httpx.AsyncBaseTransport]
"""Makes a transport with no connection open yet; the port that a simulation replaces."""

USER_AGENT = f"aof-tui/{__version__}"
CONNECT_S = 10.0
"""Real seconds for connecting and for TLS each: below every deadline, so that "not connected" is a proof."""
_KEEPALIVE_S = 15.0
_LIMITS = httpx.Limits(max_connections=10, max_keepalive_connections=4, keepalive_expiry=_KEEPALIVE_S)


def secure_transports(*, ca_file: Path | None = None, proxy: str | None = None) -> TransportFactory:
    """Transports over TCP with TLS always verified, without retries, blind to the environment's proxies.

    `ca_file` replaces the bundled authorities. Raises UsageError for a file that holds no certificates.
    """
    try:
        context = ssl.create_default_context(cafile=ca_file) if ca_file else httpx.create_ssl_context(trust_env=False)
    except OSError as error:
        raise UsageError(f"ca_file {ca_file}: no usable certificates: {error.strerror or error}") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2

    def make() -> httpx.AsyncBaseTransport:
        return httpx.AsyncHTTPTransport(retries=0, verify=context, proxy=proxy, trust_env=False, limits=_LIMITS)

    return make


def http_client(transport: httpx.AsyncBaseTransport) -> httpx.AsyncClient:
    """A client that sends what it is told and nothing more: no redirects, no cookies, no environment."""
    return httpx.AsyncClient(
        transport=transport,
        trust_env=False,
        follow_redirects=False,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        timeout=httpx.Timeout(None, connect=CONNECT_S, pool=CONNECT_S),
        headers={"User-Agent": USER_AGENT, "Accept": "application/json", "Accept-Encoding": "gzip"},
    )
