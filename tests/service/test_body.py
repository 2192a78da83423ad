"""Request bodies are read with a limit and never trusted."""

from collections.abc import Iterator

import pytest
from starlette.requests import Request
from starlette.types import Message

from service.body import DRAINED_BYTES, MAXIMUM_BYTES, read_json_object
from service.errors import BodyTooLargeError, InvalidBodyError

DISCONNECT: Message = {"type": "http.disconnect"}


def _chunks(*bodies: bytes, cut_off: bool = False) -> Iterator[Message]:
    for body in bodies:
        yield {"type": "http.request", "body": body, "more_body": True}
    yield DISCONNECT if cut_off else {"type": "http.request", "body": b"", "more_body": False}


def _request(messages: Iterator[Message]) -> Request:
    async def receive() -> Message:
        return next(messages)

    return Request({"type": "http", "method": "POST", "headers": []}, receive)


@pytest.mark.anyio
async def test_an_object_may_come_in_pieces() -> None:
    request = _request(_chunks(b'{"name":"\xe4\xb8', b'\xad"', b"}"))
    assert await read_json_object(request) == {"name": "中"}


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not JSON"),
        (b"  ", "not JSON"),
        (b"polygon", "not JSON"),
        (b"{", "not JSON"),
        (b'{"a":1,}', "not JSON"),
        (b"{'a':1}", "not JSON"),
        (b"[" * 10_000, "depth limit"),
        (b'{"a":' * 10_000, "depth limit"),
        (b'{"a":NaN}', "not JSON"),
        (b'{"a":Infinity}', "not JSON"),
        (b'{"a":1e400}', "infinity"),
        (b'{"a":' + b"9" * 400 + b"}", "infinity"),
        (b'{"a":"\xff"}', "UTF-8"),
        (b'{"a":"\\ud800"}', "surrogate"),
        (b"\xff\xfe{\x00}\x00", "not JSON"),
        (b"[]", "list; must be an object"),
        (b"1", "int; must be an object"),
        (b'"text"', "str; must be an object"),
        (b"null", "NoneType; must be an object"),
    ],
)
async def test_what_is_no_json_object_is_refused_with_the_reason(body: bytes, reason: str) -> None:
    with pytest.raises(InvalidBodyError, match=reason):
        await read_json_object(_request(_chunks(body)))


@pytest.mark.anyio
async def test_a_body_at_the_limit_is_read() -> None:
    body = b'{"a":"' + b"x" * (MAXIMUM_BYTES - 8) + b'"}'
    assert len((await read_json_object(_request(_chunks(body))))["a"]) == MAXIMUM_BYTES - 8  # type: ignore[arg-type]


@pytest.mark.anyio
async def test_a_body_beyond_the_limit_is_not_read_to_its_end() -> None:
    messages = _chunks(*[b"x" * 1_000_000] * 1000)
    with pytest.raises(BodyTooLargeError, match=str(MAXIMUM_BYTES)):
        await read_json_object(_request(messages))
    assert len(list(messages)) > 1000 - DRAINED_BYTES / 1_000_000 - 2


@pytest.mark.anyio
async def test_a_body_that_is_cut_off_is_refused() -> None:
    with pytest.raises(InvalidBodyError, match="ended before the body"):
        await read_json_object(_request(_chunks(b'{"a":', cut_off=True)))
