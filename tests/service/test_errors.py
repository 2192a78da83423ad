"""Every error is a problem document with a stable type that leads to its explanation."""

import logging
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Connection, Engine, text
from starlette.exceptions import HTTPException

from geodata.database import migrate
from geodata.database.cluster import running_cluster
from geodata.database.engine import open_engine
from geodata.formats import exports, worker
from geodata.formats.catalog import find_format
from service.app import create_app
from service.body import MAXIMUM_BYTES
from service.errors import INTERNAL, MEDIA_TYPE, PROBLEMS
from service.gate import MOST_ADDRESS_BYTES, MOST_HEADER_BYTES
from service.ogc import formats
from service.settings import Settings

ITEMS = "/ogc/collections/clusters/items"

PROVOKED: dict[str, tuple[str, str, dict[str, Any]]] = {
    "unknown-parameter": ("GET", f"{ITEMS}?foo=bar", {}),
    "invalid-parameter": ("GET", f"{ITEMS}?limit=0", {}),
    "invalid-body": ("POST", "/api/statistics", {"content": b"["}),
    "body-too-large": ("POST", "/api/statistics", {"content": b" " * (MAXIMUM_BYTES + 1)}),
    "address-too-long": ("GET", f"{ITEMS}?{'x' * MOST_ADDRESS_BYTES}", {}),
    "headers-too-large": ("GET", ITEMS, {"headers": {"X-Filler": "x" * MOST_HEADER_BYTES}}),
    "invalid-host": ("GET", ITEMS, {"headers": {"Host": "a/b"}}),
    "invalid-geometry": ("POST", "/api/statistics", {"json": {"type": "Point"}}),
    "no-area": ("GET", "/api/statistics/enterprises/baidu", {}),
    "invalid-filter": ("GET", f"{ITEMS}?filter=height>3", {}),
    "invalid-order": ("GET", f"{ITEMS}?sortby=height", {}),
    "invalid-key": ("GET", f"{ITEMS}?sortby=name_zh&after=north", {}),
    "unknown-crs": ("GET", f"{ITEMS}?crs=EPSG:2436", {}),
    "unknown-format": ("GET", f"{ITEMS}?f=gml", {}),
    "unknown-tile-matrix-set": ("GET", "/ogc/tiles/Mercator/0/0/0", {}),
    "no-such-tile": ("GET", "/ogc/tiles/WebMercatorQuad/0/0/1", {}),
    "unknown-style": ("GET", "/ogc/styles/dark", {}),
    "unknown-layer": ("GET", "/ogc/collections/rivers", {}),
    "feature-not-found": ("GET", f"{ITEMS}/nobody", {}),
    "not-found": ("GET", "/nothing", {}),
    "method-not-allowed": ("DELETE", ITEMS, {}),
    "sign-in-needed": ("GET", "/review", {}),
    "invalid-token": ("GET", ITEMS, {"headers": {"Authorization": "Bearer zgc_nobodys"}}),
    "cross-site": ("POST", "/login", {"headers": {"Origin": "http://elsewhere.example"}}),
}

OUTAGES = {"database-busy", "query-timeout"}
"""Provoked below, with databases of their own."""

OF_EXPORTS = {"too-many-features", "too-many-exports", "export-failed"}
"""Provoked below, with smaller limits and an encoder that fails."""

OF_PAGES = {"page-too-large"}
"""Provoked in test_page_limit.py, with features that are heavy."""


OF_REVIEW = {"no-such-review", "not-allowed"}
"""Provoked in review/, by a planner."""

OF_AUDIT = {"audit-unavailable"}
"""Provoked in audit/, by a reader of what is not public."""

OF_CHANGES = {
    "precondition-required",
    "lost-update",
    "feature-exists",
    "features-refused",
    "database-refused",
    "write-refused",
    "outside-areas",
    "unsupported-media-type",
}
"""Provoked in ogc/test_changes.py, by those who may write."""

OF_LIMITS = {"too-many-requests"}
"""Provoked in test_limits.py, with smaller limits."""

OF_IMPORTS = {"import-failed", "import-not-found", "upload-gone"}
"""Provoked in imports/ and history/, by a land officer."""


