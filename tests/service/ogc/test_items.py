"""Items as clients see them: pages that add up, exact counts, RFC 7946."""

import random
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest
import shapely
from fastapi.testclient import TestClient
from sqlalchemy import Engine, select, text

from geodata.database.engine import open_engine
from geodata.database.tables import METADATA, layer_table
from layers.attribute import Role, ValueType
from layers.catalog import CATALOG
from layers.layer import Geometry, Layer
from service.app import create_app
from service.settings import Settings

LAYERS = tuple(CATALOG)
QUERYABLES = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
BOX = "116.2,39.8,116.5,40.1"


def _items(layer_id: str) -> str:
    return f"/ogc/collections/{layer_id}/items"


def _links(document: dict[str, Any]) -> dict[str, str]:
    return {link["rel"]: link["href"] for link in document["links"]}


def _pages(client: TestClient, address: str) -> Iterator[dict[str, Any]]:
    """Documents from one `next` to the next."""
    while address:
        answer = client.get(address)
        assert answer.status_code == 200
        yield answer.json()
        address = _links(answer.json()).get("next", "")


def _ids(pages: Iterator[dict[str, Any]]) -> list[str]:
    return [feature["id"] for page in pages for feature in page["features"]]


@pytest.fixture(scope="module")
def stored(plan_engine: Engine) -> dict[str, list[dict[str, Any]]]:
    """Rows of every layer, in id order."""
    with plan_engine.connect() as connection:
        return {
            layer.id: [
                dict(row)
                for row in connection.execute(
                    select(layer_table(METADATA, layer)).order_by(text("id"))
                ).mappings()
            ]
            for layer in LAYERS
        }


@pytest.mark.parametrize("limit", [1, 13, 20_000])
@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.id)
def test_following_next_reads_each_feature_once(
    layer: Layer, limit: int, client: TestClient, stored: dict[str, list[dict[str, Any]]]
) -> None:
    pages = list(_pages(client, f"{_items(layer.id)}?limit={limit}"))
    ids = [row["id"] for row in stored[layer.id]]
    assert _ids(iter(pages)) == ids
    for page in pages:
        assert page["numberReturned"] == len(page["features"]) <= limit
        assert page.get("numberMatched", len(ids)) == len(ids)
    assert pages[0]["numberMatched"] == len(ids)


def test_without_a_limit_a_page_has_a_hundred(client: TestClient) -> None:
    page = client.get(_items("enterprises")).json()
    assert page["numberReturned"] == min(100, page["numberMatched"])


@pytest.mark.parametrize(
    "query", [f"bbox={BOX}", "datetime=2010-01-01/..", f"bbox={BOX}&datetime=2011-01-01"]
)
def test_filters_and_limit_stay_in_next_and_counts_are_exact_when_given(
    query: str, client: TestClient
) -> None:
    whole = client.get(f"{_items('enterprises')}?limit=10000&{query}").json()
    assert whole["numberMatched"] == whole["numberReturned"] > 6
    pages = list(_pages(client, f"{_items('enterprises')}?limit=3&{query}"))
    assert _ids(iter(pages)) == [feature["id"] for feature in whole["features"]]
    for page in pages:
        assert page.get("numberMatched", whole["numberMatched"]) == whole["numberMatched"]
        if "next" in _links(page):
            following = parse_qs(urlsplit(_links(page)["next"]).query)
            assert following.items() >= parse_qs(f"limit=3&{query}").items()


def test_links_are_absolute_and_lead_where_they_say(client: TestClient) -> None:
    address = f"{_items('enterprises')}?bbox={BOX}&limit=2"
    page = client.get(address).json()
    links = _links(page)
    assert set(links) == {"self", "next", "alternate", "collection", QUERYABLES}
    assert links["self"] == f"http://testserver{address}"
    for link in page["links"]:
        assert urlsplit(link["href"])[:2] == ("http", "testserver"), link
        answer = client.get(link["href"])
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(link["type"])
    assert client.get(links["collection"]).json()["id"] == "enterprises"


