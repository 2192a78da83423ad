"""The application, people with tokens and browsers, and what the audit is told of them."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, func, select

from geodata.accounts.scope import parse_scopes
from geodata.accounts.tokens import NewToken, create_token
from geodata.accounts.users import add_user
from geodata.audit.tables import EVENTS
from geodata.database.engine import open_engine
from service.app import create_app
from service.audit import keeping
from service.audit.journal import Journal
from service.settings import Settings

HERE = "http://127.0.0.1:8000"
PASSWORD = "松柏之茂 隔冬不凋 42"
USERS = {"bo": "planner", "wang": "land_officer", "root": "admin"}

Headers = dict[str, str]


@pytest.fixture(scope="module")
def url(migrated_database: Callable[[], str]) -> str:
    return migrated_database()


@pytest.fixture(scope="module")
def engine(url: str) -> Iterator[Engine]:
    engine = open_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def tokens(engine: Engine) -> dict[str, Headers]:
    now = datetime.now(UTC)
    with engine.begin() as connection:
        for name, role in USERS.items():
            add_user(connection, name, role, password=PASSWORD, now=now)
        scopes = parse_scopes(["*:read", "*:write"])
        return {
            name: {
                "Authorization": "Bearer "
                + create_token(connection, NewToken(name, name, scopes, 2), now)
            }
            for name in USERS
        }


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[TestClient]:
    app = create_app(Settings(database_url=url))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keeping, "Journal", partial(Journal, gathered_s=0.05))
        with TestClient(
            app, raise_server_exceptions=False, base_url=HERE, follow_redirects=False
        ) as found:
            yield found
        if (desk := getattr(app.state, "import_desk", None)) is not None:
            desk.workers.close()
            desk.uploads.close()


@pytest.fixture
def told(engine: Engine) -> Callable[..., list[dict[str, Any]]]:
    """What the audit was told since the test began, oldest first; of an action, once it is there.

    What waits for nobody is written some seconds later.
    """
    with engine.connect() as connection:
        before = connection.scalar(select(func.max(EVENTS.c.id))) or 0

    def since(action: str | None = None, most_s: float = 8) -> list[dict[str, Any]]:
        query = select(EVENTS).where(EVENTS.c.id > before).order_by(EVENTS.c.id)
        if action is not None:
            query = query.where(EVENTS.c.action == action)
        end = time.monotonic() + (0 if action is None else most_s)
        while True:
            with engine.connect() as connection:
                rows = [dict(row._mapping) for row in connection.execute(query)]
            if rows or time.monotonic() >= end:
                return rows
            time.sleep(0.02)

    return since
