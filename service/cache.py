"""Answers kept in memory, bounded by bytes; they never grow old, since their keys hold versions."""

import asyncio
import gzip
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import zstandard
from starlette.types import Receive, Scope, Send

OVERHEAD_BYTES = 1_000
"""What an entry takes besides its content: key, headers, bookkeeping."""


WORTH_BYTES = 1_000
"""Content below it is not compressed."""

WEIGHT = r"\s*(;\s*q\s*=\s*(?!0(\.0*)?\s*$)[0-9.]+\s*)?"


@dataclass(frozen=True)
class Encoding:
    """A content coding (RFC 9110, 8.4.1).

    Args:
        name: as headers have it.
        accepted: what an element of Accept-Encoding looks like that takes it.
        compress: at the level that costs least.
    """

    name: str
    accepted: re.Pattern[bytes]
    compress: Callable[[bytes], bytes]


def _zstd(content: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=1).compress(content)


def _gzip(content: bytes) -> bytes:
    return gzip.compress(content, compresslevel=1, mtime=0)


ENCODINGS = (
    Encoding("zstd", re.compile(rf"\s*zstd{WEIGHT}".encode()), _zstd),
    Encoding("gzip", re.compile(rf"\s*(gzip|\*){WEIGHT}".encode()), _gzip),
)
"""The best first."""


class Sized(Protocol):
    """Something that knows its number of bytes."""

    def __len__(self) -> int: ...


Value = TypeVar("Value", bound=Sized)


def accepted_encoding(scope: Scope) -> Encoding | None:
    """The best coding that a client takes (RFC 9110, 12.5.3)."""
    for name, value in scope["headers"]:
        if name == b"accept-encoding":
            parts = value.lower().split(b",")
            return next((row for row in ENCODINGS if any(map(row.accepted.fullmatch, parts))), None)
    return None


def tag_for(scope: Scope, etag: str) -> str:
    """The tag of what this client gets: compressed bytes are others (RFC 9110, 8.8.3)."""
    if etag.startswith("W/") or (encoding := accepted_encoding(scope)) is None:
        return etag
    return f'{etag[:-1]}-{encoding.name}"'


class Answer:
    """A response ready to be sent any number of times; an ASGI application.

    Args:
        body: content; an empty one is answered with 204.
        media_type: of the content.
        etag: entity tag, of the content as it is.
        headers: further ones.
        features: how many it holds, where known.
    """

    __slots__ = ("_body", "_compressed", "_etag", "_headers", "_status", "features")

    def __init__(
        self,
        body: bytes,
        media_type: str,
        etag: str,
        headers: Mapping[str, str],
        features: int | None = None,
    ) -> None:
        self.features = features
        rows = {**({"Content-Type": media_type} if body else {}), **headers}
        self._status = 200 if body else 204
        self._headers = [(name.lower().encode(), text.encode()) for name, text in rows.items()]
        self._etag = etag
        self._body = body
        self._compressed: dict[str, bytes] = {}

    @property
    def etag(self) -> str:
        """Entity tag of the content as it is."""
        return self._etag

    def __len__(self) -> int:
        """Bytes that it may come to take: the content, and all compressed as much again."""
        return 2 * len(self._body) if len(self._body) >= WORTH_BYTES else len(self._body)

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Send; middleware gets a list of headers of its own to add to."""
        body, headers = self._body, [*self._headers]
        headers.append((b"etag", tag_for(scope, self._etag).encode()))
        encoding = accepted_encoding(scope) if len(body) >= WORTH_BYTES else None
        if encoding is not None:
            body = self._compress(encoding)
            headers.append((b"content-encoding", encoding.name.encode()))
        if body:
            headers.append((b"content-length", b"%d" % len(body)))
        await send({"type": "http.response.start", "status": self._status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _compress(self, encoding: Encoding) -> bytes:
        """Once for all clients, as long as it takes no more room than it says."""
        held = self._compressed.get(encoding.name)
        if held is None:
            held = encoding.compress(self._body)
            if sum(map(len, self._compressed.values())) + len(held) <= len(self._body):
                self._compressed[encoding.name] = held
        return held


@dataclass(slots=True)
class _Work(Generic[Value]):
    """A value being made, and how many wait for it."""

    task: asyncio.Task[Value]
    waiting: int = 0


class Cache(Generic[Value]):
    """Values by key; the least recently used go first when there are too many bytes.

    Args:
        most_bytes: of all values and their bookkeeping; a value beyond it is not kept.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._bytes = 0
        self.hits = self.misses = 0
        self._values: OrderedDict[Hashable, Value] = OrderedDict()
        self._under_way: dict[Hashable, _Work[Value]] = {}

    @property
    def bytes(self) -> int:
        """Bytes held."""
        return self._bytes

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: Hashable) -> Value | None:
        """The value of a key, if it is still there."""
        value = self._values.get(key)
        if value is None:
            self.misses += 1
        else:
            self.hits += 1
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

        An error reaches all who wait, and nothing is kept. When the last who waits is cancelled,
        the making is.
        """
        if (value := self._values.get(key)) is not None:
            return value
        work = self._under_way.get(key)
        if work is None:
            work = self._under_way[key] = _Work(asyncio.create_task(self._make(key, make)))
        work.waiting += 1
        try:
            return await asyncio.shield(work.task)
        finally:
            work.waiting -= 1
            if not work.waiting and self._under_way.get(key) is work:
                del self._under_way[key]
                work.task.cancel()

    async def _make(self, key: Hashable, make: Callable[[], Awaitable[Value]]) -> Value:
        value = await make()
        self.put(key, value)
        return value

    def _remove(self, key: Hashable) -> None:
        value = self._values.pop(key, None)
        if value is not None:
            self._bytes -= len(value) + OVERHEAD_BYTES
