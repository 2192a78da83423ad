"""An empty set of accounts, and a clock that stands."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, Engine

from geodata.accounts.tables import ACCOUNTS_METADATA
from geodata.accounts.users import add_user

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PASSWORD = "松柏之茂 隔冬不凋 42"


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def password() -> str:
    return PASSWORD


@pytest.fixture
def wang(connection: Connection) -> str:
    """A land officer and nobody else, in a transaction that is rolled back."""
    _remove_all(connection)
    add_user(connection, "wang", "land_officer", password=PASSWORD, now=NOW)
    return "wang"


@pytest.fixture
def engine(plan_engine: Engine) -> Iterator[Engine]:
    """With `wang` committed; afterwards there are no accounts."""
    with plan_engine.begin() as connection:
        add_user(connection, "wang", "land_officer", password=PASSWORD, now=NOW)
    yield plan_engine
    with plan_engine.begin() as connection:
        _remove_all(connection)


def _remove_all(connection: Connection) -> None:
    for table in reversed(ACCOUNTS_METADATA.sorted_tables):
        connection.execute(table.delete())
