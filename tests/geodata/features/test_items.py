"""Pages of items against plain Python over the same features."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, Engine, func, select, text

from geodata.database.pool import Pool
from geodata.database.statement import compile_statement
from geodata.database.tables import METADATA, layer_table
from geodata.errors import FeatureNotFoundError
from geodata.features.bbox import BBox
from geodata.features.items import ItemsQuery, page_query, read_feature, read_page
from geodata.features.selection import Selection
from layers.catalog import CATALOG
from layers.layer import Layer

PROPERTY = settings(
    derandomize=True,
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

Interval = tuple[date | None, date | None]
Corner = int | tuple[float, float]

VERTEX = st.integers(0, 10_000)
"""Number of a vertex in the data: corners there put the box's edges on borders and points."""

CORNER = VERTEX | st.tuples(st.floats(115.4, 117.6), st.floats(39.4, 41.1))


@dataclass(frozen=True)
class Row:
    """What a feature is, read past the code under test."""

    id: str
    geometry: BaseGeometry | None
    valid_from: date | None
    valid_to: date | None


@pytest.fixture(scope="session")
def rows(plan_engine: Engine) -> dict[str, list[Row]]:
    with plan_engine.connect() as connection:
        return {layer.id: list(_rows(connection, layer)) for layer in CATALOG}


@pytest.fixture(scope="session")
def vertices(rows: dict[str, list[Row]]) -> list[tuple[float, float]]:
    """Every vertex of every feature: corners of boxes drawn from them touch borders exactly."""
    shapes = [row.geometry for layer in rows.values() for row in layer if row.geometry is not None]
    return sorted({(float(x), float(y)) for x, y in shapely.get_coordinates(shapes)})


def _rows(connection: Connection, layer: Layer) -> Iterator[Row]:
    table = layer_table(METADATA, layer)
    query = select(table.c.id, func.ST_AsBinary(table.c.geom), table.c.valid_from, table.c.valid_to)
    for feature_id, wkb, valid_from, valid_to in connection.execute(query):
        geometry = None if wkb is None else shapely.from_wkb(bytes(wkb))
        yield Row(feature_id, geometry, valid_from, valid_to)


async def _walk(pool: Pool, layer: Layer, query: ItemsQuery) -> list[str]:
    """Ids of all pages, the last of which has no key."""
    ids: list[str] = []
    while True:
        page = await read_page(pool, layer, query)
        assert len(page.features) <= query.limit
        ids += [json.loads(feature)["id"] for feature in page.features]
        if page.next_after is None:
            return ids
        assert page.next_after == ids[-1]
        assert len(page.features) == query.limit, "only the last page may be short"
        query = replace(query, after=page.next_after)


def _within(box: BBox) -> ItemsQuery:
    return ItemsQuery(limit=1000, selection=Selection(bbox=box))


def _exact(box: BBox) -> BaseGeometry:
    """A box as shapely sees it; one without width or height is a line or a point."""
    if box.west == box.east and box.south == box.north:
        return shapely.Point(box.west, box.south)
    if box.west == box.east or box.south == box.north:
        return shapely.LineString([(box.west, box.south), (box.east, box.north)])
    return shapely.box(*box)


def _inside(rows: list[Row], box: BBox) -> list[str]:
    """Ids of features that meet the box; shapely alone decides."""
    boxes = [_exact(half) for half in box.boxes]
    return sorted(
        row.id
        for row in rows
        if row.geometry is not None and any(half.intersects(row.geometry) for half in boxes)
    )


@pytest.mark.anyio
@pytest.mark.parametrize("limit", [1, 2, 7, 100, 10_000])
@pytest.mark.parametrize("layer", tuple(CATALOG), ids=lambda layer: layer.id)
async def test_pages_together_are_the_layer_in_id_order(
    layer: Layer, limit: int, pool: Pool, rows: dict[str, list[Row]]
) -> None:
    ids = await _walk(pool, layer, ItemsQuery(limit=limit))
    assert ids == sorted(row.id for row in rows[layer.id])


@pytest.mark.anyio
async def test_a_page_that_fits_exactly_has_no_next(pool: Pool, rows: dict[str, list[Row]]) -> None:
    page = await read_page(
        pool, CATALOG.get("enterprises"), ItemsQuery(limit=len(rows["enterprises"]))
    )
    assert page.next_after is None


def _corner(pick: Corner, vertices: list[tuple[float, float]]) -> tuple[float, float]:
    return pick if isinstance(pick, tuple) else vertices[pick % len(vertices)]


