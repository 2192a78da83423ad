"""What Prometheus reads, in its own reader's words."""

from collections.abc import Callable, Iterator
from threading import Timer

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine, text

from service.app import create_app
from service.settings import Settings

ITEMS = "/ogc/collections/{layer}/items"
COUNT = "zgc_request_duration_seconds_count"

Sample = Callable[..., float]


@pytest.fixture
def fresh(plan_url: str) -> Iterator[TestClient]:
    """An application that nobody has asked anything."""
    with TestClient(create_app(Settings(database_url=plan_url))) as client:
        yield client


def _samples(client: TestClient) -> Sample:
    """Reads /metrics; a function from name and labels to value, 0 where there is none."""
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    read = {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }
    return lambda name, **labels: read.get((name, frozenset(labels.items())), 0)


@pytest.mark.parametrize(
    ("method", "path", "route", "status"),
    [
        ("GET", "/ogc/collections/axes/items", ITEMS, 200),
        ("GET", "/ogc/collections/axes/items?f=html", ITEMS, 200),
        ("HEAD", "/ogc/collections/axes/items", ITEMS, 200),
        ("GET", "/ogc/collections/axes/items?limit=0", ITEMS, 400),
        ("GET", "/ogc/collections/rivers", "/ogc/collections/{layer}", 404),
        ("GET", "/nothing", "none", 404),
        ("GET", "/healthz", "/healthz", 200),
        ("GET", "/static/zgc/icon.svg", "/static", 200),
        ("GET", f"/ogc?{'x' * 40_000}", "none", 414),
        ("BREW", "/ogc", "/ogc", 405),
    ],
)
def test_requests_are_counted_by_route_and_status(
    fresh: TestClient, method: str, path: str, route: str, status: int
) -> None:
    labels = {"method": "other" if method == "BREW" else method, "route": route}
    for _ in range(2):
        assert fresh.request(method, path).status_code == status
    assert _samples(fresh)(COUNT, **labels, status=str(status)) == 2


def test_no_request_makes_a_series_of_its_own(fresh: TestClient) -> None:
    def series() -> int:
        return fresh.get("/metrics").text.count(COUNT)

    fresh.get("/nothing/0")
    fresh.get("/ogc/collections/axes/items/0")
    before = series(), series()
    for number in range(1, 20):
        fresh.get(f"/nothing/{number}")
        fresh.get(f"/ogc/collections/axes/items/{number}")
        fresh.request(f"X{number}", "/nothing")
    assert series() <= before[1] + 1


def test_a_slow_query_is_seen_as_slow(fresh: TestClient, plan_engine: Engine) -> None:
    with plan_engine.connect() as holder:
        holder.execute(text("LOCK TABLE axes IN ACCESS EXCLUSIVE MODE"))
        release = Timer(0.3, holder.rollback)
        release.start()
        fresh.get("/ogc/collections/axes/items")
        release.join()
    read = _samples(fresh)
    labels = {"method": "GET", "route": ITEMS, "status": "200"}
    bucket = "zgc_request_duration_seconds_bucket"
    assert read(bucket, **labels, le="0.1") == 0
    assert read(bucket, **labels, le="+Inf") == 1
    assert read("zgc_request_duration_seconds_sum", **labels) > 0.25


def test_pool_and_caches_are_told(fresh: TestClient) -> None:
    read = _samples(fresh)
    connections = [read("zgc_pool_connections", state=state) for state in ("in_use", "idle")]
    assert connections[0] == 0
    assert connections[1] >= 1
    assert read("zgc_cache_bytes", cache="answers") == 0
    tile = "/ogc/collections/districts/tiles/WebMercatorQuad/6/24/52"
    for _ in range(3):
        fresh.get(tile)
    read = _samples(fresh)
    assert read("zgc_cache_bytes", cache="tile_layers") > 0
    hits, misses = (
        read("zgc_cache_lookups_total", cache="answers", result=result)
        for result in ("hit", "miss")
    )
    assert (hits, misses) == (2, 1)
