"""The cache of answers: bounded, least recently used first, made once."""

import asyncio
import gzip

import pytest

from service.cache import OVERHEAD_BYTES, Answer, Cache

pytestmark = pytest.mark.anyio


def cache_for(entries: int) -> Cache[bytes]:
    """Room for so many values of ten bytes."""
    return Cache(entries * (OVERHEAD_BYTES + 10))


async def test_the_least_recently_used_goes_first() -> None:
    cache = cache_for(2)
    cache.put("a", b"0123456789")
    cache.put("b", b"0123456789")
    assert cache.get("a")
    cache.put("c", b"0123456789")
    assert (cache.get("a"), cache.get("b"), len(cache)) == (b"0123456789", None, 2)


async def test_bytes_never_exceed_the_bound_and_are_given_back() -> None:
    cache = cache_for(3)
    for number in range(50):
        cache.put(number % 7, b"x" * (number % 13))
        assert cache.bytes <= 3 * (OVERHEAD_BYTES + 10)
    cache.put("huge", b"x" * 10_000)
    assert (cache.get("huge"), len(cache), cache.bytes) == (None, 0, 0)


async def test_an_empty_value_is_a_value() -> None:
    cache = cache_for(1)
    cache.put("empty", b"")
    assert cache.get("empty") == b""


async def test_a_value_is_made_once_for_all_who_ask_meanwhile() -> None:
    cache, made = cache_for(1), []

    async def make() -> bytes:
        made.append(1)
        await asyncio.sleep(0.01)
        return b"x"

    assert await asyncio.gather(*(cache.once("k", make) for _ in range(5))) == [b"x"] * 5
    assert await cache.once("k", make) == b"x"
    assert made == [1]


async def test_an_error_reaches_all_who_wait_and_is_not_kept() -> None:
    cache = cache_for(1)

    async def fail() -> bytes:
        await asyncio.sleep(0.01)
        raise ValueError("no")

    async def make() -> bytes:
        return b"x"

    failed = await asyncio.gather(
        *(cache.once("k", fail) for _ in range(3)), return_exceptions=True
    )
    assert [str(error) for error in failed] == ["no"] * 3
    assert await cache.once("k", make) == b"x"


async def test_who_gives_up_does_not_take_the_answer_from_the_others() -> None:
    cache = cache_for(1)

    async def make() -> bytes:
        await asyncio.sleep(0.02)
        return b"x"

    first = asyncio.create_task(cache.once("k", make))
    second = asyncio.create_task(cache.once("k", make))
    await asyncio.sleep(0.005)
    first.cancel()
    assert await second == b"x"


async def test_work_that_nobody_waits_for_any_more_ends_and_is_begun_anew() -> None:
    cache, ended = cache_for(1), asyncio.Event()

    async def never() -> bytes:
        try:
            return await asyncio.Future()
        finally:
            ended.set()

    async def make() -> bytes:
        return b"x"

    waiting = [asyncio.create_task(cache.once("k", never)) for _ in range(2)]
    await asyncio.sleep(0.005)
    waiting[0].cancel()
    await asyncio.sleep(0.005)
    assert not ended.is_set()
    waiting[1].cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert await cache.once("k", make) == b"x"
    await asyncio.wait_for(ended.wait(), timeout=1)


async def sent(answer: Answer, accept: bytes | None) -> tuple[int, dict[bytes, bytes], bytes]:
    messages = []

    async def send(message) -> None:
        messages.append(dict(message))
        message.get("headers", []).append((b"x", b"y"))

    headers = [] if accept is None else [(b"accept-encoding", accept)]
    await answer({"headers": headers}, None, send)
    start, body = messages
    return start["status"], dict(start["headers"]), body["body"]


async def test_an_answer_can_be_sent_often_and_middleware_cannot_change_it() -> None:
    answer = Answer(b"body", "text/plain", '"1"', {"Vary": "Accept-Encoding"})
    for _ in range(3):
        status, headers, body = await sent(answer, None)
        assert (status, body) == (200, b"body")
    assert len(answer._headers) == 2
    assert headers[b"content-length"] == b"4"


@pytest.mark.parametrize(
    ("accept", "compressed"),
    [
        (None, False),
        (b"", False),
        (b"br", False),
        (b"gzip", True),
        (b"br, GZIP;q=0.5", True),
        (b"*", True),
        (b"gzip;q=0", False),
        (b"gzip; q=0.000, br", False),
        (b"xgzip", False),
    ],
)
async def test_compressed_bytes_have_a_tag_of_their_own(
    accept: bytes | None, compressed: bool
) -> None:
    answer = Answer(b"x" * 5_000, "text/plain", '"1"', {})
    _, headers, body = await sent(answer, accept)
    assert headers[b"content-length"] == str(len(body)).encode()
    assert headers[b"etag"] == (b'"1-gzip"' if compressed else b'"1"')
    assert (gzip.decompress(body) if compressed else body) == b"x" * 5_000
    assert (b"content-encoding" in headers) == compressed


async def test_an_empty_answer_is_204_without_content_headers() -> None:
    status, headers, body = await sent(Answer(b"", "text/plain", '"1"', {}), b"gzip")
    assert (status, body) == (204, b"")
    assert set(headers) == {b"etag", b"x"}