@pytest.mark.anyio
@PROPERTY
@given(one=CORNER, other=CORNER, number=st.integers(0, 20), limit=st.sampled_from([3, 1000]))
async def test_a_box_selects_what_shapely_says_intersects(
    one: Corner,
    other: Corner,
    number: int,
    limit: int,
    pool: Pool,
    rows: dict[str, list[Row]],
    vertices: list[tuple[float, float]],
) -> None:
    (west, east), (south, north) = map(
        sorted, zip(_corner(one, vertices), _corner(other, vertices), strict=True)
    )
    box = BBox(west, south, east, north)
    layers = [layer for layer in CATALOG if rows[layer.id]]
    layer = layers[number % len(layers)]
    found = await _walk(pool, layer, ItemsQuery(limit=limit, selection=Selection(bbox=box)))
    assert found == _inside(rows[layer.id], box)


@pytest.mark.anyio
@PROPERTY
@given(one=VERTEX, other=VERTEX, kind=st.sampled_from(["point", "meridian", "parallel"]))
async def test_a_box_without_width_or_height_is_a_line_or_a_point(
    one: int,
    other: int,
    kind: str,
    pool: Pool,
    rows: dict[str, list[Row]],
    vertices: list[tuple[float, float]],
) -> None:
    west, south = _corner(one, vertices)
    east, north = _corner(other, vertices)
    box = BBox(
        west if kind == "meridian" else min(west, east),
        south if kind == "parallel" else min(south, north),
        west if kind == "meridian" else max(west, east),
        south if kind == "parallel" else max(south, north),
    )
    if kind == "point":
        box = BBox(west, south, west, south)
    for layer in (CATALOG.get("enterprises"), CATALOG.get("sub_parks"), CATALOG.get("axes")):
        found = await _walk(pool, layer, _within(box))
        assert found == _inside(rows[layer.id], box)


@pytest.mark.anyio
@pytest.mark.parametrize("edge", ["west", "south", "east", "north"])
async def test_a_point_on_an_edge_of_the_box_is_in_it(
    edge: str, pool: Pool, rows: dict[str, list[Row]]
) -> None:
    layer = CATALOG.get("enterprises")
    points = [row for row in rows[layer.id] if row.geometry is not None]
    assert points
    for row in points:
        x, y = shapely.get_coordinates(row.geometry)[0]
        value = x if edge in ("west", "east") else y
        box = BBox(x - 0.01, y - 0.01, x + 0.01, y + 0.01)._replace(**{edge: value})
        assert row.id in await _walk(pool, layer, _within(box))


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("box", "everything"),
    [
        (BBox(-180, -90, 180, 90), True),
        (BBox(116, 39, 115.9, 41.5), True),
        (BBox(100, 39, -170, 41.5), True),
        (BBox(170, -90, -170, 90), False),
        (BBox(118, -90, 115, 90), False),
        (BBox(180, -90, -180, 90), False),
    ],
)
async def test_a_box_across_the_antimeridian_is_two_boxes(
    box: BBox, everything: bool, pool: Pool, rows: dict[str, list[Row]]
) -> None:
    layer = CATALOG.get("enterprises")
    located = sorted(row.id for row in rows[layer.id] if row.geometry is not None)
    found = await _walk(pool, layer, ItemsQuery(limit=10, selection=Selection(bbox=box)))
    assert found == (located if everything else [])
    assert found == _inside(rows[layer.id], box)


@pytest.mark.anyio
async def test_a_feature_without_geometry_meets_no_box(
    pool: Pool, rows: dict[str, list[Row]]
) -> None:
    """Even the whole globe: there is no place that could meet it."""
    layer = CATALOG.get("enterprises")
    assert any(row.geometry is None for row in rows[layer.id])
    globe = Selection(bbox=BBox(-180, -90, 180, 90))
    found = await _walk(pool, layer, ItemsQuery(limit=1000, selection=globe))
    assert found == sorted(row.id for row in rows[layer.id] if row.geometry is not None)


def _valid(row: Row, interval: Interval) -> bool:
    """Valid at some day of a closed interval; nulls are unbounded."""
    start, end = interval
    ends_before = start is not None and row.valid_to is not None and row.valid_to < start
    begins_after = end is not None and row.valid_from is not None and row.valid_from > end
    return not ends_before and not begins_after


@pytest.mark.anyio
async def test_valid_time_selects_what_python_says(pool: Pool, rows: dict[str, list[Row]]) -> None:
    """Days on and beside every bound in the data, each open, closed and as an instant."""
    layers = [layer for layer in CATALOG if rows[layer.id]]
    bounds = {
        day
        for layer in layers
        for row in rows[layer.id]
        for day in (row.valid_from, row.valid_to)
        if day is not None
    }
    days = sorted({day + timedelta(beside) for day in bounds for beside in (-1, 0, 1)})
    assert days, "the plan's data have valid times"
    for layer in layers:
        for interval in _intervals(days):
            query = ItemsQuery(limit=1000, selection=Selection(interval=interval))
            found = await _walk(pool, layer, query)
            assert found == sorted(row.id for row in rows[layer.id] if _valid(row, interval))


