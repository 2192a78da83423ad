"""Databases that tests may write to for good, and the serving pool."""

from collections.abc import AsyncIterator, Callable, Iterator

import pytest
from sqlalchemy import Engine

from geodata.database.engine import open_engine
from geodata.database.pool import Pool, open_pool
from geodata.database.reader import serving_url


@pytest.fixture(scope="module")
def migrated_url(migrated_database: Callable[[], str]) -> str:
    """A migrated database without features, of one test module; what tests commit stays."""
    return migrated_database()


@pytest.fixture(scope="module")
def migrated(migrated_url: str) -> Iterator[Engine]:
    engine = open_engine(migrated_url)
    yield engine
    engine.dispose()


@pytest.fixture
async def pool(plan_url: str) -> AsyncIterator[Pool]:
    """The serving pool on the plan's database, as the serving role."""
    pool = await open_pool(serving_url(plan_url), size=2, statement_timeout_s=30)
    yield pool
    await pool.close()
