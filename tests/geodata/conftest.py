"""Databases that tests may write to for good."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine

from geodata.database import migrate
from geodata.database.engine import open_engine


@pytest.fixture(scope="module")
def migrated_url(new_database: Callable[[], str]) -> str:
    """A migrated database without features, of one test module; what tests commit stays."""
    url = new_database()
    migrate.upgrade(url, lambda _: None)
    return url


@pytest.fixture(scope="module")
def migrated(migrated_url: str) -> Iterator[Engine]:
    engine = open_engine(migrated_url)
    yield engine
    engine.dispose()
