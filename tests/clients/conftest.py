"""The application on a real port, and what clients ask it for."""

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import pytest
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from service.app import create_app
from service.settings import Settings


@dataclass
class Recorded:
    """An application whose requests are written down."""

    app: ASGIApp
    lines: list[str] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self.lines.append(f"{scope['path']}?{scope['query_string'].decode()}")
        await self.app(scope, receive, send)


@dataclass(frozen=True)
class Server:
    """A running service: its OGC API, and the requests for items since it was last asked."""

    ogc: str
    recorded: Recorded

    def item_queries(self) -> list[dict[str, str]]:
        asked = [urlsplit(line) for line in self.recorded.lines]
        self.recorded.lines.clear()
        return [
            {name: value for name, [value] in parse_qs(each.query).items()}
            for each in asked
            if each.path.endswith("/items")
        ]


@pytest.fixture(scope="session")
def running(plan_url: str) -> Iterator[Server]:
    """A service of the plan's inventory."""
    recorded = Recorded(create_app(Settings(database_url=plan_url)))
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(recorded, log_level="warning", access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server ended while starting"
        time.sleep(0.02)
    yield Server(f"http://127.0.0.1:{listener.getsockname()[1]}/ogc", recorded)
    server.should_exit = True
    thread.join()
    listener.close()


@pytest.fixture
def server(running: Server) -> Server:
    """The service, with nothing written down yet."""
    running.recorded.lines.clear()
    return running
