"""The HTTP server: uvicorn, with an end to how much of a head it gathers."""

from typing import Any

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_HEAD_BYTES = 128_000
"""Request line and headers as they come in; the gate's own limits, which explain, lie below."""

TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\n\r\n"


class BoundedHead(HttpToolsProtocol):
    """Ends a connection whose request head does not end; httptools would gather it for ever."""

    _head_bytes = 0
    _in_head = True
    _complete = 0

    def data_received(self, data: bytes) -> None:
        """Count what came while no head is complete; one addition for a request that is small."""
        before = self._complete
        super().data_received(data)
        if self._in_head and self._complete == before:
            self._head_bytes += len(data)
            if self._head_bytes > MOST_HEAD_BYTES and not self.transport.is_closing():
                self.transport.write(TOO_LARGE)
                self.transport.close()

    def on_message_begin(self) -> None:
        """Another request begins."""
        self._in_head, self._head_bytes = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Bodies have a limit of their own."""
        self._in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The next request may come on the same connection."""
        self._in_head, self._head_bytes = True, 0
        self._complete += 1
        super().on_message_complete()


def server_config(app: FastAPI, **options: Any) -> uvicorn.Config:
    """How the application is served; the gate itself reads what proxies say."""
    return uvicorn.Config(
        app,
        loop="uvloop",
        http=BoundedHead,
        lifespan="on",
        access_log=False,
        log_config=None,
        log_level="warning",
        proxy_headers=False,
        **options,
    )
