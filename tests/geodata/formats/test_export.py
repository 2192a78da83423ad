"""Streams: what is chosen goes out, failures are told, and whoever hangs up ends the query."""

import asyncio
import json
import os
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import aclosing
from dataclasses import replace
from functools import partial, reduce
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from sqlalchemy import Integer, bindparam, cast, func, select, text, true
from starlette.applications import Starlette
from starlette.responses import StreamingResponse
from starlette.routing import Route

from geodata.database.pool import open_pool
from geodata.errors import DatabaseBusyError
from geodata.formats import stream as streams
from geodata.formats import worker
from geodata.formats.catalog import FORMATS, find_format
from geodata.formats.errors import ExportError, StalledReaderError
from geodata.formats.export import export
from geodata.formats.worker import FOLDER, Encoder

GEOJSON, GPKG, FGB = (find_format(name) for name in ("geojson", "gpkg", "fgb"))
PATIENCE_S = 20


def ids(file):
    return [feature["id"] for feature in json.loads(file)["features"]]


def table_of(store):
    return store.metadata.tables[store.layer.id]


def test_bind_values_filter(hard):
    table = table_of(hard)
    chosen = hard.all.where(table.c.id > bindparam("after")).limit(
        bindparam("count", type_=Integer)
    )
    file = hard.export(GEOJSON, chosen, values={"after": "row-010", "count": 2})
    assert ids(file) == ["row-011", "row-012"]


def test_a_subquery_serves_as_rows(hard):
    known = select(*table_of(hard).c).where(table_of(hard).c.id < "row-003").subquery("known")
    file = hard.export(GEOJSON, select(known).order_by(known.c.id.desc()))
    assert ids(file) == ["row-002", "row-001", "row-000"]


@pytest.mark.parametrize("format", FORMATS, ids=lambda each: each.name)
def test_progress_counts_every_feature(hard, format):
    told: list[int] = []
    hard.export(format, hard.all, progress=told.append)
    assert sum(told) == len(hard.rows())


def test_a_query_that_fails_is_told_before_the_first_byte(hard):
    broken = hard.all.where(cast(table_of(hard).c.name_zh, Integer) > 1)
    with pytest.raises(Exception, match="invalid input syntax"):
        hard.export(GEOJSON, broken)
    with pytest.raises(Exception, match="invalid input syntax"):
        hard.export(GPKG, broken)


def test_an_encoder_that_fails_tells_the_log_why(hard, caplog):
    with pytest.raises(ExportError, match="could not be written as no_such_format; the cause is"):
        hard.export(replace(GPKG, write=Encoder("no_such_format")))
    assert "No module named 'geodata.formats.no_such_format'" in caplog.text


@pytest.mark.parametrize("format", [GEOJSON, FGB, GPKG], ids=lambda each: each.name)
def test_a_reader_that_takes_nothing_loses_connection_and_worker(hard, format, monkeypatch):
    """It keeps its stream open, as one does whose machine is gone."""
    monkeypatch.setattr(streams, "STALL_S", 0.2)
    monkeypatch.setattr(worker, "PIECE", 64)
    query = hard.all if format is GPKG else endless(hard)

    async def take_one_piece():
        pool = await open_pool(hard.url, size=1, statement_timeout_s=5)
        try:
            async with aclosing(await export(pool, hard.layer, query, format)) as stream:
                await anext(stream)
                async with asyncio.timeout(PATIENCE_S), pool.connection():
                    assert children() == []
                with pytest.raises(StalledReaderError, match="no byte was read for"):
                    async for _ in stream:
                        pass
        finally:
            await pool.close()

    asyncio.run(take_one_piece())


def test_a_full_pool_is_told_at_once(hard):
    async def twice():
        pool = await open_pool(hard.url, size=1, statement_timeout_s=5, acquire_timeout_s=0.1)
        try:
            async with aclosing(await export(pool, hard.layer, endless(hard), GEOJSON)):
                with pytest.raises(DatabaseBusyError):
                    await export(pool, hard.layer, hard.all, GEOJSON)
            async with aclosing(await export(pool, hard.layer, hard.all, GEOJSON)) as again:
                return b"".join([piece async for piece in again])
        finally:
            await pool.close()

    assert len(ids(asyncio.run(twice()))) == len(hard.rows())


