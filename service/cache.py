"""Answers kept in memory, bounded by bytes; they never grow old, since their keys hold versions."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Mapping
from typing import Generic, Protocol, TypeVar

from starlette.types import Receive, Scope, Send

OVERHEAD_BYTES = 1_000
"""What an entry takes besides its content: key, headers, bookkeeping."""


class Sized(Protocol):
    """Something that knows its number of bytes."""

    def __len__(self) -> int: ...


Value = TypeVar("Value", bound=Sized)


class Answer:
    """A response ready to be sent any number of times; an ASGI application.

    Args:
        body: content; an empty one is answered with 204.
        media_type: of the content.
        headers: further ones, `ETag` among them.
    """

    __slots__ = ("_body", "_headers", "_status")

    def __init__(self, body: bytes, media_type: str, headers: Mapping[str, str]) -> None:
        content = {"content-type": media_type, "content-length": str(len(body))} if body else {}
        rows = {**content, **headers}
        self._body = body
        self._status = 200 if body else 204
        self._headers = [(name.lower().encode(), text.encode()) for name, text in rows.items()]

    def __len__(self) -> int:
        return len(self._body)

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send; middleware gets a list of headers of its own to add to."""
        start = {"type": "http.response.start", "status": self._status}
        await send({**start, "headers": self._headers.copy()})
        await send({"type": "http.response.body", "body": self._body})


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
