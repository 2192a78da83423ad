"""What keeps the audit of a running service: its journal, its chain, and its age."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from anyio import to_thread
from fastapi import FastAPI
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import HTTPConnection

from geodata.audit.chain import seal_all
from geodata.audit.event import Event, keep
from geodata.audit.retention import prune
from geodata.audit.roles import audit_urls
from geodata.database.engine import open_engine
from service.audit.journal import Journal
from service.settings import Settings

LOG = logging.getLogger(__name__)

SEALED_EVERY_S = 10.0
PRUNED_EVERY_S = 24 * 3600.0


@dataclass(frozen=True)
class Audit:
    """The audit of a running service.

    Args:
        journal: adds events, as a login that can do nothing else.
        reader: connections of the login that reads it.
        days: how long an event is kept.
    """

    journal: Journal
    reader: Engine
    days: int


@asynccontextmanager
async def audit_lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Keeps the audit while the service runs."""
    settings: Settings = app.state.service.settings
    url = settings.database_url or ""
    urls = await to_thread.run_sync(audit_urls, url)
    writer, reader, owner = open_engine(urls.writer), open_engine(urls.reader), open_engine(url)
    journal = Journal(lambda events: _write(writer, events))
    app.state.audit = Audit(journal, reader, settings.audit_days)
    tending = asyncio.create_task(_tend(owner, settings.audit_days))
    try:
        yield
    finally:
        tending.cancel()
        await asyncio.gather(tending, return_exceptions=True)
        await to_thread.run_sync(journal.close)
        for engine in (writer, reader, owner):
            engine.dispose()


def audit_of(asked: HTTPConnection) -> Audit:
    """The audit of the running service."""
    audit: Audit = asked.app.state.audit
    return audit


def _write(engine: Engine, events: Sequence[Event]) -> None:
    with engine.begin() as connection:
        keep(connection, events)


def _prune(owner: Engine, days: int) -> None:
    with owner.begin() as connection:
        prune(connection, days)


async def _tend(owner: Engine, days: int) -> None:
    """Chain what was added, and once a day let go of what is too old."""
    loop = asyncio.get_running_loop()
    pruning_due = loop.time()
    while True:
        await asyncio.sleep(SEALED_EVERY_S)
        try:
            await to_thread.run_sync(seal_all, owner)
            if loop.time() >= pruning_due:
                await to_thread.run_sync(_prune, owner, days)
                pruning_due = loop.time() + PRUNED_EVERY_S
        except SQLAlchemyError as error:
            LOG.warning("the audit is not chained now: %s", str(error).strip().splitlines()[0])
