"""Clients of the providers on loopback, and what online geocoding keeps in a database."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine

from geodata.geocoding.cache import Cache
from geodata.geocoding.providers import amap, baidu, tencent, tianditu
from geodata.geocoding.providers.client import Client
from geodata.geocoding.providers.provider import Account
from geodata.geocoding.quota import Allowance, Quota
from geodata.geocoding.review import Queue
from geodata.geocoding.tables import GEOCODING_METADATA

ALL = {each.PROVIDER.name: each.PROVIDER for each in (tianditu, amap, baidu, tencent)}


@pytest.fixture
def engine(migrated: Engine) -> Engine:
    """Of a database whose tables of geocoding are empty."""
    with migrated.begin() as connection:
        for table in reversed(GEOCODING_METADATA.sorted_tables):
            connection.execute(table.delete())
    return migrated


@pytest.fixture
def cache(engine: Engine) -> Cache:
    return Cache(engine)


@pytest.fixture
def queue(engine: Engine) -> Queue:
    return Queue(engine)


NewClient = Callable[..., Client]


@pytest.fixture
def waits() -> list[float]:
    """Seconds that clients would have slept."""
    return []


@pytest.fixture
def new_client(server: Any, engine: Engine, waits: list[float]) -> Iterator[NewClient]:
    """Clients of the server by the provider's name; they never really sleep."""
    clients = []

    def create(
        name: str,
        *,
        key: str = "right-key",
        secret: str | None = None,
        per_second: float = 1000,
        per_day: int = 1000,
        may_store: bool = True,
    ) -> Client:
        account = Account(
            key=SecretStr(key),
            secret=SecretStr(secret) if secret else None,
            url=server.url,
            may_store=may_store,
        )
        quota = Quota(engine, name, Allowance(per_second, per_day))
        clients.append(Client(ALL[name], account, quota, sleep=waits.append))
        return clients[-1]

    yield create
    for client in clients:
        client.close()
