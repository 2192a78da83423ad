"""Answers kept in memory, bounded by bytes; they never grow old, since their keys hold versions."""

import asyncio
import gzip
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Mapping
from typing import Generic, Protocol, TypeVar

from starlette.types import Receive, Scope, Send

OVERHEAD_BYTES = 1_000
"""What an entry takes besides its content: key, headers, bookkeeping."""


WORTH_BYTES = 1_000
"""Content below it is not compressed."""

GZIP = re.compile(rb"\s*(gzip|\*)\s*(;\s*q\s*=\s*(?!0(\.0*)?\s*$)[0-9.]+\s*)?")


class Sized(Protocol):
    """Something that knows its number of bytes."""

    def __len__(self) -> int: ...


Value = TypeVar("Value", bound=Sized)


def accepts_gzip(scope: Scope) -> bool:
    """Whether a client takes gzip (RFC 9110, 12.5.3)."""
    for name, value in scope["headers"]:
        if name == b"accept-encoding":
            return any(map(GZIP.fullmatch, value.lower().split(b",")))
    return False


def tag_for(scope: Scope, etag: str) -> str:
    """The strong tag of what this client gets: compressed bytes are others (RFC 9110, 8.8.3)."""
    return f'{etag[:-1]}-gzip"' if accepts_gzip(scope) else etag


class Answer:
    """A response ready to be sent any number of times; an ASGI application.

    Args:
        body: content; an empty one is answered with 204.
        media_type: of the content.
        etag: strong entity tag, of the content as it is.
        headers: further ones.
    """

    __slots__ = ("_body", "_etag", "_gzipped", "_headers", "_status")

    def __init__(self, body: bytes, media_type: str, etag: str, headers: Mapping[str, str]) -> None:
        rows = {**({"Content-Type": media_type} if body else {}), **headers}
        self._status = 200 if body else 204
        self._headers = [(name.lower().encode(), text.encode()) for name, text in rows.items()]
        self._etag = etag
        self._body = body
        self._gzipped: bytes | None = None

    def __len__(self) -> int:
        """Bytes that it may come to take: the content, and compressed at most as much again."""
        return 2 * len(self._body) if len(self._body) >= WORTH_BYTES else len(self._body)

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Send; middleware gets a list of headers of its own to add to."""
        body, headers = self._body, [*self._headers]
        headers.append((b"etag", tag_for(scope, self._etag).encode()))
        if len(body) >= WORTH_BYTES and accepts_gzip(scope):
            body = self._compressed()
            headers.append((b"content-encoding", b"gzip"))
        if body:
            headers.append((b"content-length", b"%d" % len(body)))
        await send({"type": "http.response.start", "status": self._status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _compressed(self) -> bytes:
        """Once for all clients, at the level that costs least."""
        if self._gzipped is None:
            self._gzipped = gzip.compress(self._body, compresslevel=1, mtime=0)
        return self._gzipped


class Cache(Generic[Value]):
    """Values by key; the least recently used go first when there are too many bytes.

    Args:
        most_bytes: of all values and their bookkeeping; a value beyond it is not kept.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._bytes = 0
        self._values: OrderedDict[Hashable, Value] = OrderedDict()
        self._under_way: dict[Hashable, asyncio.Task[Value]] = {}

    @property
    def bytes(self) -> int:
        """Bytes held."""
        return self._bytes

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: Hashable) -> Value | None:
        """The value of a key, if it is still there."""
        value = self._values.get(key)
        if value is not None:
            self._values.move_to_end(key)
        return value

    def put(self, key: Hashable, value: Value) -> None:
        """Keep a value; the oldest make room."""
        self._remove(key)
        self._values[key] = value
        self._bytes += len(value) + OVERHEAD_BYTES
        while self._bytes > self._most:
            self._remove(next(iter(self._values)))

    async def once(self, key: Hashable, make: Callable[[], Awaitable[Value]]) -> Value:
        """The value of a key; whoever asks while it is being made waits for the same one.

        An error reaches all who wait, and nothing is kept.
        """
        if (value := self.get(key)) is not None:
            return value
        task = self._under_way.get(key)
        if task is None:
            task = self._under_way[key] = asyncio.create_task(self._make(key, make))
        return await asyncio.shield(task)

    async def _make(self, key: Hashable, make: Callable[[], Awaitable[Value]]) -> Value:
        try:
            value = await make()
            self.put(key, value)
            return value
        finally:
            del self._under_way[key]

    def _remove(self, key: Hashable) -> None:
        value = self._values.pop(key, None)
        if value is not None:
            self._bytes -= len(value) + OVERHEAD_BYTES