def test_files_beside_a_page_hold_its_features(client: TestClient) -> None:
    page = client.get(f"{_items('enterprises')}?bbox={BOX}&limit=2").json()
    files = {link["type"]: link["href"] for link in page["links"] if link["rel"] == "alternate"}
    assert len(files) == 9
    lines = client.get(files["application/geo+json-seq"]).text.strip().splitlines()
    ids = [orjson.loads(line.strip("\x1e"))["id"] for line in lines if line.strip("\x1e")]
    assert ids == [feature["id"] for feature in page["features"]]


def test_the_links_of_a_page_are_in_the_header_too(client: TestClient) -> None:
    for address in (f"{_items('clusters')}?limit=1", f"{_items('clusters')}/north"):
        answer = client.get(address)
        for link in answer.json()["links"]:
            expected = f'<{link["href"]}>; rel="{link["rel"]}"; type="{link["type"]}"'
            assert expected in answer.headers["link"]


def test_hits_are_counted_exactly_without_features(client: TestClient) -> None:
    given = {"bbox": BOX, "filter": "industry IS NOT NULL"}
    all_of_them = client.get(_items("enterprises"), params={**given, "limit": "10000"}).json()
    hits = client.get(_items("enterprises"), params={**given, "resulttype": "hits"}).json()
    assert hits["numberMatched"] == len(all_of_them["features"]) > 2
    assert (hits["features"], hits["numberReturned"]) == ([], 0)


def test_links_name_the_host_that_the_client_asked(client: TestClient) -> None:
    page = client.get(f"{_items('clusters')}?limit=1", headers={"host": "gis.example:8443"}).json()
    assert all(href.startswith("http://gis.example:8443/ogc/") for href in _links(page).values())


def test_chinese_is_written_as_itself(client: TestClient) -> None:
    body = client.get(_items("clusters")).content
    assert "北部研发服务".encode() in body
    assert b"\\u" not in body


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.id)
def test_properties_are_the_public_attributes_with_their_own_types(
    layer: Layer, client: TestClient, stored: dict[str, list[dict[str, Any]]]
) -> None:
    features = client.get(f"{_items(layer.id)}?limit=10000").json()["features"]
    public = [each for each in layer.all_attributes if each.reader is Role.PUBLIC]
    for feature, row in zip(features, stored[layer.id], strict=True):
        assert list(feature["properties"]) == [attribute.name for attribute in public]
        for attribute in public:
            value = feature["properties"][attribute.name]
            assert _same(value, row[attribute.name], attribute.type), attribute.name


def _same(shown: object, stored: object, declared: ValueType) -> bool:
    if stored is None:
        return shown is None
    if declared is ValueType.DATE:
        return isinstance(shown, str) and date.fromisoformat(shown) == stored
    if declared is ValueType.NUMBER:
        return isinstance(shown, int | float) and shown == stored
    return type(shown) is type(stored) and shown == stored


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.id)
def test_a_page_is_valid_geojson(layer: Layer, client: TestClient) -> None:
    """RFC 7946: types, ids, two ordinates in range, closed rings, right-hand rule."""
    answer = client.get(f"{_items(layer.id)}?limit=10000")
    assert answer.headers["content-type"] == "application/geo+json"
    page = answer.json()
    assert page["type"] == "FeatureCollection"
    assert len({feature["id"] for feature in page["features"]}) == len(page["features"])
    for feature in page["features"]:
        assert set(feature) == {"type", "id", "geometry", "properties"}
        assert feature["type"] == "Feature"
        if feature["geometry"] is not None:
            _assert_geometry(layer, feature["geometry"])


def _assert_geometry(layer: Layer, geometry: dict[str, Any]) -> None:
    assert geometry["type"] == layer.geometry.value
    assert set(geometry) == {"type", "coordinates"}
    shape = shapely.geometry.shape(geometry)
    assert shapely.is_valid(shape)
    assert not shapely.has_z(shape)
    west, south, east, north = shape.bounds
    assert -180 <= west <= east <= 180
    assert -90 <= south <= north <= 90
    if layer.geometry is Geometry.AREA:
        for polygon in geometry["coordinates"]:
            assert all(ring[0] == ring[-1] and len(ring) > 3 for ring in polygon)
            outer, *holes = (shapely.LinearRing(ring) for ring in polygon)
            assert outer.is_ccw
            assert not any(hole.is_ccw for hole in holes)


