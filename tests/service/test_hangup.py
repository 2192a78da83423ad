"""A client that hangs up ends its query, seen in the database; shared work and others go on."""

import asyncio
import json
import socket
import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, text
from starlette.types import Message

from service.hangup import DISCONNECT, PATIENCE_S, EndsWithClient

RUNNING = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND application_name = 'zgc-gis' AND state = 'active' AND wait_event_type = 'Lock'"
)
SQUARE = {
    "type": "Polygon",
    "coordinates": [[[116.2, 39.9], [116.5, 39.9], [116.5, 40.1], [116.2, 40.1], [116.2, 39.9]]],
}


@pytest.fixture
def blocked(plan_engine: Engine) -> Iterator[Callable[[], int]]:
    """Holds a lock that every query of `clusters` waits for; tells how many queries wait."""
    with plan_engine.connect() as holder, plan_engine.connect() as observer:
        holder.execute(text("LOCK TABLE clusters IN ACCESS EXCLUSIVE MODE"))

        def waiting() -> int:
            observer.rollback()
            return int(observer.execute(RUNNING).scalar_one())

        yield waiting
        holder.rollback()


def _ask(server: str, line: str, body: bytes = b"") -> socket.socket:
    host, port = server.removeprefix("http://").split(":")
    client = socket.create_connection((host, int(port)))
    head = f"{line} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(body)}\r\n\r\n"
    client.sendall((head if body else head.replace("Content-Length: 0\r\n", "")).encode() + body)
    return client


def _until(waiting: Callable[[], int], number: int, timeout_s: float = 5) -> float:
    """Seconds until so many queries wait."""
    start = time.monotonic()
    while waiting() != number:
        assert time.monotonic() - start < timeout_s, f"{waiting()} queries wait, not {number}"
        time.sleep(0.01)
    return time.monotonic() - start


@pytest.mark.parametrize(
    ("line", "body"),
    [
        ("GET /ogc/collections/clusters/items?filter=name_zh%3D%27x%27", b""),
        ("GET /ogc/collections/clusters/items?f=html&limit=3", b""),
        ("HEAD /ogc/collections/clusters/items/north", b""),
        ("GET /ogc/collections/clusters/tiles/WebMercatorQuad/3/3/6?properties=id", b""),
        ("GET /ogc/collections/clusters/items?f=csv", b""),
        ("GET /api/statistics/clusters/north", b""),
        ("POST /api/statistics", json.dumps(SQUARE).encode()),
    ],
)
def test_a_query_ends_soon_after_its_client_has_gone(
    live_server: str, blocked: Callable[[], int], line: str, body: bytes
) -> None:
    client = _ask(live_server, line, body)
    _until(blocked, 1)
    client.close()
    assert _until(blocked, 0) < 1


def test_a_query_goes_on_while_its_client_waits(
    live_server: str, blocked: Callable[[], int]
) -> None:
    client = _ask(live_server, "GET /ogc/collections/clusters/items?filter=name_zh%3D%27y%27")
    _until(blocked, 1)
    time.sleep(5 * PATIENCE_S)
    assert blocked() == 1
    client.close()
    _until(blocked, 0)


def test_work_that_another_waits_for_goes_on(live_server: str, blocked: Callable[[], int]) -> None:
    tile = "GET /ogc/collections/clusters/tiles/WebMercatorQuad/3/3/6?properties=name_en"
    first = _ask(live_server, tile)
    _until(blocked, 1)
    second = _ask(live_server, tile)
    time.sleep(3 * PATIENCE_S)
    first.close()
    time.sleep(3 * PATIENCE_S)
    assert blocked() == 1
    second.close()
    assert _until(blocked, 0) < 1


class Server:
    """The server's side of a request, by hand."""

    def __init__(self, headers: dict[bytes, bytes] | None = None) -> None:
        self.scope = {"type": "http", "headers": list((headers or {}).items())}
        self.messages: asyncio.Queue[Message] = asyncio.Queue()
        self.sent: list[str] = []

    async def send(self, message: Message) -> None:
        self.sent.append(message["type"])

    async def run(self, app) -> None:
        await EndsWithClient(app)(self.scope, self.messages.get, self.send)


@pytest.mark.anyio
async def test_a_body_that_comes_slowly_reaches_the_application_whole() -> None:
    server, received = Server({b"content-length": b"2"}), []

    async def app(_scope, receive, send) -> None:
        while (message := await receive()).get("more_body"):
            received.append(message["body"])
        received.append(message["body"])
        await send({"type": "http.response.start"})

    running = asyncio.create_task(server.run(app))
    await asyncio.sleep(3 * PATIENCE_S)
    server.messages.put_nowait({"type": "http.request", "body": b"a", "more_body": True})
    await asyncio.sleep(0)
    server.messages.put_nowait({"type": "http.request", "body": b"b"})
    await running
    assert (received, server.sent) == ([b"a", b"b"], ["http.response.start"])


@pytest.mark.anyio
async def test_an_answer_that_has_begun_ends_by_its_own_rules() -> None:
    server, heard = Server(), []

    async def app(_scope, receive, send) -> None:
        await asyncio.sleep(3 * PATIENCE_S)
        await send({"type": "http.response.start"})
        heard.append(await receive())

    running = asyncio.create_task(server.run(app))
    await asyncio.sleep(4 * PATIENCE_S)
    server.messages.put_nowait({"type": "http.request", "body": b""})
    server.messages.put_nowait(DISCONNECT)
    await running
    assert heard == [DISCONNECT]


@pytest.mark.anyio
async def test_being_cancelled_by_another_is_no_hanging_up() -> None:
    """A shutdown, say."""
    server, before = Server(), asyncio.all_tasks()

    async def app(_scope, _receive, _send) -> None:
        await asyncio.sleep(60)

    running = asyncio.create_task(server.run(app))
    await asyncio.sleep(3 * PATIENCE_S)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert asyncio.all_tasks() == before
