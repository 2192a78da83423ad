"""A database whose audit a module fills, and sessions of the logins that have to do with it."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, Engine, select

from geodata.audit.event import Event, keep
from geodata.audit.roles import AuditUrls, audit_urls
from geodata.audit.tables import EVENTS
from geodata.database.engine import open_engine


@pytest.fixture(scope="module")
def url(migrated_url: str) -> str:
    return migrated_url


@pytest.fixture(scope="module")
def owner(url: str) -> Iterator[Engine]:
    engine = open_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def urls(url: str) -> AuditUrls:
    return audit_urls(url)


@pytest.fixture
def write(urls: AuditUrls) -> Iterator[Callable[..., None]]:
    """Adds events as the login that may do nothing else."""
    engine = open_engine(urls.writer)

    def add(*events: Event) -> None:
        with engine.begin() as connection:
            keep(connection, events)

    yield add
    engine.dispose()


@pytest.fixture
def told(owner: Engine) -> Callable[[], list[dict[str, Any]]]:
    """What the audit was told since the test began, oldest first."""
    with owner.connect() as connection:
        before = last(connection)

    def since() -> list[dict[str, Any]]:
        query = select(EVENTS).where(EVENTS.c.id > before).order_by(EVENTS.c.id)
        with owner.connect() as connection:
            return [dict(row._mapping) for row in connection.execute(query)]

    return since


def last(connection: Connection) -> int:
    return connection.scalar(select(EVENTS.c.id).order_by(EVENTS.c.id.desc()).limit(1)) or 0


@pytest.fixture
def age(url: str) -> Callable[[int, int], None]:
    """Makes an event older, as time does: the guards are set aside by who could do so."""

    def make(event: int, days: int) -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("ALTER TABLE audit.events DISABLE TRIGGER refuse")
            connection.execute(
                "UPDATE audit.events SET at = now() - make_interval(days => %s) WHERE id = %s",
                (days, event),
            )
            connection.execute("ALTER TABLE audit.events ENABLE ALWAYS TRIGGER refuse")

    return make