def _intervals(days: list[date]) -> Iterator[Interval]:
    yield (None, None)
    for day in days[:: max(1, len(days) // 8)]:
        yield from ((day, day), (None, day), (day, None), (days[0], day), (day, days[-1]))


@pytest.mark.anyio
async def test_filters_hold_on_every_page(pool: Pool, rows: dict[str, list[Row]]) -> None:
    layer = CATALOG.get("enterprises")
    box = BBox(116.2, 39.9, 116.4, 40.1)
    selection = Selection(bbox=box, interval=(date(2010, 1, 1), date(2011, 1, 1)))
    query = ItemsQuery(limit=2, selection=selection)
    expected = set(_inside(rows[layer.id], box)) & {
        row.id for row in rows[layer.id] if _valid(row, selection.interval)
    }
    assert len(expected) > 2
    assert await _walk(pool, layer, query) == sorted(expected)


@pytest.mark.anyio
async def test_a_feature_is_read_by_its_id(pool: Pool) -> None:
    feature = json.loads(await read_feature(pool, CATALOG.get("clusters"), "north"))
    assert (feature["type"], feature["id"]) == ("Feature", "north")


@pytest.mark.anyio
@pytest.mark.parametrize("feature_id", ["nobody", "", "a\x00b", "'; --", "\ud800", "x" * 5000])
async def test_an_unknown_id_is_not_found_whatever_it_is(feature_id: str, pool: Pool) -> None:
    with pytest.raises(FeatureNotFoundError, match="clusters"):
        await read_feature(pool, CATALOG.get("clusters"), feature_id)


@pytest.mark.parametrize(
    ("query", "parts", "parameters"),
    [
        (ItemsQuery(limit=1), [], ("count",)),
        (ItemsQuery(limit=1, after="north"), ["clusters.id > $1"], ("key_id", "count")),
        (
            ItemsQuery(limit=1, selection=Selection(bbox=BBox(1, 2, 3, 4))),
            ["ST_Intersects(clusters.geom"],
            ("west_0", "south_0", "east_0", "north_0", "count"),
        ),
        (
            ItemsQuery(limit=1, selection=Selection(bbox=BBox(3, 2, 1, 4))),
            [" OR ST_Intersects"],
            (
                *(
                    f"{corner}_{box}"
                    for box in (0, 1)
                    for corner in ("west", "south", "east", "north")
                ),
                "count",
            ),
        ),
        (
            ItemsQuery(limit=1, selection=Selection(interval=(date(2011, 1, 1), None))),
            ["clusters.valid_to IS NULL OR clusters.valid_to >= $1"],
            ("start", "count"),
        ),
        (
            ItemsQuery(limit=1, selection=Selection(interval=(None, date(2011, 1, 1)))),
            ["clusters.valid_from IS NULL OR clusters.valid_from <= $1"],
            ("end", "count"),
        ),
    ],
)
def test_a_query_is_built_from_its_clauses(
    query: ItemsQuery, parts: list[str], parameters: tuple[str, ...]
) -> None:
    statement = compile_statement(page_query(CATALOG.get("clusters"), query))
    sql = " ".join(statement.sql.split()).replace("::DATE", "").replace("::TEXT", "")
    for part in (*parts, "ORDER BY clusters.id"):
        assert part in sql
    named = tuple(name for name in statement.parameters if name not in statement.constants)
    assert named == parameters


@pytest.mark.anyio
async def test_a_box_query_can_use_the_spatial_index(plan_engine: Engine) -> None:
    query = ItemsQuery(limit=1, selection=Selection(bbox=BBox(1, 2, 3, 4)))
    statement = compile_statement(page_query(CATALOG.get("enterprises"), query))
    sql = statement.sql
    values = {"west_0": "116", "south_0": "39", "east_0": "116.1", "north_0": "39.1", "count": "5"}
    arguments = statement.arguments(values)
    for number in range(len(arguments), 0, -1):
        sql = sql.replace(f"${number}::", f"'{arguments[number - 1]}'::")
    with plan_engine.connect() as connection:
        connection.execute(text("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off"))
        plan = "\n".join(row[0] for row in connection.execute(text(f"EXPLAIN {sql}")))
    assert "ix_enterprises_geom" in plan
