"""`./zgc serve`: from nothing to a service that answers."""

import asyncio
import errno
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

import click
import uvicorn

from geodata.errors import GeodataError
from geodata.geocoding.gazetteer import read_own
from geodata.synthetic.beside import DEFAULT_NAME as SYNTHETIC_NAME
from service.commands.database import own_database, own_synthetic_database, report
from service.commands.prepare import prepare
from service.logs import log_to
from service.maps.parts import all_maps
from service.settings import Settings

GRACE = 5  # seconds that open requests get when the service is stopped
PROBE = b"GET /readyz HTTP/1.0\r\nHost: localhost\r\n\r\n"
PROBE_INTERVAL = 0.1  # seconds


class ServeError(GeodataError):
    """The service cannot start; the text says what to do."""


def serve(settings: Settings, synthetic: int | None = None) -> None:
    """Binds, prepares the database, serves until a signal comes.

    Args:
        settings: what the operator set.
        synthetic: serve so many synthetic enterprises instead of the real data.

    Raises:
        ServeError: the port is taken or the application did not start.
        RefusedError: the operator's own places are wrong.
    """
    log_to(sys.stderr)
    if settings.gazetteer:
        read_own(settings.gazetteer)
    with bind(settings.host, settings.port) as listener, _database(settings, synthetic) as url:
        _prepare(url)
        known = {"database_url": url, "synthetic": settings.synthetic or _is_synthetic(url)}
        _invite_administrator(settings, url)
        report("Starting the service")
        _serve_until_stopped(settings.model_copy(update=known), listener)
        report("Stopped")


@contextmanager
def _database(settings: Settings, synthetic: int | None) -> Iterator[str]:
    """The real database, or a synthetic one beside it, made if need be."""
    if synthetic is None:
        with own_database(settings) as url:
            yield url
        return
    from geodata.synthetic.label import Recipe
    from service.commands.synth import prepare_synthetic

    with own_synthetic_database(settings, SYNTHETIC_NAME) as url:
        prepare_synthetic(url, Recipe(synthetic, synthetic // 2))
        yield url


def _is_synthetic(url: str) -> bool:
    """Also where ZGC_DATABASE_URL itself names a synthetic database."""
    from geodata.synthetic.label import is_synthetic

    return is_synthetic(url)


def bind(host: str, port: int) -> socket.socket:
    """Takes the port before anything slow is done.

    Raises:
        ServeError: names the port or address and what to do.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise ServeError(_why_not(host, port, error)) from None


def _why_not(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} on {host} is in use: stop what listens there (ss -ltnp names it), "
            "or choose another port with --port."
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"Port {port} is for root only: choose one from 1024 up with --port."
    return f"{host} is not an address of this machine: choose one with --host, as 127.0.0.1."


def _prepare(url: str) -> None:
    if (problem := prepare(url)) is not None:
        raise ServeError(problem)


def _invite_administrator(settings: Settings, url: str) -> None:
    """Where nobody can administer the service yet: a link to become the first who can."""
    from geodata.accounts.invitations import invite_first_administrator
    from geodata.audit.ascribe import ascribe
    from geodata.database.engine import open_engine

    engine = open_engine(url)
    with engine.begin() as connection:
        ascribe(connection)
        key = invite_first_administrator(connection, datetime.now(UTC))
    engine.dispose()
    if key is not None:
        place = settings.public_url or _address(settings)
        report(f"No administrator yet. Within an hour, once: {place}/set-up?key={key}")


def _serve_until_stopped(settings: Settings, listener: socket.socket) -> None:
    from service.app import create_app
    from service.server import server_config

    config = server_config(create_app(settings), timeout_graceful_shutdown=GRACE)
    server = _AnnouncingServer(config, _address(settings))
    # uvicorn stops in good order and then raises the signal again for us.
    with suppress(SystemExit):
        server.run(sockets=[listener])
    if not server.started:
        raise ServeError("The service did not start; the reason is above.")


def _address(settings: Settings) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{settings.port}"


class _AnnouncingServer(uvicorn.Server):
    """Says that it is ready when a request has been answered, not before."""

    def __init__(self, config: uvicorn.Config, address: str) -> None:
        super().__init__(config)
        self._address = address

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts, then asks itself."""
        await super().startup(sockets)
        if self.started and sockets:
            self._announcing = asyncio.create_task(self._announce(sockets[0]))

    async def _announce(self, listener: socket.socket) -> None:
        host, port = listener.getsockname()[:2]
        while not await _answers(_reachable(host), port):
            await asyncio.sleep(PROBE_INTERVAL)
        click.echo(f"ready: {self._address}")
        # So that nobody waits for Folium at the first map.
        await asyncio.to_thread(all_maps)


def _reachable(host: str) -> str:
    """A wildcard address is one to listen on, not one to connect to."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)


async def _answers(host: str, port: int) -> bool:
    try:
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(PROBE)
        line = await reader.readline()
        writer.close()
    except OSError:
        return False
    return b" 200 " in line