def _assert_problem(answer: Any, name: str) -> None:
    problem = {row.name: row for row in (*PROBLEMS.values(), INTERNAL)}[name]
    document = answer.json()
    assert answer.status_code == problem.status == document["status"]
    assert answer.headers["content-type"] == MEDIA_TYPE == "application/problem+json"
    assert document["type"] == f"/problems/{name}"
    assert document["title"] == problem.title
    assert document["detail"]
    assert document["instance"] == answer.request.url.path


def test_each_problem_has_a_name_of_its_own() -> None:
    names = [problem.name for problem in (*PROBLEMS.values(), INTERNAL)]
    assert len(set(names)) == len(names)


def test_the_table_below_provokes_every_problem() -> None:
    elsewhere = OUTAGES | OF_EXPORTS | OF_PAGES | OF_REVIEW | OF_IMPORTS | OF_CHANGES
    elsewhere |= OF_AUDIT | OF_LIMITS
    assert set(PROVOKED) | elsewhere == {problem.name for problem in PROBLEMS.values()}


@pytest.mark.parametrize("name", PROVOKED)
def test_a_problem_answers_with_its_status_and_type(client: TestClient, name: str) -> None:
    method, path, content = PROVOKED[name]
    _assert_problem(client.request(method, path, **content), name)


@pytest.mark.parametrize("name", [problem.name for problem in (*PROBLEMS.values(), INTERNAL)])
def test_a_type_leads_to_a_page_that_explains_it(client: TestClient, name: str) -> None:
    answer = client.get(f"/problems/{name}")
    assert answer.status_code == 200
    assert answer.url.fragment == name
    assert f'id="{name}"' in answer.text


def test_a_type_that_is_none_has_no_page(client: TestClient) -> None:
    answer = client.get("/problems/bad-weather")
    _assert_problem(answer, "not-found")
    assert "bad-weather" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/ogc", {"GET"}),
        ("DELETE", ITEMS, {"GET", "HEAD", "OPTIONS", "POST"}),
        (
            "POST",
            f"{ITEMS}/north",
            {"GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"},
        ),
        ("GET", "/api/statistics", {"POST"}),
        ("PUT", "/api/statistics/clusters/north", {"GET"}),
    ],
)
def test_a_method_that_is_not_there_tells_those_that_are(
    client: TestClient, method: str, path: str, allowed: set[str]
) -> None:
    answer = client.request(method, path)
    _assert_problem(answer, "method-not-allowed")
    assert set(answer.headers["allow"].split(", ")) == allowed


@pytest.fixture
def faulty(plan_url: str) -> Iterator[TestClient]:
    """The application with routes that fail."""
    app = create_app(Settings(database_url=plan_url))
    app.add_api_route("/broken", _broken)
    app.add_api_route("/teapot", _teapot)
    app.add_api_route("/typed", _typed)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def _broken() -> None:
    raise RuntimeError("the password is in /etc/secret")


def _teapot() -> None:
    raise HTTPException(418)


def _typed(number: int) -> int:
    return number


def test_an_unexpected_error_tells_the_log_everything_and_the_client_nothing(
    faulty: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        answer = faulty.get("/broken")
    _assert_problem(answer, "internal")
    assert "secret" not in answer.text
    assert "Error" not in answer.json()["detail"]
    assert "Traceback" not in answer.text
    assert "/etc/secret" in caplog.text


def test_a_status_without_a_type_of_ours_says_so(faulty: TestClient) -> None:
    """RFC 9457, 4.2.1: about:blank adds nothing to the status."""
    document = faulty.get("/teapot").json()
    assert (document["type"], document["status"]) == ("about:blank", 418)
    assert document["title"] == "I'm a Teapot"


def test_a_parameter_that_the_framework_refuses_is_a_problem_like_ours(faulty: TestClient) -> None:
    answer = faulty.get("/typed?number=one")
    _assert_problem(answer, "invalid-parameter")
    assert "number" in answer.json()["detail"]


@pytest.fixture
def own(migrated_database: Callable[[], str]) -> Iterator[tuple[Engine, FastAPI]]:
    """A database of its own, and the application on it with little patience."""
    url = migrated_database()
    engine = open_engine(url)
    yield engine, create_app(Settings(database_url=url, statement_timeout_s=0.3))
    engine.dispose()


def test_a_query_that_takes_too_long_is_ended(own: tuple[Engine, FastAPI]) -> None:
    engine, app = own
    with TestClient(app, raise_server_exceptions=False) as client:
        with engine.begin() as connection:
            connection.execute(text("LOCK TABLE clusters IN ACCESS EXCLUSIVE MODE"))
            answer = client.get(ITEMS)
        _assert_problem(answer, "query-timeout")
        assert int(answer.headers["retry-after"]) > 0
        assert client.get(ITEMS).status_code == 200


def test_connections_that_the_server_ends_are_replaced(own: tuple[Engine, FastAPI]) -> None:
    engine, app = own
    with TestClient(app, raise_server_exceptions=False) as client:
        assert client.get(ITEMS).status_code == 200
        with engine.begin() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE"
                    " datname = current_database() AND application_name = 'zgc-gis'"
                )
            )
        assert _eventually(lambda: client.get(ITEMS).status_code == 200)
        assert client.get("/ogc/collections").status_code == 200


