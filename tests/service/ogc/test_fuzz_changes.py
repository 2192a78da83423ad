"""Whatever is sent to be written, by whoever may: written as it was sent, or refused as documented.

`ZGC_FUZZ_EXAMPLES` makes more of them.
"""

import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.accounts.scope import parse_scopes
from geodata.accounts.tokens import NewToken, create_token
from geodata.accounts.users import add_user
from geodata.database.engine import open_engine
from geodata.plan.load import load_plan
from layers.attribute import Attribute, Role, ValueType
from layers.catalog import CATALOG
from layers.layer import Geometry, Layer
from service.app import create_app
from service.ogc.changes import MERGE_PATCH
from service.ogc.links import GEOJSON
from service.settings import Settings

EXAMPLES = int(os.environ.get("ZGC_FUZZ_EXAMPLES", "60"))
IDS = ("fuzz-1", "fuzz-2", "north", "baidu", "zgc-zone", "x y", "%00", "é" * 90)
ITEMS = "/ogc/collections/{layer}/items"

texts = st.text(max_size=20) | st.sampled_from(["\x00", "a\x00b", "\ufeff", "\u202e", "x" * 3000])
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
FITTING: dict[ValueType, st.SearchStrategy[Any]] = {
    ValueType.TEXT: texts,
    ValueType.INTEGER: st.integers(-(2**70), 2**70) | st.integers(0, 3),
    ValueType.NUMBER: st.floats() | st.floats(0, 1e6),
    ValueType.DATE: st.dates().map(date.isoformat) | st.sampled_from(["2011-02-30", "0000-01-01"]),
}
near = st.floats(115, 118)
numbers = st.one_of(near, near, st.floats(), st.integers(-(10**20), 10**20), anything)
KINDS = {Geometry.POINT: "Point", Geometry.LINE: "MultiLineString", Geometry.AREA: "MultiPolygon"}


def values(attribute: Attribute) -> st.SearchStrategy[Any]:
    if attribute.codes is not None:
        return st.sampled_from(list(attribute.codes.codes)[:5]) | anything
    fitting = FITTING.get(attribute.type, anything)
    return st.one_of(fitting, fitting, fitting, anything)


def properties(layer: Layer) -> st.SearchStrategy[Any]:
    known = {each.name: values(each) for each in layer.all_attributes}
    needed = {each.name for each in layer.all_attributes if each.required}
    rest = {name: how for name, how in known.items() if name not in needed}
    given = st.fixed_dictionaries({name: known[name] for name in needed}, optional=rest)
    return st.one_of(given, given, given, anything)


def positions() -> st.SearchStrategy[Any]:
    good = st.tuples(st.floats(116, 117), st.floats(39, 41)).map(list)
    return st.one_of(good, good, good, st.lists(numbers, max_size=4))


def rings() -> st.SearchStrategy[Any]:
    closed = st.lists(positions(), min_size=3, max_size=6).map(lambda ring: [*ring, ring[0]])
    return closed | st.lists(positions(), max_size=4)


def geometries(layer: Layer) -> st.SearchStrategy[Any]:
    kinds = st.sampled_from(["Point", "LineString", "Polygon", "GeometryCollection", "Circle"])
    coordinates = st.one_of(
        positions(), st.lists(positions(), max_size=4), st.lists(st.lists(rings(), max_size=2))
    )
    fitting = {
        "Point": positions(),
        "MultiLineString": st.lists(st.lists(positions(), max_size=4), max_size=2),
        "MultiPolygon": st.lists(st.lists(rings(), max_size=2), max_size=2),
    }
    own = KINDS[layer.geometry]
    good = st.fixed_dictionaries({"type": st.just(own), "coordinates": fitting[own]})
    bad = st.fixed_dictionaries({"type": kinds}, optional={"coordinates": coordinates})
    return st.one_of(good, good, good, st.none(), bad, anything)


