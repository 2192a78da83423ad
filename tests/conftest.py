"""Fixtures: a throw-away PostGIS cluster, databases on it, and the running application."""

import importlib.util
import os
import socket
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import uvicorn
from fastapi.testclient import TestClient
from hypothesis import settings
from sqlalchemy import Connection, Engine, make_url, text

from geodata.accounts.groups import add_group, join_group
from geodata.accounts.sessions import open_session
from geodata.accounts.users import add_user, disable, list_users
from geodata.database import migrate
from geodata.database.cluster import running_cluster
from geodata.database.engine import open_engine
from geodata.plan.load import load_plan
from service.app import create_app
from service.server import server_config
from service.settings import Settings

ROOT = Path(__file__).resolve().parents[1]

# No timed tests, and the same examples each time.
settings.register_profile("suite", deadline=None, derandomize=True)
settings.load_profile("suite")


def silent(_: str) -> None:
    """Takes progress reports nobody reads."""


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real reference data beside the repository; a test that needs them skips where absent."""
    folder = ROOT.parent / "shared"
    if not (folder / "data").is_dir():
        pytest.skip(f"no reference data: {folder}/data is absent")
    return folder


@pytest.fixture(scope="session")
def protocol() -> ModuleType:
    """The module of a server that speaks the protocols of map providers."""
    return _module("providers_server", "geodata/geocoding/providers/server.py")


@pytest.fixture(scope="session")
def identity() -> ModuleType:
    """The module of OpenID providers on loopback."""
    return _module("identity_providers", "service/accounts/identity.py")


def _module(name: str, path: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "tests" / path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def certified(identity: ModuleType) -> Iterator[Any]:
    """A certified OpenID provider, on loopback."""
    if identity.node() is None:
        pytest.skip("no Node.js on this machine, which the OpenID provider needs")
    if not (identity.INSTALLED / "node_modules").is_dir():
        pytest.skip("no OpenID provider here: ./zgc test installs it")
    with identity.certified() as provider:
        yield provider


@pytest.fixture(scope="session")
def one_liar(identity: ModuleType) -> Iterator[Any]:
    with identity.liar() as provider:
        yield provider


@pytest.fixture
def liar(one_liar: Any) -> Any:
    """An OpenID provider that says what a test has it say, on loopback; honest at first."""
    one_liar.__init__(issuer=one_liar.issuer)
    return one_liar


@pytest.fixture
def server(protocol: ModuleType) -> Iterator[Any]:
    """The map providers, on loopback."""
    with protocol.serve() as state:
        yield state


@pytest.fixture(scope="session")
def cluster_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A throw-away cluster: the one `./zgc test` started, or one of our own."""
    if url := os.environ.get("ZGC_TEST_DATABASE_URL"):
        yield url
        return
    data = tmp_path_factory.mktemp("cluster")
    with running_cluster(data, silent, throw_away=True) as url:
        yield url


@pytest.fixture(scope="session")
def new_database(cluster_url: str) -> Iterator[Callable[..., str]]:
    """Makes empty databases, or copies of one, each its URL; all are dropped at the end."""
    administration = open_engine(cluster_url).execution_options(isolation_level="AUTOCOMMIT")
    names: list[str] = []

    def create(template: str = "template1") -> str:
        names.append(f"zgc_{uuid.uuid4().hex[:12]}_test")
        with administration.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{names[-1]}" TEMPLATE "{template}"'))
        return make_url(cluster_url).set(database=names[-1]).render_as_string(False)

    yield create
    with administration.connect() as connection:
        for name in names:
            connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    administration.dispose()


@pytest.fixture(scope="session")
def migrated_database(new_database: Callable[..., str]) -> Callable[[], str]:
    """Makes databases of the newest schema without features, each its URL."""
    template = new_database()
    migrate.upgrade(template, silent)

    def create() -> str:
        url = new_database(make_url(template).database)
        migrate.upgrade(url, silent)  # rights on a database itself are not copied
        return url

    return create


@pytest.fixture(scope="session")
def plan_url(migrated_database: Callable[[], str]) -> str:
    """A migrated database with the plan loaded; tests leave it as they found it."""
    url = migrated_database()
    load_plan(url, silent)
    return url


@pytest.fixture(scope="session")
def plan_engine(plan_url: str) -> Iterator[Engine]:
    engine = open_engine(plan_url)
    yield engine
    engine.dispose()


@pytest.fixture
def connection(plan_engine: Engine) -> Iterator[Connection]:
    """A connection whose changes are rolled back."""
    with plan_engine.connect() as connection:
        yield connection
        connection.rollback()


