"""A page holds no more bytes than the operator lets it: the database stops, the client is told."""

import re
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from geodata.database.engine import open_engine
from service.app import create_app
from service.settings import Settings

MOST = 2**20
ITEMS = "/ogc/collections/districts/items"
HEAVY = text(
    "INSERT INTO districts (id, name_zh, code, source, as_of, boundary_status, geom)"
    " SELECT 'd' || lpad(n::text, 2, '0'), '区' || n, 990100 + n, 'made up', '2026-01-01',"
    " 'schematic',"
    " ST_Multi(ST_Buffer(ST_SetSRID(ST_MakePoint(116 + n / 10.0, 40), 4490), 0.01,"
    " 'quad_segs=800')) FROM generate_series(1, 20) AS n"
)
"""Twenty circles of 3,201 positions: some 80 kB of text each."""


@pytest.fixture(scope="module")
def heavy(migrated_database) -> Iterator[TestClient]:
    url = migrated_database()
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.execute(HEAVY)
    engine.dispose()
    settings = Settings(database_url=url, page_bytes=MOST)
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        yield client


@pytest.mark.parametrize(
    "query",
    [
        "limit=20",
        "limit=20&sortby=-name_zh",
        "limit=20&bbox=115,39,119,41",
        "limit=20&properties=name_zh",
        "limit=20&crs=urn:zgc-gis:def:crs:GCJ-02",
        "limit=20&as_known=2100-01-01",
    ],
)
def test_a_page_that_would_be_too_large_is_refused_with_the_remedy(
    heavy: TestClient, query: str
) -> None:
    """Before anybody has asked for the layer's extent, and after."""
    for _ in range(2):
        answer = heavy.get(f"{ITEMS}?{query}")
        assert (answer.status_code, answer.json()["type"]) == (400, "/problems/page-too-large")
        detail = answer.json()["detail"]
        assert str(MOST) in detail
        heavy.get("/ogc/collections/districts")
    fitting = int(re.search(r"limit=(\d+)", detail)[1])  # type: ignore[index]
    assert 5 < fitting < 20
    smaller = heavy.get(f"{ITEMS}?{query.replace('limit=20', f'limit={fitting}')}")
    assert smaller.status_code == 200
    assert len(smaller.json()["features"]) == fitting
    assert len(smaller.content) < 1.5 * MOST


@pytest.mark.parametrize("remedy", ["max-allowable-offset=50", "skipGeometry=true"])
def test_what_the_problem_advises_helps(heavy: TestClient, remedy: str) -> None:
    answer = heavy.get(f"{ITEMS}?limit=20&{remedy}")
    assert answer.status_code == 200
    assert len(answer.json()["features"]) == 20


def test_pages_under_the_limit_are_the_same_with_the_sum_and_without(heavy: TestClient) -> None:
    """The order of the rows, too: twice the same pages, by the layer's extent known or not."""
    path = f"{ITEMS}?limit=3&sortby=-name_zh&properties=name_zh&skipGeometry=true"
    first = heavy.get(path).json()["features"]
    names = [feature["properties"]["name_zh"] for feature in first]
    assert names == sorted((f"区{n}" for n in range(1, 21)), reverse=True)[:3]
