"""A small synthetic database with the peers' copies, and the service on it."""

import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest
import uvicorn

from bench.database import add_peers_tables
from bench.samples import Samples, draw
from bench.server import Running
from geodata.synthetic.label import Recipe
from geodata.synthetic.make import make
from service.app import create_app
from service.settings import Settings

ENTERPRISES = 3_000


@pytest.fixture(scope="session")
def bench_url(new_database: Callable[[], str]) -> str:
    url = new_database()
    make(url, Recipe(ENTERPRISES, ENTERPRISES // 2), lambda _: None, lambda _: None)
    add_peers_tables(url, lambda _: None)
    return url


@pytest.fixture(scope="session")
def samples(bench_url: str) -> Samples:
    return draw(bench_url, ENTERPRISES)


@pytest.fixture(scope="session")
def zgc(bench_url: str) -> Iterator[Running]:
    """The service on a real socket."""
    listener = socket.create_server(("127.0.0.1", 0))
    settings = Settings(database_url=bench_url, synthetic=True, rate_reads=0, rate_costly=0)
    server = uvicorn.Server(uvicorn.Config(create_app(settings), log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server ended while starting"
        time.sleep(0.02)
    yield Running("zgc", listener.getsockname()[1], 0)
    server.should_exit = True
    thread.join()
    listener.close()