@st.composite
def changes(draw: st.DrawFn) -> tuple[str, str, str, dict[str, str], Any]:
    """Role, method, path, headers and document."""
    layer = draw(st.sampled_from(tuple(CATALOG)))
    method = draw(st.sampled_from(["POST", "POST", "PUT", "PATCH", "DELETE"]))
    feature: Any = draw(
        st.fixed_dictionaries(
            {
                "type": st.sampled_from(["Feature"] * 9 + ["Point"]),
                "properties": properties(layer),
                "geometry": geometries(layer),
            },
            optional={"id": st.sampled_from(IDS) | anything},
        )
    )
    if method == "POST" and draw(st.booleans()):
        feature = {"type": "FeatureCollection", "features": [feature] * draw(st.integers(0, 2))}
    path = ITEMS.format(layer=layer.id)
    headers = {"Content-Type": MERGE_PATCH if method == "PATCH" else GEOJSON}
    if method != "POST":
        path += f"/{draw(st.sampled_from(IDS))}"
        match = draw(st.sampled_from(["*", "*", "*", '"0.0"', "nonsense", "", None]))
        headers |= {} if match is None else {"If-Match": match}
    if draw(st.integers(0, 5)) == 0:
        headers["Content-Crs"] = draw(
            st.sampled_from(["<http://www.opengis.net/def/crs/EPSG/0/4548>", "<x>", ""])
        )
    role = draw(st.sampled_from(["planner", "land_officer", "admin"]))
    return role, method, path, headers, feature


@pytest.fixture(scope="module")
def service(migrated_database: Callable[[], str]) -> Iterator[tuple[TestClient, dict[str, str]]]:
    url, now = migrated_database(), datetime.now(UTC)
    load_plan(url, lambda _: None)
    engine, scopes = open_engine(url), parse_scopes(["*:read", "*:write"])
    with engine.begin() as connection:
        tokens = {}
        for role in ("planner", "land_officer", "admin"):
            add_user(connection, role, role, password=None, now=now)
            tokens[role] = create_token(connection, NewToken(role, "fuzz", scopes, 1), now)
    engine.dispose()
    app = create_app(Settings(database_url=url, rate_writes=0, rate_reads=0))
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client, tokens


@pytest.fixture(scope="module")
def documented(service: tuple[TestClient, dict[str, str]]) -> dict[str, set[str]]:
    """Statuses by method."""
    paths = service[0].get("/openapi.json").json()["paths"]
    items = paths[ITEMS] | paths[f"{ITEMS}/{{id}}"]
    return {method.upper(): set(row["responses"]) for method, row in items.items()}


@settings(max_examples=EXAMPLES)
@given(change=changes())
def test_any_change_is_done_or_refused_as_documented(
    service: tuple[TestClient, dict[str, str]],
    documented: dict[str, set[str]],
    change: tuple[str, str, str, dict[str, str], Any],
) -> None:
    client, tokens = service
    role, method, path, headers, document = change
    answer = client.request(
        method,
        path.replace(" ", "%20"),
        content=json.dumps(document).encode(),
        headers=headers | {"Authorization": f"Bearer {tokens[role]}"},
    )
    assert str(answer.status_code) in documented[method], answer.text
    assert answer.status_code != 503, answer.text
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
    if answer.status_code == 403:
        layer = CATALOG.get(path.split("/")[3])
        assert not Role(role).includes(layer.writer)
    if answer.status_code == 201 and "location" in answer.headers:
        found = client.get(answer.headers["location"])
        assert found.status_code == 200
        assert_kept(document["properties"], found.json()["properties"])


def assert_kept(sent: dict[str, Any], found: dict[str, Any]) -> None:
    """Texts may lose blanks at their ends, numbers their type; nothing else."""
    for name, value in sent.items():
        if name in found and isinstance(value, str) and value.strip() and value.isprintable():
            assert found[name] is not None, name
