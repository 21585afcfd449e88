"""One GET that tells another monitor that sweeps go on."""

from __future__ import annotations

import httpx

TIMEOUT_S = 10.0


async def ping(url: str) -> str | None:
    """Ask for the URL; None when the answer is a success, else what is wrong, without the URL: it may be a secret."""
    # Proxies of the environment are ignored, as everywhere; a redirect is an answer of somebody else.
    client = httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=TIMEOUT_S)
    try:
        async with client, client.stream("GET", url) as answer:
            return None if answer.is_success else f"HTTP status {answer.status_code}"
    except httpx.HTTPError as error:
        return type(error).__name__