def test_more_features_than_a_format_holds_are_refused(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(formats.NAMES, "xlsx", replace(find_format("xlsx"), most=1))
    answer = client.get(f"{ITEMS}?f=xlsx")
    _assert_problem(answer, "too-many-features")
    assert "holds at most 1 features" in answer.json()["detail"]
    assert client.get(f"{ITEMS}?f=xlsx&limit=1").status_code == 200


def test_an_encoder_that_fails_tells_the_log_why(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    command = (sys.executable, "-c", "raise SystemExit('no space left in /var/secret')")
    monkeypatch.setattr(worker, "COMMAND", command)
    answer = client.get(f"{ITEMS}?f=fgb")
    _assert_problem(answer, "export-failed")
    assert "secret" not in answer.text
    assert "format fgb: no space left in /var/secret" in caplog.text


def test_exports_beyond_their_number_are_put_off_and_pages_are_not(
    plan_url: str, plan_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An export that waits for a lock takes the only place."""
    monkeypatch.setattr(exports, "PATIENCE_S", 0.1)
    app = create_app(Settings(database_url=plan_url, exports=1))
    with TestClient(app, raise_server_exceptions=False) as client, ThreadPoolExecutor(1) as thread:
        with plan_engine.connect() as holder:
            holder.execute(text("LOCK TABLE clusters IN ACCESS EXCLUSIVE MODE"))
            first = thread.submit(client.get, f"{ITEMS}?f=csv")
            assert _eventually(lambda: _is_waiting(holder))
            answer = client.get("/ogc/collections/axes/items?f=csv")
            assert client.get("/ogc/collections/axes/items").status_code == 200
            holder.rollback()
        _assert_problem(answer, "too-many-exports")
        assert int(answer.headers["retry-after"]) > 0
        assert first.result(timeout=10).status_code == 200
        assert client.get("/ogc/collections/axes/items?f=csv").status_code == 200


def _is_waiting(connection: Connection) -> bool:
    """Whether a query of the service waits for a lock of ours."""
    query = (
        "SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database()"
        " AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
    )
    return bool(connection.scalar(text(query)))


def test_without_a_database_requests_are_put_off_until_it_is_back(tmp_path: Path) -> None:
    """A cluster that stops and starts under a running service."""
    data = tmp_path / "cluster"
    with running_cluster(data, lambda _: None) as url:
        migrate.upgrade(url, lambda _: None)
        client = TestClient(create_app(Settings(database_url=url)), raise_server_exceptions=False)
        client.__enter__()
        assert client.get(ITEMS).status_code == 200
    for path in (ITEMS, f"{ITEMS}/north", "/ogc/collections", "/readyz"):
        answer = client.get(path)
        _assert_problem(answer, "database-busy")
        assert int(answer.headers["retry-after"]) > 0
    assert client.get("/healthz").status_code == 200
    with running_cluster(data, lambda _: None):
        assert _eventually(lambda: client.get("/readyz").status_code == 200)
        assert client.get(ITEMS).status_code == 200
        assert client.get("/ogc/collections").status_code == 200
        client.__exit__(None, None, None)


def _eventually(holds: Callable[[], bool], timeout_s: float = 10) -> bool:
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.05)
    return False
