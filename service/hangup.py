"""A client that hangs up ends its query: nobody would read the answer.

Only answers that are long in coming are watched, since most are there before a watch would pay.
Once an answer has begun its own stream watches the client (`geodata/formats/stream.py`).
"""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

PATIENCE_S = 0.05
DUE_TICKS = 2

DISCONNECT: Message = {"type": "http.disconnect"}
BODY_HEADERS = (b"content-length", b"transfer-encoding")


class EndsWithClient:
    """Cancels the work on a request whose client has gone; work shared with others goes on."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._open: set[_Watch] = set()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        watch = _Watch(scope, receive, send)
        self._open.add(watch)
        self._keep_time()
        try:
            await watch.run(self._app, scope)
        finally:
            self._open.discard(watch)

    def _keep_time(self) -> None:
        """One timer for all requests, since one for each would cost more than all the rest."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._loop = loop
            loop.call_later(PATIENCE_S, self._tick)

    def _tick(self) -> None:
        for watch in self._open:
            watch.grow_older()
        self._loop = None
        if self._open:
            self._keep_time()


class _Watch:
    """Stands between a request and its server; listens for the end of the connection."""

    __slots__ = (
        "_age",
        "_begun",
        "_gone",
        "_listener",
        "_read",
        "_receive",
        "_scope",
        "_send",
        "_task",
    )

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self._task = asyncio.current_task()
        self._age = 0
        self._read = self._begun = self._gone = False
        self._listener: asyncio.Task[None] | None = None

    async def run(self, app: ASGIApp, scope: Scope) -> None:
        """Run the application; return quietly where it was given up."""
        try:
            await app(scope, self.receive, self.send)
        except asyncio.CancelledError:
            if not self._gone or self._task is None:
                raise
            self._task.uncancel()
        finally:
            if self._listener is not None:
                self._listener.cancel()

    async def receive(self) -> Message:
        """For the application; while we listen, only the end can come."""
        if self._listener is not None:
            await asyncio.wait([self._listener])
            return DISCONNECT
        message = await self._receive()
        if message["type"] == "http.request" and not message.get("more_body"):
            self._read = True
            self._listen_if_due()
        return message

    async def send(self, message: Message) -> None:
        """For the application."""
        self._begun = True
        await self._send(message)

    def grow_older(self) -> None:
        """At each tick; who has seen two has waited long enough."""
        self._age += 1
        self._listen_if_due()

    def _listen_if_due(self) -> None:
        """Not before the body has been read, which would be taken from the application."""
        if self._age < DUE_TICKS or self._begun or self._listener is not None:
            return
        if self._read or not any(name in BODY_HEADERS for name, _ in self._scope["headers"]):
            self._listener = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            continue
        if not self._begun and self._task is not None:
            self._gone = True
            self._task.cancel()
