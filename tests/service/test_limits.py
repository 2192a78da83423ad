"""How often one may ask: by account and address, by kind, and how soon again."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient

from geodata.accounts.scope import parse_scopes
from geodata.accounts.tables import ACCOUNTS_METADATA
from geodata.accounts.tokens import NewToken, create_token
from geodata.accounts.users import add_user
from geodata.database.engine import open_engine
from service import limits
from service.app import API_ROUTERS, PAGE_ROUTERS, create_app
from service.limits import Counts, Kind, kind_of
from service.ogc import items, tiles
from service.settings import Settings

TILE = "/ogc/tiles/WebMercatorQuad/8/96/210"

Start = Callable[..., TestClient]


@pytest.fixture(scope="module")
def start(plan_url: str) -> Iterator[Start]:
    """The application with limits of its own, as seen from an address."""
    with ExitStack() as stack:

        def run(**settings: Any) -> Callable[..., TestClient]:
            app = create_app(Settings(database_url=plan_url, **settings))
            stack.enter_context(TestClient(app))
            return lambda address="203.0.113.9", token=None: TestClient(
                app,
                client=(address, 1),
                headers={} if token is None else {"Authorization": f"Bearer {token}"},
            )

        yield run


@pytest.fixture(scope="module")
def tokens(plan_url: str) -> Iterator[dict[str, str]]:
    """Tokens of two planners."""
    engine, now = open_engine(plan_url), datetime.now(UTC)
    with engine.begin() as connection:
        made = {}
        for name in ("mei", "lan"):
            add_user(connection, name, "planner", password=None, now=now)
            new = NewToken(name, "limits", parse_scopes(["*:read"]), 1)
            made[name] = create_token(connection, new, now)
    yield made
    with engine.begin() as connection:
        for table in reversed(ACCOUNTS_METADATA.sorted_tables):
            connection.execute(table.delete())
    engine.dispose()


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("per_minute", [1, 7, 60, 600, 30_000])
def test_a_minutes_worth_is_let_in_at_once_and_then_one_by_one(per_minute: int) -> None:
    clock = Clock()
    counts = Counts(per_minute, clock)
    assert [counts.take("a") for _ in range(per_minute)] == [0.0] * per_minute
    wait = counts.take("a")
    assert 0 < wait <= 60 / per_minute + 1e-9
    clock.now += wait
    assert counts.take("a") == 0
    assert counts.take("a") > 0
    clock.now += 60
    assert [counts.take("a") for _ in range(per_minute)] == [0.0] * per_minute


def test_a_refusal_counts_nothing_and_others_are_not_touched() -> None:
    clock = Clock()
    counts = Counts(1, clock)
    assert counts.take("a") == 0
    waits = [counts.take("a") for _ in range(100)]
    assert len(set(waits)) == 1
    assert counts.wait("a") == waits[0]
    assert (counts.wait("b"), counts.take("b")) == (0, 0)


def test_what_is_kept_of_who_asked_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_COUNTS", 10)
    clock = Clock()
    counts = Counts(1, clock)
    for number in range(100):
        assert counts.take(str(number)) == 0
    assert len(counts._full_at) <= 10
    assert counts.take("99") > 0


@pytest.mark.parametrize(
    ("method", "address", "kind"),
    [
        ("GET", "/", Kind.READS),
        ("GET", TILE, Kind.READS),
        ("OPTIONS", "/ogc/collections/parcels/items", Kind.READS),
        ("GET", "/ogc/collections/parcels/items?limit=10", Kind.READS),
        ("GET", "/ogc/collections/parcels/items?f=geojson", Kind.READS),
        ("GET", "/ogc/collections/parcels/items?f=geojsonseq", Kind.COSTLY),
        ("GET", "/ogc/collections/parcels/items?limit=1&f=csv", Kind.COSTLY),
        ("GET", "/ogc/collections/parcels?f=html", Kind.READS),
        ("GET", "/api/statistics/clusters/north", Kind.COSTLY),
        ("POST", "/api/statistics", Kind.COSTLY),
        ("POST", "/ogc/collections/projects/items", Kind.WRITES),
        ("DELETE", "/ogc/collections/projects/items/x", Kind.WRITES),
        ("POST", "/login", Kind.WRITES),
        ("POST", "/import/files", Kind.IMPORTS),
        ("POST", "/imports/3/undo", Kind.IMPORTS),
        ("GET", "/import", Kind.READS),
        ("GET", "/healthz", None),
        ("GET", "/metrics", None),
        ("GET", "/static/zgc/shell.css", None),
    ],
)
@pytest.mark.parametrize("root", ["", "/zgc"])
def test_a_request_is_of_a_kind(method: str, address: str, kind: Kind | None, root: str) -> None:
    path, _, query = address.partition("?")
    scope = {"method": method, "path": root + path, "root_path": root}
    assert kind_of(scope | {"query_string": query.encode()}) is kind


def test_every_route_that_writes_is_counted() -> None:
    routes = [route for router in (*API_ROUTERS, *PAGE_ROUTERS) for route in router.routes]
    for route in (*routes, *items.ROUTES, *tiles.ROUTES):
        for method in {"POST", "PUT", "PATCH", "DELETE"} & set(getattr(route, "methods", ())):
            scope = {"method": method, "path": route.path, "root_path": "", "query_string": b""}  # type: ignore[attr-defined]
            assert kind_of(scope) in set(Kind), route


def test_who_asks_too_often_is_told_when_to_come_again(start: Start) -> None:
    visit = start(rate_reads=3)
    here, there = visit(), visit("203.0.113.10")
    answers = [here.get("/ogc/conformance") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    refused = answers[-1]
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["type"] == "/problems/too-many-requests"
    assert all(word in refused.json()["detail"] for word in ("203.0.113.9", "3 ", "ZGC_RATE_READS"))
    assert 1 <= int(refused.headers["retry-after"]) <= 20
    assert refused.headers["access-control-allow-origin"] == "*"
    assert "Retry-After" in refused.headers["access-control-expose-headers"]
    assert there.get("/ogc/conformance").status_code == 200
    assert here.get("/healthz").status_code == 200
    assert here.post("/api/statistics", content=b"{").status_code == 400


def test_accounts_are_counted_by_name_from_wherever_they_ask(
    start: Start, tokens: dict[str, str]
) -> None:
    visit = start(rate_reads=2)
    here, there = visit(token=tokens["mei"]), visit("203.0.113.10", tokens["mei"])
    statuses = [each.get("/ogc/conformance").status_code for each in (here, there, here, there)]
    assert statuses == [200, 200, 429, 429]
    assert visit(token=tokens["lan"]).get("/ogc/conformance").status_code == 200
    assert visit().get("/ogc/conformance").status_code == 200


def test_guesses_of_tokens_are_few_and_do_not_lock_out_who_is_known(
    start: Start, tokens: dict[str, str]
) -> None:
    visit = start(rate_tokens=2)
    known, other = visit(token=tokens["mei"]), visit(token=tokens["lan"])
    assert known.get("/ogc/conformance").status_code == 200
    guesses = [visit(token=f"zgc_{n}").get("/ogc/conformance").status_code for n in range(4)]
    assert guesses == [401, 401, 429, 429]
    assert known.get("/ogc/conformance").status_code == 200
    refused = other.get("/ogc/conformance")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "30")
    elsewhere = visit("203.0.113.10", tokens["lan"])
    assert elsewhere.get("/ogc/conformance").status_code == 200


def test_zero_is_no_limit(start: Start) -> None:
    here = start(rate_reads=0)()
    assert {here.get("/ogc/conformance").status_code for _ in range(50)} == {200}


def test_a_map_in_use_never_meets_the_default() -> None:
    """A screen of 4K has some 150 tiles; nobody pans to forty new ones within each second."""
    clock = Clock()
    counts = Counts(Settings.model_fields["rate_reads"].default, clock)
    people_behind_one_address, seconds, tiles_a_second = 10, 120, 40
    for _ in range(seconds):
        for _ in range(people_behind_one_address * tiles_a_second):
            assert counts.take("office") == 0
        clock.now += 1
