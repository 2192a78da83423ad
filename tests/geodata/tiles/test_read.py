"""Tiles read with an independent decoder, against shapely and plain counting."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

import mapbox_vector_tile
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyproj import Transformer
from sqlalchemy import Engine, text

from geodata.database.pool import Pool
from geodata.database.representation import public_names
from geodata.features.selection import Selection
from geodata.tiles.matrix_sets import MATRIX_SETS, TileMatrixSet
from geodata.tiles.read import read_tiles, tile_statement
from geodata.tiles.rules import MERGED_BELOW, POINT_BUDGET, merged_span, shown_attributes
from geodata.tiles.statement import Part
from geodata.tiles.tile import BUFFER, EXTENT, Tile
from layers.catalog import CATALOG
from layers.layer import Layer

GRIDS = tuple(MATRIX_SETS.values())
WEB = MATRIX_SETS["WebMercatorQuad"]
ENTERPRISES, PARCELS = CATALOG.get("enterprises"), CATALOG.get("parcels")
CROWD = (116.19, 39.84, 116.66, 40.06)

each_grid = pytest.mark.parametrize("grid", GRIDS, ids=lambda grid: grid.id)
each_layer = pytest.mark.parametrize("layer", tuple(CATALOG), ids=lambda layer: layer.id)

Feature = dict[str, Any]


def decoded(tile: bytes) -> dict[str, list[Feature]]:
    """Features by layer; y goes down, as in the tile."""
    options = {"y_coord_down": True}
    layers = mapbox_vector_tile.decode(tile, default_options=options) if tile else {}
    assert all(layer["extent"] == EXTENT for layer in layers.values())
    return {name: layer["features"] for name, layer in layers.items()}


async def features(pool: Pool, layer: Layer, tile: Tile, **more: Any) -> list[Feature]:
    names = more.pop("names", shown_attributes(layer, tile.zoom))
    found = await read_tiles(pool, tile, (Part(layer, names),), Selection(**more))
    return decoded(found[0]).get(layer.id, [])


def level_of(grid: TileMatrixSet, zoom: int) -> int:
    return next(level for level in grid.levels if grid.zoom(level) == zoom)


def tiles_over(grid: TileMatrixSet, zoom: int, box: tuple[float, ...]) -> Iterator[Tile]:
    west, south, east, north = box
    level = level_of(grid, zoom)
    for row in range(grid.row(level, north), grid.row(level, south) + 1):
        for column in range(grid.column(level, west), grid.column(level, east) + 1):
            yield Tile(grid, level, row, column)


def tile_at(grid: TileMatrixSet, zoom: int, longitude: float, latitude: float) -> Tile:
    level = level_of(grid, zoom)
    return Tile(grid, level, grid.row(level, latitude), grid.column(level, longitude))


def in_tile(feature: Feature) -> bool:
    x, y = feature["geometry"]["coordinates"]
    return 0 <= x < EXTENT and 0 <= y < EXTENT


def shapes(engine: Engine, layer: Layer) -> dict[str, shapely.Geometry]:
    query = text(f"SELECT id, ST_AsBinary(geom) AS geom FROM {layer.id} WHERE geom IS NOT NULL")
    with engine.connect() as connection:
        rows = connection.execute(query)
        return {row.id: shapely.from_wkb(bytes(row.geom)) for row in rows}


@pytest.fixture(scope="session")
def crowd_points(crowd_engine: Engine) -> list[tuple[float, float]]:
    query = text("SELECT ST_X(geom) AS x, ST_Y(geom) AS y FROM enterprises ORDER BY id")
    with crowd_engine.connect() as connection:
        return [(row.x, row.y) for row in connection.execute(query)]


def box_of(tile: Tile, units: float) -> shapely.Geometry:
    """The tile and some units around it, in degrees."""
    grid, share = tile.matrix_set, units / EXTENT

    def latitude(row: float) -> float:
        return grid.latitude(grid.y(tile.level, row))

    return shapely.box(
        grid.longitude(tile.level, tile.column - share),
        latitude(tile.row + 1 + share),
        grid.longitude(tile.level, tile.column + 1 + share),
        latitude(tile.row - share),
    )


@pytest.mark.anyio
@each_grid
@each_layer
async def test_a_tile_holds_what_intersects_it_and_nothing_beyond_the_buffer(
    layer: Layer, grid: TileMatrixSet, pool: Pool, plan_engine: Engine
) -> None:
    located = shapes(plan_engine, layer)
    for zoom in (9, 11, MERGED_BELOW + 1):
        for tile in tiles_over(grid, zoom, (116.2, 39.95, 116.4, 40.1)):
            ids = {row["properties"].get("id") for row in await features(pool, layer, tile)}
            inner, outer = box_of(tile, 0), box_of(tile, BUFFER + 2)
            assert {i for i, shape in located.items() if shape.intersects(inner)} <= ids
            assert ids <= {i for i, shape in located.items() if shape.intersects(outer)}


@pytest.mark.anyio
@each_grid
async def test_points_decode_to_within_a_unit_of_the_truth(
    grid: TileMatrixSet, pool: Pool, plan_engine: Engine
) -> None:
    located = shapes(plan_engine, ENTERPRISES)
    project = Transformer.from_crs(4490, grid.srid or 4490, always_xy=True).transform
    for zoom in (8, 13, 17):
        checked = 0
        for point in list(located.values())[:40]:
            tile = tile_at(grid, zoom, point.x, point.y)
            for row in await features(pool, ENTERPRISES, tile):
                true = project(*located[row["properties"]["id"]].coords[0])
                unit = (tile.bounds.right - tile.bounds.left) / EXTENT
                x, y = row["geometry"]["coordinates"]
                assert abs(tile.bounds.left + x * unit - true[0]) <= unit
                assert abs(tile.bounds.top - y * unit - true[1]) <= unit
                checked += 1
        assert checked


@pytest.mark.anyio
@each_grid
async def test_areas_decode_to_the_shape_in_the_tile(
    grid: TileMatrixSet, pool: Pool, plan_engine: Engine
) -> None:
    layer = CATALOG.get("sub_parks")
    project = Transformer.from_crs(4490, grid.srid or 4490, always_xy=True).transform
    for name, shape in shapes(plan_engine, layer).items():
        tile = tile_at(grid, 12, shape.centroid.x, shape.centroid.y)
        for row in await features(pool, layer, tile):
            if row["properties"]["id"] != name:
                continue
            left, bottom, right, top = tile.bounds
            unit = (right - left) / EXTENT
            true = shapely.transform(shape, project, interleaved=False)
            true = true.intersection(shapely.box(left, bottom, right, top).buffer(BUFFER * unit))
            local = shapely.affinity.affine_transform(
                true, (1 / unit, 0, 0, -1 / unit, -left / unit, top / unit)
            )
            drawn = shapely.geometry.shape(row["geometry"])
            assert drawn.symmetric_difference(local).area <= 2 * local.length + 4


@pytest.mark.anyio
@each_grid
@pytest.mark.parametrize("zoom", [3, 8, 11, 13])
async def test_counts_over_all_tiles_of_a_zoom_are_the_number_of_points(
    zoom: int, grid: TileMatrixSet, crowd: Pool, crowd_engine: Engine
) -> None:
    with crowd_engine.connect() as connection:
        total = connection.execute(text("SELECT count(*) FROM enterprises")).scalar_one()
    counted, ids = 0, Counter[str]()
    for tile in tiles_over(grid, zoom, CROWD):
        for row in await features(crowd, ENTERPRISES, tile):
            if in_tile(row):
                counted += row["properties"].get("point_count", 1)
                ids.update([row["properties"]["id"]] if "id" in row["properties"] else [])
    assert counted == total
    assert set(ids.values()) <= {1}


@pytest.mark.anyio
@settings(
    derandomize=True,
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    grid=st.sampled_from(GRIDS),
    zoom=st.integers(7, 16),
    place=st.integers(0, 19_999) | st.tuples(st.floats(116.2, 116.5), st.floats(39.85, 40.05)),
)
async def test_a_tile_counts_the_points_between_its_edges(
    crowd: Pool,
    crowd_points: list[tuple[float, float]],
    grid: TileMatrixSet,
    zoom: int,
    place: int | tuple[float, float],
) -> None:
    """Clustered or not, around any place or any of the points."""
    point = crowd_points[place] if isinstance(place, int) else place
    tile = tile_at(grid, zoom, *point)
    west, east = tile.longitudes(1)
    south, north = tile.latitudes(1)
    rows = await features(crowd, ENTERPRISES, tile)
    counted = sum(row["properties"].get("point_count", 1) for row in rows if in_tile(row))
    assert counted == sum(west <= x < east and south <= y < north for x, y in crowd_points)


@pytest.mark.anyio
async def test_a_tile_over_budget_holds_clusters_and_one_below_holds_points(crowd: Pool) -> None:
    crowded = await features(crowd, ENTERPRISES, tile_at(WEB, 8, 116.25, 39.9))
    counts = [row["properties"].get("point_count") for row in crowded]
    assert sum(count or 1 for count in counts) > POINT_BUDGET
    assert len(counts) <= 256
    assert all(count is None or count > 1 for count in counts)
    for row in crowded:
        assert ("id" in row["properties"]) == ("point_count" not in row["properties"])
    sparse = await features(crowd, ENTERPRISES, tile_at(WEB, 14, 116.45, 40.0))
    assert 0 < len(sparse) <= POINT_BUDGET
    assert all("point_count" not in row["properties"] for row in sparse)


@pytest.mark.anyio
async def test_feature_ids_are_53_bit_and_the_same_at_every_zoom(crowd: Pool) -> None:
    known: dict[str, int] = {}
    for zoom in (13, 14, 16):
        for row in await features(crowd, ENTERPRISES, tile_at(WEB, zoom, 116.45, 40.0)):
            assert 0 <= row["id"] < 2**53
            assert known.setdefault(row["properties"]["id"], row["id"]) == row["id"]
    assert len(set(known.values())) == len(known) > 10


@pytest.mark.anyio
@each_grid
@pytest.mark.parametrize("zoom", [6, 11, MERGED_BELOW - 1, MERGED_BELOW])
async def test_no_area_is_lost_however_small(
    zoom: int, grid: TileMatrixSet, crowd: Pool, crowd_engine: Engine
) -> None:
    sizes = {
        name: max(shape.bounds[2] - shape.bounds[0], shape.bounds[3] - shape.bounds[1])
        for name, shape in shapes(crowd_engine, PARCELS).items()
    }
    merged, drawn, alone = 0, set(), []
    for tile in tiles_over(grid, zoom, CROWD):
        for row in await features(crowd, PARCELS, tile):
            properties = row["properties"]
            if "feature_count" in properties:
                merged += properties["feature_count"]
                alone += [properties["id"]] if properties["feature_count"] == 1 else []
                assert row["geometry"]["type"] == "Polygon"
            else:
                drawn.add(properties["id"])
    small = {name for name, size in sizes.items() if size < merged_span(zoom)}
    small = small if zoom < MERGED_BELOW else set()
    assert merged == len(small)
    assert drawn == set(sizes) - small
    assert set(alone) <= small
    assert len(set(alone)) == len(alone)


@pytest.mark.anyio
async def test_what_is_too_thin_for_an_area_comes_as_line_or_point(crowd: Pool) -> None:
    (sliver,) = await features(crowd, PARCELS, tile_at(WEB, 14, 116.60001, 39.9))
    assert (sliver["properties"]["id"], sliver["geometry"]["type"]) == ("sliver", "LineString")
    (speck,) = await features(crowd, PARCELS, tile_at(WEB, 14, 116.65, 39.9))
    assert (speck["properties"]["id"], speck["geometry"]["type"]) == ("speck", "Point")


@pytest.mark.anyio
async def test_valid_time_is_asked_for_as_with_items(crowd: Pool) -> None:
    tile = tile_at(WEB, 13, 116.45, 40.0)
    everything = await features(crowd, ENTERPRISES, tile)
    early = await features(crowd, ENTERPRISES, tile, interval=(None, date(2010, 1, 1)))
    numbers = {int(row["properties"]["id"][1:]) for row in everything}
    kept = {int(row["properties"]["id"][1:]) for row in early}
    assert kept == {number for number in numbers if number % 4}
    assert kept < numbers


@pytest.mark.anyio
async def test_attributes_follow_the_zoom_or_the_request(crowd: Pool) -> None:
    low, high = tile_at(WEB, 13, 116.45, 40.0), tile_at(WEB, 14, 116.45, 40.0)
    (row, *_) = await features(crowd, ENTERPRISES, low)
    assert set(row["properties"]) == {"id", "boundary_status"}
    (row, *_) = await features(crowd, ENTERPRISES, high)
    assert set(row["properties"]) == {"id", "boundary_status", "name_zh"}
    (row, *_) = await features(crowd, PARCELS, high, names=("as_of", "area_registered_m2"))
    assert row["properties"]["as_of"] == "2020-01-01"
    assert row["properties"]["area_registered_m2"] == int(row["properties"]["id"][1:])


@each_layer
def test_no_query_reads_what_the_public_may_not(layer: Layer) -> None:
    tile = tile_at(WEB, 12, 116.3, 39.9)
    sql = tile_statement(tile, (Part(layer, public_names(layer)),)).sql
    hidden = {row.name for row in layer.all_attributes} - set(public_names(layer))
    assert not [name for name in hidden if f".{name}" in sql]


@pytest.mark.anyio
async def test_layers_come_in_the_order_asked_for(pool: Pool) -> None:
    tile = tile_at(WEB, 9, 116.3, 39.95)
    parts = tuple(Part(layer, ()) for layer in CATALOG)
    both = await read_tiles(pool, tile, parts)
    for part, content in zip(parts, both, strict=True):
        assert [content] == await read_tiles(pool, tile, (part,))
        assert set(decoded(content)) <= {part.layer.id}
    assert set(decoded(b"".join(both))) == {
        part.layer.id for part, content in zip(parts, both, strict=True) if content
    }