@pytest.fixture(scope="session")
def client(plan_url: str) -> Iterator[TestClient]:
    """The application on the plan's database; errors are answers, as for a user."""
    app = create_app(Settings(database_url=plan_url, rate_costly=0))
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="session")
def session_for() -> Callable[[str, str], dict[str, str]]:
    """Opens a session of an account with a role in a database: its cookie over plain HTTP."""

    def open_for(url: str, role: str) -> dict[str, str]:
        engine = open_engine(url)
        now = datetime.now(UTC)
        with engine.begin() as connection:
            if role not in {row.name for row in list_users(connection)}:
                add_user(connection, role, role, password=None, now=now)
            session = open_session(connection, role, now)
        engine.dispose()
        return {"zgc_session": session}

    return open_for


OFFICES = """
INSERT INTO demonstration_zone (id, name_zh, source, as_of, boundary_status, level)
  VALUES ('zone', '区', 't', '2011-01-01', 'schematic', 0);
INSERT INTO sub_parks (id, name_zh, source, as_of, boundary_status, level, kind, parent, counted_in)
  VALUES ('east', '东园', 't', '2011-01-01', 'schematic', 1, 'park', 'zone', NULL),
         ('west', '西园', 't', '2011-01-01', 'schematic', 1, 'park', 'zone', 'zone');
INSERT INTO bases (id, name_zh, source, as_of, boundary_status, level, kind, parent, counted_in)
  VALUES ('east-base', '东基地', 't', '2011-01-01', 'schematic', 2, 'base', 'east', 'east'),
         ('west-base', '西基地', 't', '2011-01-01', 'schematic', 2, 'base', 'west', 'west');
INSERT INTO projects (id, name_zh, source, as_of, boundary_status, kind, area)
  VALUES ('p-east', '东项目', 't', '2011-01-01', 'schematic', 'pilot', 'east'),
         ('p-base', '基地项目', 't', '2011-01-01', 'schematic', 'pilot', 'east-base'),
         ('p-west', '西项目', 't', '2011-01-01', 'schematic', 'pilot', 'west'),
         ('p-none', '无区项目', 't', '2011-01-01', 'schematic', 'pilot', NULL);
INSERT INTO parcels (id, name_zh, source, as_of, boundary_status, parcel_code, park, geom)
  SELECT 'l-' || park, park, 't', '2011-01-01', 'schematic', '110108001001GB0000' || number, park,
         ST_Multi(ST_MakeEnvelope(116 + number * 0.01, 40, 116.005 + number * 0.01, 40.005, 4490))
    FROM (VALUES (1, 'east'), (2, 'west')) AS lots (number, park)
"""

OFFICERS = {
    "anna": ("planner", None),
    "lou": ("land_officer", None),
    "root": ("admin", None),
    "pat": ("planner", "east-office"),
    "lea": ("land_officer", "east-office"),
    "ada": ("admin", "east-office"),
    "nil": ("land_officer", "no-office"),
    "off": ("admin", None),
}
"""Role and group; `off` is disabled."""


@pytest.fixture(scope="session")
def offices(migrated_database: Callable[[], str]) -> Callable[[], str]:
    """Makes databases with two parks, what lies in them, and the office of the eastern one."""

    def create() -> str:
        url = migrated_database()
        engine, now = open_engine(url), datetime.now(UTC)
        with engine.begin() as connection:
            connection.exec_driver_sql(OFFICES)
            add_group(connection, "east-office", ["east"], now=now)
            add_group(connection, "no-office", [], now=now)
            for name, (role, group) in OFFICERS.items():
                add_user(connection, name, role, password=None, now=now)
                if group is not None:
                    join_group(connection, name, group)
            disable(connection, "off", now)
        engine.dispose()
        return url

    return create


@pytest.fixture(scope="session")
def serve() -> Iterator[Callable[..., str]]:
    """Starts the application on a database, on a real socket: its base URL."""
    with ExitStack() as running:
        yield lambda url, **settings: running.enter_context(_running_server(url, settings))


@contextmanager
def _running_server(url: str, settings: dict[str, Any]) -> Iterator[str]:
    listener = socket.create_server(("127.0.0.1", 0))
    app = create_app(Settings(database_url=url, **settings))
    server = uvicorn.Server(server_config(app))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server ended while starting"
        time.sleep(0.02)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    listener.close()


@pytest.fixture(scope="session")
def live_server(plan_url: str, serve: Callable[[str], str]) -> str:
    """The application on the plan's database and a real socket: its base URL."""
    return serve(plan_url)