def endless(store):
    """A query that sends rows until it is cancelled: each with each, many times over."""
    table = table_of(store)
    others = [table.alias(f"other_{number}") for number in range(6)]
    id = func.concat_ws("-", table.c.id, *(other.c.id for other in others)).label("id")
    rows = reduce(lambda joined, other: joined.join(other, true()), others, table)
    columns = (id if column is table.c.id else column for column in table.c)
    return select(select(*columns).select_from(rows).subquery("rows"))


def silent(store):
    """A query that sends nothing for a long time."""
    table = table_of(store)
    pause = select(func.pg_sleep(600)).subquery()
    return select(select(*table.c).select_from(table.join(pause, true())).subquery("rows"))


@pytest.mark.parametrize("query", [endless, silent])
@pytest.mark.parametrize("format", [GEOJSON, FGB, GPKG], ids=lambda each: each.name)
def test_closing_the_stream_ends_everything(hard, format, query, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    unlimited = replace(format, most=None)

    async def begin_and_close():
        pool = await open_pool(hard.url, size=1, statement_timeout_s=5)
        try:
            with pytest.raises(TimeoutError):
                await _read_for(0.6, export(pool, hard.layer, query(hard), unlimited))
            async with asyncio.timeout(PATIENCE_S):
                stream = await export(pool, hard.layer, hard.all, GEOJSON)
                return b"".join([piece async for piece in stream])
        finally:
            await pool.close()

    assert len(ids(asyncio.run(begin_and_close()))) == len(hard.rows())
    assert list(tmp_path.glob(f"{FOLDER}*")) == []
    assert children() == []


async def _read_for(seconds, beginning):
    async with asyncio.timeout(seconds), aclosing(await beginning) as stream:
        async for _ in stream:
            pass


def children() -> list[str]:
    """Workers of this process."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = entry.read_bytes()
            parent = int((entry.parent / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if parent == os.getpid() and b"geodata.formats.encode" in command:
            found.append(entry.parent.name)
    return found


@pytest.fixture
def serve(hard) -> Iterator[Callable[..., int]]:
    """The stream on a real socket, as a service would answer with it: the port."""
    stops = []

    def start(query: Callable[[Any], Any], format: Any) -> int:
        async def answer(request):
            stream = await export(request.app.state.pool, hard.layer, query(hard), format)
            return StreamingResponse(stream, media_type=format.media_type)

        return _run(hard.url, answer, stops)

    yield start
    for stop in stops:
        stop()


def _run(url: str, answer: Callable[..., Any], stops: list[Callable[[], None]]) -> int:
    app = Starlette(routes=[Route("/", answer)], lifespan=partial(_with_pool, url))
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="critical", lifespan="on")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()

    def stop() -> None:
        server.should_exit = True
        thread.join()
        listener.close()

    stops.append(stop)
    return listener.getsockname()[1]


class _with_pool:  # noqa: N801
    """A pool as long as the app lives."""

    def __init__(self, url: str, app: Starlette) -> None:
        self._url = url
        self._app = app

    async def __aenter__(self) -> None:
        self._app.state.pool = await open_pool(self._url, size=1, statement_timeout_s=5)

    async def __aexit__(self, *_: object) -> None:
        await self._app.state.pool.close()


@pytest.mark.parametrize(
    ("format", "query"),
    [(GEOJSON, endless), (FGB, endless), (GPKG, endless), (GPKG, silent)],
    ids=("geojson", "fgb", "gpkg", "gpkg before its first byte"),
)
def test_a_client_that_hangs_up_ends_the_query(hard, serve, format, query, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    port = serve(query, format)
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert client.recv(4096).startswith(b"HTTP/1.1 200")
        assert running(hard) == 1
    deadline = time.monotonic() + PATIENCE_S
    while running(hard) or children() or list(tmp_path.glob(f"{FOLDER}*")):
        assert time.monotonic() < deadline, "the query outlived its client"
        time.sleep(0.05)


def running(store) -> int:
    """Queries and open transactions of the service on the store."""
    with store.engine.connect() as connection:
        return connection.scalar(
            text(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'zgc-gis'"
                " AND datname = current_database() AND state <> 'idle'"
            )
        )
