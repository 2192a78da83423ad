"""Request bodies: read with a limit, parsed, or refused with the reason."""

from collections.abc import Mapping

import orjson
from starlette.requests import ClientDisconnect, Request

from service.errors import BodyTooLargeError, InvalidBodyError

MAXIMUM_BYTES = 2_000_000

DRAINED_BYTES = 20_000_000
"""Read and dropped before a refusal: many clients send all before they read the answer."""


async def read_json_object(request: Request) -> Mapping[str, object]:
    """A JSON object.

    Raises:
        BodyTooLargeError: more than `MAXIMUM_BYTES`; the rest is not kept.
        InvalidBodyError: cut off, not JSON, too deeply nested, or no object.
    """
    body = await read_bytes(request)
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidBodyError(f"the body is not JSON: {error}") from error
    if not isinstance(document, dict):
        raise InvalidBodyError(f"the body is a JSON {type(document).__name__}; must be an object")
    return document


async def read_bytes(request: Request) -> bytes:
    """A body as it is.

    Raises:
        BodyTooLargeError: more than `MAXIMUM_BYTES`; the rest is not kept.
        InvalidBodyError: cut off.
    """
    body, received = bytearray(), 0
    try:
        async for chunk in request.stream():
            received += len(chunk)
            if received <= MAXIMUM_BYTES:
                body += chunk
            elif received > DRAINED_BYTES:
                break
    except ClientDisconnect:
        raise InvalidBodyError("the connection ended before the body did") from None
    if received > MAXIMUM_BYTES:
        raise BodyTooLargeError(f"the body has more than {MAXIMUM_BYTES} bytes")
    return bytes(body)