def test_one_feature_is_what_its_page_shows_with_links(client: TestClient) -> None:
    [shown] = client.get(f"{_items('enterprises')}?limit=1").json()["features"]
    answer = client.get(f"{_items('enterprises')}/{shown['id']}")
    assert answer.headers["content-type"] == "application/geo+json"
    feature = answer.json()
    links = _links(feature)
    assert {name: feature[name] for name in shown} == shown
    assert links["self"] == f"http://testserver{_items('enterprises')}/{shown['id']}"
    assert client.get(links["collection"]).json()["id"] == "enterprises"


@pytest.mark.parametrize(
    "feature_id",
    [
        "nobody",
        "NORTH",
        "north%00",
        "%00",
        "north%0A",
        "north%20",
        "a%2Fb",
        "..%2Fsouth",
        "%27%20OR%20true%20--",
        "%22",
        "x" * 3000,
        "%E5%8C%97%E9%83%A8",
        "%F0%9F%98%80",
        "%ff%fe",
        "%ed%a0%80",
        "%25",
        "north;",
        "*",
    ],
)
def test_an_unknown_id_is_a_404_whatever_it_is(feature_id: str, client: TestClient) -> None:
    answer = client.get(f"{_items('clusters')}/{feature_id}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] in ("/problems/feature-not-found", "/problems/not-found")


@pytest.mark.parametrize("path", ["", "/items", "/items/north"])
def test_an_unknown_layer_is_a_404_that_names_those_there_are(
    path: str, client: TestClient
) -> None:
    answer = client.get(f"/ogc/collections/rivers{path}")
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/unknown-layer")
    assert ", ".join(CATALOG.ids) in answer.json()["detail"]


INSERT_ENTERPRISE = text(
    "INSERT INTO enterprises (id, name_zh, source, as_of, boundary_status, geom)"
    " VALUES (:id, '某', '测试', '2010-01-01', 'schematic',"
    " ST_SetSRID(ST_MakePoint(116.3, 40), 4490))"
)


@pytest.fixture
def writable(migrated_database: Callable[[], str]) -> Iterator[tuple[Engine, TestClient]]:
    url = migrated_database()
    engine = open_engine(url)
    with TestClient(create_app(Settings(database_url=url))) as client:
        yield engine, client
    engine.dispose()


@pytest.mark.parametrize("query", ["", "&bbox=116,39,117,41", "&sortby=-name_zh"])
def test_writes_during_a_walk_neither_hide_nor_repeat_what_stays(
    query: str, writable: tuple[Engine, TestClient]
) -> None:
    """Between any two pages others insert and delete before, at and behind the walker."""
    engine, client = writable
    chance = random.Random(2015)
    staying = {f"{number:03d}-stays" for number in range(40)}
    fleeting: set[str] = set()
    with engine.begin() as connection:
        connection.execute(INSERT_ENTERPRISE, [{"id": each} for each in sorted(staying)])
    seen: list[str] = []
    for page in _pages(client, f"{_items('enterprises')}?limit=3{query}"):
        seen += [feature["id"] for feature in page["features"]]
        gone = {each for each in fleeting if chance.random() < 0.5}
        fresh = {f"{chance.randrange(42):03d}-{chance.random()}" for _ in range(4)}
        with engine.begin() as connection:
            for feature_id in gone:
                connection.execute(
                    text("DELETE FROM enterprises WHERE id = :id"), {"id": feature_id}
                )
            connection.execute(INSERT_ENTERPRISE, [{"id": each} for each in fresh])
        fleeting = (fleeting - gone) | fresh
    assert len(seen) == len(set(seen))
    assert staying <= set(seen)
    assert len(seen) > len(staying), "the walk met some of those that came"
