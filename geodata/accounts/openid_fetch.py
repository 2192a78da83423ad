"""One request to a provider: bounded in time and size, never redirected, answered in JSON."""

import asyncio
import ssl
from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from typing import Any

import httpx2
import orjson

from geodata.accounts.openid_errors import ProviderAnswerError, ProviderUnavailableError

TIMEOUT = httpx2.Timeout(5.0)
LONGEST_S = 10.0
"""Of a request as a whole, however little comes at a time."""

MOST_BYTES = 256_000
"""Of an answer; discovery documents and key sets have some 10 kB."""

JSON = {"Accept": "application/json"}


async def fetch(
    address: str,
    form: Mapping[str, str] | None = None,
    *,
    basic: tuple[str, str] | None = None,
    bearer: str | None = None,
) -> tuple[int, Mapping[str, Any]]:
    """Status and JSON object of an answer; one that is no success may have none.

    Args:
        address: of the provider.
        form: fields to send; None: GET.
        basic: user and password of HTTP Basic.
        bearer: token to show.

    Raises:
        ProviderUnavailableError: no answer in time, or a status from 500 up.
        ProviderAnswerError: a redirect, too much, or no JSON object.
    """
    headers = JSON if bearer is None else JSON | {"Authorization": f"Bearer {bearer}"}
    request = httpx2.Request(
        "GET" if form is None else "POST",
        address,
        headers=headers,
        data=None if form is None else dict(form),
    )
    try:
        async with asyncio.timeout(LONGEST_S):
            status, body = await _send(request, None if basic is None else httpx2.BasicAuth(*basic))
    except (httpx2.HTTPError, TimeoutError) as error:
        raise ProviderUnavailableError(f"{address}: {type(error).__name__}") from None
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise ProviderUnavailableError(f"{address} answers {status}")
    return status, _read(address, status, body)


async def _send(request: httpx2.Request, auth: httpx2.BasicAuth | None) -> tuple[int, bytes]:
    """Status, and at most a little more than `MOST_BYTES` of the body."""
    body = bytearray()
    async with httpx2.AsyncClient(verify=_tls(), timeout=TIMEOUT, follow_redirects=False) as http:
        response = await http.send(request, auth=auth, stream=True)
        try:
            async for chunk in response.aiter_bytes(16_384):
                body += chunk
                if len(body) > MOST_BYTES:
                    break
        finally:
            await response.aclose()
    return response.status_code, bytes(body)


def _read(address: str, status: int, body: bytes) -> Mapping[str, Any]:
    if len(body) > MOST_BYTES:
        raise ProviderAnswerError(f"{address} answers more than {MOST_BYTES} bytes")
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        document = None
    if isinstance(document, dict):
        return document
    if status == HTTPStatus.OK:
        raise ProviderAnswerError(f"{address} answers no JSON object")
    return {}


@cache
def _tls() -> ssl.SSLContext:
    """Checks certificates and names against the machine's authorities; costly, so made once."""
    return httpx2.create_ssl_context()
