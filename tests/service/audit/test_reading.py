"""Nobody reads what is not public without its being written down first."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import psycopg
import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from sqlalchemy import Engine, make_url

from geodata.audit.roles import AuditUrls, audit_urls
from geodata.geocoding.candidate import Issue
from geodata.geocoding.review import Entry, Queue
from geodata.tiles.matrix_sets import find_matrix_set
from layers.catalog import CATALOG
from service.app import API_ROUTERS, PAGE_ROUTERS
from service.audit.journal import Journal
from service.audit.reading import MASK, shown_query

SECRET = "Zx9HolderSecret"
PARCELS = "/ogc/collections/parcels/items"
PARCEL = "110108001001GB00001"
GRID = find_matrix_set("WebMercatorQuad")
TILE = f"WebMercatorQuad/10/{GRID.row(10, 39.95)}/{GRID.column(10, 116.35)}"

Told = Callable[..., list[dict[str, Any]]]
Headers = dict[str, dict[str, str]]


@pytest.fixture(scope="module", autouse=True)
def _parcel(url: str) -> None:
    """A parcel whose holder only land officers may read; it had another before."""
    with psycopg.connect(url) as owner:
        columns = [
            row[0]
            for row in owner.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public'"
                " AND table_name = 'parcels' AND is_nullable = 'NO'"
            )
        ]
        values = {
            "id": PARCEL,
            "parcel_code": PARCEL,
            "name_zh": "宗地",
            "source": "test",
            "as_of": "2011-01-01",
            "boundary_status": "schematic",
            "holder": f"{SECRET}0",
            "geom": "SRID=4490;MULTIPOLYGON(((116.3 39.9,116.4 39.9,116.4 40,116.3 39.9)))",
        }
        assert set(columns) - set(values) <= {"feature", "recorded_at", "recorded_by"}
        names, places = ", ".join(values), ", ".join("%s" for _ in values)
        owner.execute(
            f"INSERT INTO parcels ({names}) VALUES ({places})",  # type: ignore[arg-type]
            list(values.values()),
        )
        owner.execute("UPDATE parcels SET holder = %s", (f"{SECRET}1",))


@pytest.fixture(scope="module")
def urls(url: str) -> AuditUrls:
    return audit_urls(url)


@pytest.fixture(scope="module")
def get(client: TestClient, tokens: Headers) -> Callable[..., Any]:
    def fetch(path: str, who: str | None = "wang", **query: str) -> Any:
        address = f"{path}?{urlencode(query)}" if query else path
        headers = {} if who is None else tokens[who]
        return client.get(address, headers={"accept": "*/*", **headers})

    return fetch


READINGS: list[tuple[str, dict[str, str], dict[str, Any]]] = [
    (PARCELS, {}, {"number": 1, "attributes": ["holder"]}),
    (f"{PARCELS}/{PARCEL}", {}, {"features": [PARCEL], "number": 1, "attributes": ["holder"]}),
    (PARCELS, {"properties": "holder"}, {"number": 1, "query": "properties=holder"}),
    (PARCELS, {"holder": f"{SECRET}1"}, {"number": 1, "query": f"holder={MASK}"}),
    (PARCELS, {"filter": f"holder = '{SECRET}1'"}, {"query": f"filter={MASK}"}),
    (PARCELS, {"sortby": "holder", "limit": "1"}, {"query": "sortby=holder&limit=1"}),
    (PARCELS, {"resulttype": "hits", "holder": "nobody"}, {"number": 0}),
    (f"/ogc/collections/parcels/tiles/{TILE}", {"properties": "holder"}, {"action": "read"}),
    (f"/ogc/tiles/{TILE}", {"properties": "*"}, {"layer": "parcels"}),
    (f"/api/history/parcels/{PARCEL}", {}, {"features": [PARCEL], "number": 2}),
    (f"/history/parcels/{PARCEL}", {}, {"attributes": ["holder", "recorded_by"]}),
    (PARCELS, {"f": "csv"}, {"format": "csv", "attributes": ["holder"]}),
    (PARCELS, {"f": "geojson"}, {"number": 1}),
]


@pytest.mark.parametrize(("path", "query", "expected"), READINGS, ids=str)
def test_a_reading_is_told_with_who_what_and_how_many(
    get: Callable[..., Any],
    told: Told,
    path: str,
    query: dict[str, str],
    expected: dict[str, Any],
) -> None:
    answer = get(path, **query)
    assert answer.status_code == 200, answer.text
    (event,) = told()
    seen = {**event["detail"], **event, "action": event["action"].partition(".")[0]}
    assert {name: seen[name] for name in expected} == expected
    assert (event["actor"], event["role"], event["layer"]) == ("wang", "land_officer", "parcels")
    assert (event["address"], seen["by"]) == ("testclient", "token")
    assert SECRET not in str(event)


def test_a_reading_from_the_cache_is_told_again(get: Callable[..., Any], told: Told) -> None:
    first, second = get(PARCELS), get(PARCELS)
    assert first.content == second.content
    assert [row["number"] for row in told()] == [1, 1]


def test_who_holds_the_present_answer_reads_nothing_new(
    client: TestClient, get: Callable[..., Any], tokens: Headers, told: Told
) -> None:
    tag = get(PARCELS).headers["etag"]
    again = client.get(PARCELS, headers={**tokens["wang"], "if-none-match": tag})
    assert again.status_code == 304
    assert len(told()) == 1


@pytest.mark.parametrize(
    ("path", "who"),
    [
        (PARCELS, None),
        (PARCELS, "bo"),
        (f"/ogc/collections/parcels/tiles/{TILE}", "wang"),
        ("/ogc/collections/clusters/items", "wang"),
        ("/ogc/collections/parcels/queryables", "wang"),
        ("/api/history/parcels/" + PARCEL, None),
        (f"{PARCELS}?f=csv", None),
        ("/", "wang"),
        ("/ogc/api", "root"),
    ],
)
def test_of_what_is_public_nothing_is_told(
    get: Callable[..., Any], told: Told, path: str, who: str | None
) -> None:
    assert get(path, who).status_code == 200
    assert told() == []


def test_a_file_of_a_public_layer_is_told_if_somebody_known_takes_it(
    get: Callable[..., Any], told: Told
) -> None:
    assert get(PARCELS, "bo", f="csv").status_code == 200
    (event,) = told()
    assert (event["action"], event["actor"], event["detail"]["format"]) == (
        "export.features",
        "bo",
        "csv",
    )


def test_pages_for_staff_are_told(get: Callable[..., Any], told: Told, engine: Engine) -> None:
    Queue(engine).put(
        [Entry(key="丙街1号", address="丙街1号", issues=(Issue.AMBIGUOUS,), candidates=())]
    )
    number = Queue(engine).waiting()[0].id
    for path in ("/review", f"/review/{number}", "/imports", "/admin/audit"):
        assert get(path, "root").status_code == 200, path
    assert [(row["action"], row["number"]) for row in told()] == [
        ("read.review", 1),
        ("read.review", 1),
        ("read.imports", 0),
        ("read.audit", None),
    ]


@pytest.fixture
def without_audit(client: TestClient) -> Iterator[None]:
    """The service while its audit takes nothing."""

    def refuse(_: Any) -> None:
        raise RuntimeError("no connection")

    state = client.app.state  # type: ignore[attr-defined]
    kept, journal = state.audit, Journal(refuse)
    state.audit = replace(kept, journal=journal)
    yield
    state.audit = kept
    journal.close()


def test_when_postgresql_refuses_the_event_the_reading_is_refused(
    get: Callable[..., Any], told: Told, urls: AuditUrls, engine: Engine
) -> None:
    login = make_url(urls.writer).username
    with engine.begin() as connection:
        connection.exec_driver_sql(f"REVOKE INSERT ON audit.events FROM {login}")
    answer = get(PARCELS)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"GRANT INSERT ON audit.events TO {login}")
    assert answer.status_code == 503
    assert SECRET not in answer.text
    assert told() == []
    assert get(PARCELS).status_code == 200
    assert len(told()) == 1


@pytest.mark.usefixtures("without_audit")
@pytest.mark.parametrize(("path", "query", "_expected"), READINGS, ids=str)
def test_without_the_audit_it_is_refused_and_the_public_reads_on(
    get: Callable[..., Any], path: str, query: dict[str, str], _expected: dict[str, Any]
) -> None:
    answer = get(path, **query)
    assert answer.status_code == 503
    assert answer.json()["type"] == "/problems/audit-unavailable"
    assert answer.headers["retry-after"] == "5"
    assert SECRET not in answer.text
    assert get(PARCELS, None).status_code == 200
    assert get(PARCELS, "bo").status_code == 200


def pages() -> list[str]:
    routes = [route for each in (*API_ROUTERS, *PAGE_ROUTERS) for route in each.routes]
    paths = {
        route.path for route in routes if isinstance(route, APIRoute) and "GET" in route.methods
    }
    places = {"layer": "parcels", "id": PARCEL, "number": "1", "language": "en", "name": "x"}
    places |= {"tileMatrixSet": "WebMercatorQuad", "style": "parcels"}
    return sorted(
        re.sub(r"{(\w+)(:\w+)?}", lambda found: places.get(found[1], "1"), path) for path in paths
    )


@pytest.mark.parametrize("path", [*pages(), PARCELS, f"{PARCELS}/{PARCEL}"])
def test_no_answer_of_any_route_holds_a_secret_that_the_audit_was_not_told_of(
    get: Callable[..., Any], told: Told, path: str
) -> None:
    """What is planted is found: where it is, there is an event."""
    answer = get(path, "root")
    if SECRET in answer.text:
        assert told() != []


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", ""),
        ("limit=3&bbox=1,2,3,4", "limit=3&bbox=1,2,3,4"),
        ("holder=%E5%BC%A0%E4%B8%89", f"holder={MASK}"),
        ("filter=kind%3D'x'", "filter=kind='x'"),
        ("filter=holder%20LIKE%20'x%25'&limit=2", f"filter={MASK}&limit=2"),
        ('filter={"property":"\\u0068older"}', f"filter={MASK}"),
        ("sortby=-holder&after=WyJ4Il0", f"sortby=-holder&after={MASK}"),
    ],
)
def test_values_that_are_not_public_are_left_out_of_the_query(query: str, shown: str) -> None:
    assert shown_query(query.encode(), {"holder"}) == shown


def test_the_layer_that_hides_something_is_still_declared() -> None:
    """These tests are about the holder of a parcel."""
    assert CATALOG.get("parcels").attribute("holder").reader != "public"
