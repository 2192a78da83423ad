"""The application with addresses that wait, as a browser on the same machine sees it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from geodata.geocoding.candidate import Candidate, Issue
from geodata.geocoding.datum import Datum
from geodata.geocoding.level import Level
from geodata.geocoding.review import Entry, Queue
from geodata.geocoding.tables import GEOCODING_METADATA
from service.app import create_app
from service.settings import Settings

HERE = "http://127.0.0.1:8000"

HOUSE = Candidate(
    lon=116.32,
    lat=39.98,
    level=Level.HOUSE,
    accuracy_m=150,
    score=0.8,
    name="海淀区甲街1号<b>",
    district="海淀区",
    provider="amap",
    datum=Datum.GCJ02,
)
ROAD = Candidate(
    lon=116.36,
    lat=39.99,
    level=Level.ROAD,
    accuracy_m=800,
    score=0.75,
    name="甲街",
    provider="gazetteer",
    issues=(Issue.DISTRICT_CONFLICT,),
)


@pytest.fixture
def queue(plan_engine: Engine) -> Iterator[Queue]:
    """Three addresses that wait; afterwards none."""
    queue = Queue(plan_engine)
    queue.put(
        Entry(
            key=f"甲街{number}号",
            address=f"北京市海淀区甲街{number}号",
            issues=(Issue.AMBIGUOUS, Issue.PROVIDERS_DISAGREE),
            candidates=(HOUSE, ROAD),
        )
        for number in range(1, 4)
    )
    yield queue
    with plan_engine.begin() as connection:
        for table in reversed(GEOCODING_METADATA.sorted_tables):
            connection.execute(table.delete())


Visit = Callable[..., TestClient]


@pytest.fixture(scope="session")
def running(plan_url: str) -> Iterator[Callable[..., FastAPI]]:
    """The application by its settings; each is started once."""
    with ExitStack() as stack:

        @cache
        def start(**settings: Any) -> FastAPI:
            app = create_app(Settings(database_url=plan_url, **settings))
            stack.enter_context(TestClient(app))
            return app

        yield start


@pytest.fixture
def visit(
    running: Callable[..., FastAPI],
    plan_url: str,
    session_for: Callable[[str, str], dict[str, str]],
) -> Visit:
    """Opens the application for a browser; `role` is that of who signed in, None: nobody."""

    def open_for(
        *, base_url: str = HERE, role: str | None = "planner", **settings: Any
    ) -> TestClient:
        app = running(**settings)
        browser = TestClient(app, base_url=base_url, follow_redirects=False)
        if role is not None:
            prefix = "__Host-" if base_url.startswith("https") else ""
            for name, value in session_for(plan_url, role).items():
                browser.cookies.set(prefix + name, value)
        return browser

    return open_for


@pytest.fixture
def browser_here(visit: Visit) -> TestClient:
    """A planner's browser, on a page of this service."""
    browser = visit()
    browser.headers["origin"] = HERE
    return browser
