"""Layer versions in a running service: they follow commits, whatever becomes of the listener."""

import asyncio
import time
import uuid
from contextlib import asynccontextmanager
from datetime import date

import pytest
from sqlalchemy import func, select, text

from geodata.database.pool import open_pool
from geodata.database.record import VERSION_CHANNEL
from geodata.database.tables import METADATA
from geodata.database.versions import LayerVersions
from geodata.errors import DatabaseBusyError
from layers.catalog import CATALOG

pytestmark = pytest.mark.anyio

PROJECTS = CATALOG.get("projects")
LISTENERS = text(
    "SELECT pid FROM pg_stat_activity"
    " WHERE datname = current_database() AND query LIKE 'LISTEN%' AND pid <> pg_backend_pid()"
    " AND state = 'idle'"
)
"""Sessions whose LISTEN has been committed: one still under way would miss a notice."""
PATIENCE_S = 20


def write(engine):
    """Commit a change of one row; the version after it."""
    row = {
        "id": f"made-up-{uuid.uuid4().hex[:12]}",
        "name_zh": "试",
        "source": "test",
        "as_of": date(2011, 1, 1),
        "boundary_status": "schematic",
        "kind": "pilot",
    }
    versions = METADATA.tables["layer_versions"]
    with engine.begin() as connection:
        connection.execute(METADATA.tables["projects"].insert().values(row))
        query = select(versions.c.version).where(versions.c.layer == "projects")
        return connection.execute(query).scalar_one()


def listeners(engine):
    with engine.connect() as connection:
        return set(connection.execute(LISTENERS).scalars())


def end(engine, sessions):
    with engine.connect() as connection:
        for session in sessions:
            connection.execute(select(func.pg_terminate_backend(session)))


@pytest.fixture(autouse=True)
def no_listener_of_a_former_test(migrated):
    """A session that is ending would be taken for the one that has just begun."""
    deadline = time.monotonic() + PATIENCE_S
    while listeners(migrated):
        assert time.monotonic() < deadline, "a former listener never ended"
        time.sleep(0.01)


async def until(condition):
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not come about in time"
        await asyncio.sleep(0.01)


async def until_current(versions, version):
    """Poll; the versions seen on the way."""
    seen, deadline = [], time.monotonic() + PATIENCE_S
    while not seen or seen[-1] < version:
        assert time.monotonic() < deadline, f"{version} expected, {seen[-1:]} seen last"
        seen.append(await versions.current(PROJECTS))
        await asyncio.sleep(0.01)
    return seen


@asynccontextmanager
async def running(url, **options):
    settings = {"size": 1, "statement_timeout_s": 5, "acquire_timeout_s": 5} | options
    pool = await open_pool(url, **settings)
    versions = LayerVersions(url, pool)
    versions.start()
    try:
        yield versions, pool
    finally:
        await versions.stop()
        await pool.close()


async def until_listening(versions, pool):
    """A listener needs no connection of the pool to know a version."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            async with pool.connection():
                await versions.current(PROJECTS)
            return
        except DatabaseBusyError:
            assert time.monotonic() < deadline, "never listened"
            await asyncio.sleep(0.01)


async def test_a_layer_that_was_never_written_has_version_0(migrated_url):
    async with running(migrated_url) as (versions, _):
        assert await versions.current(CATALOG.get("parcels")) == 0


async def test_a_version_is_known_before_the_listener_is_up(migrated_url, migrated):
    version = write(migrated)
    pool = await open_pool(migrated_url, size=1, statement_timeout_s=5)
    versions = LayerVersions(migrated_url, pool)
    assert await versions.current(PROJECTS) == version
    version = write(migrated)
    assert await versions.current(PROJECTS) == version
    await versions.stop()
    await pool.close()


async def test_a_change_committed_by_others_is_followed(migrated_url, migrated):
    async with running(migrated_url, acquire_timeout_s=0.1) as (versions, pool):
        await until_listening(versions, pool)
        before = await versions.current(PROJECTS)
        version = write(migrated)
        assert version > before
        seen = await until_current(versions, version)
        assert seen == sorted(seen)


async def test_a_listener_asks_the_database_nothing_more(migrated_url):
    async with running(migrated_url, acquire_timeout_s=0.1) as (versions, pool):
        await until_listening(versions, pool)
        async with pool.connection():
            for _ in range(100):
                await versions.current(PROJECTS)


async def test_changes_are_followed_after_the_listener_was_killed(migrated_url, migrated):
    async with running(migrated_url) as (versions, _):
        await until(lambda: listeners(migrated))
        former = listeners(migrated)
        end(migrated, former)
        seen = await until_current(versions, write(migrated))
        await until(lambda: listeners(migrated) - former)
        seen += await until_current(versions, write(migrated))
        assert seen == sorted(seen)


async def test_a_version_never_goes_back_though_a_later_read_brings_less(migrated_url, migrated):
    """A notice may overtake the read that was begun before it."""
    ahead = write(migrated) + 1000
    async with running(migrated_url) as (versions, _):
        await until(lambda: listeners(migrated))
        with migrated.begin() as connection:
            connection.execute(select(func.pg_notify(VERSION_CHANNEL, f"projects {ahead}")))
        await until_current(versions, ahead)
        former = listeners(migrated)
        end(migrated, former)
        while not listeners(migrated) - former:
            assert await versions.current(PROJECTS) == ahead
            await asyncio.sleep(0.01)
        assert await versions.current(PROJECTS) == ahead


@pytest.mark.parametrize("payload", ["", "projects", "projects x", "projects -1", "1"])
async def test_a_notice_that_is_none_of_ours_changes_nothing(migrated_url, migrated, payload):
    async with running(migrated_url) as (versions, _):
        await until(lambda: listeners(migrated))
        before = await versions.current(PROJECTS)
        with migrated.begin() as connection:
            connection.execute(select(func.pg_notify(VERSION_CHANNEL, payload)))
        seen = await until_current(versions, write(migrated))
        assert set(seen) <= {before, before + 1}


async def test_listening_begins_though_the_pool_was_exhausted_at_the_start(migrated_url):
    async with running(migrated_url, acquire_timeout_s=0.1) as (versions, pool):
        async with pool.connection():
            with pytest.raises(DatabaseBusyError):
                await versions.current(PROJECTS)
            await asyncio.sleep(0.3)
        await until_listening(versions, pool)


async def test_nothing_listens_after_the_stop(migrated_url, migrated):
    async with running(migrated_url):
        await until(lambda: listeners(migrated))
    await until(lambda: not listeners(migrated))
