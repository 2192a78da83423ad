"""A client that hangs up ends its query: nobody would read the answer.

Only answers that are long in coming are watched, since most are there before a watch would pay.
Once an answer has begun its own stream watches the client (`geodata/formats/stream.py`).
"""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

PATIENCE_S = 0.05

DISCONNECT: Message = {"type": "http.disconnect"}
BODY_HEADERS = (b"content-length", b"transfer-encoding")


class EndsWithClient:
    """Cancels the work on a request whose client has gone; work shared with others goes on."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        watch = _Watch(scope, receive, send)
        await watch.run(self._app, scope)


class _Watch:
    """Stands between a request and its server; listens for the end of the connection."""

    __slots__ = ("_begun", "_due", "_gone", "_listener", "_read", "_receive", "_send", "_task")

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._receive, self._send = receive, send
        self._task = asyncio.current_task()
        self._read = not any(name in BODY_HEADERS for name, _ in scope["headers"])
        self._due = self._begun = self._gone = False
        self._listener: asyncio.Task[None] | None = None

    async def run(self, app: ASGIApp, scope: Scope) -> None:
        """Run the application; return quietly where it was given up."""
        timer = asyncio.get_running_loop().call_later(PATIENCE_S, self._fall_due)
        try:
            await app(scope, self.receive, self.send)
        except asyncio.CancelledError:
            if not self._gone or self._task is None:
                raise
            self._task.uncancel()
        finally:
            timer.cancel()
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

    def _fall_due(self) -> None:
        self._due = True
        self._listen_if_due()

    def _listen_if_due(self) -> None:
        """Not before the body has been read, which would be taken from the application."""
        if self._due and self._read and not self._begun and self._listener is None:
            self._listener = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            continue
        if not self._begun and self._task is not None:
            self._gone = True
            self._task.cancel()
