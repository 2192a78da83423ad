"""Profiles of areas: the plan's words, positions against shapely, areas against GeographicLib."""

import csv
import math
import random
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pyproj
import pytest
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Engine, func, select, text

from geodata.database.engine import open_engine
from geodata.database.pool import Pool, open_pool
from geodata.database.tables import METADATA, layer_table
from geodata.errors import FeatureNotFoundError, InvalidGeometryError, NoAreaError
from geodata.plan.load import DATA
from geodata.statistics.partition import NEAR_BORDER, area_holds
from geodata.statistics.profile import Profile, profile_of_area, profile_of_polygon
from layers.catalog import CATALOG
from layers.layer import Geometry, Layer

ROOT_AREA = ("demonstration_zone", "zgc-zone")
GEOD = pyproj.Geod(ellps="GRS80")

SAME_ALGORITHM = 1e-9
"""PostGIS and pyproj both compute with GeographicLib; what differs is the order of sums."""

INSERT_POINT = text(
    "INSERT INTO enterprises (id, name_zh, source, as_of, boundary_status, geom)"
    " VALUES (:id, '某', '测试', '2010-01-01', 'schematic',"
    " ST_SetSRID(ST_MakePoint(:x, :y), 4490))"
)
INSERT_PARCEL = text(
    "INSERT INTO parcels (id, name_zh, source, as_of, boundary_status, parcel_code, geom)"
    " VALUES ('u', '某', '测试', '2010-01-01', 'schematic', '110108001001GB00001',"
    " ST_GeomFromText(:wkt, 4490))"
)


@pytest.fixture(scope="module")
def areas(plan_engine: Engine) -> list[tuple[Layer, str, BaseGeometry | None]]:
    """Every feature that can have a profile, with its geometry."""
    found = []
    with plan_engine.connect() as connection:
        for layer in CATALOG:
            if layer.is_area or layer.geometry is Geometry.AREA:
                table = layer_table(METADATA, layer)
                query = select(table.c.id, func.ST_AsBinary(table.c.geom))
                for feature_id, wkb in connection.execute(query):
                    found.append((layer, feature_id, wkb and shapely.from_wkb(bytes(wkb))))
    return found


@pytest.fixture(scope="module")
def indicators() -> list[dict[str, str]]:
    with (DATA / "indicators.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


async def _profile(pool: Pool, layer_id: str, feature_id: str) -> Profile:
    return await profile_of_area(pool, CATALOG.get(layer_id), feature_id)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("layer_id", "feature_id", "enterprises"),
    [
        ("clusters", "north", 41),
        ("clusters", "south", 26),
        ("sub_parks", "special-parks", 22),
        ("science_cities", "future-science-city", 9),
        ("demonstration_zone", "zgc-zone", 97),
    ],
)
async def test_the_plan_declares_so_many_enterprises(
    layer_id: str, feature_id: str, enterprises: int, pool: Pool
) -> None:
    profile = await _profile(pool, layer_id, feature_id)
    assert profile.declared is not None
    assert profile.declared["enterprises"] == enterprises


@pytest.mark.anyio
async def test_industries_add_up_to_the_total_in_every_area(
    pool: Pool, areas: list[tuple[Layer, str, BaseGeometry | None]]
) -> None:
    for layer, feature_id, _ in areas:
        profile = await profile_of_area(pool, layer, feature_id)
        for tally, industries in (
            (profile.declared, profile.declared_industries),
            (profile.located, profile.located_industries),
        ):
            assert (tally is None) is (industries is None)
            if tally is not None and industries is not None:
                assert sum(industries.values()) == tally["enterprises"], feature_id
                assert list(tally) == list(CATALOG.ids), feature_id


@pytest.mark.anyio
async def test_located_counts_are_those_of_shapely(
    pool: Pool, areas: list[tuple[Layer, str, BaseGeometry | None]], plan_engine: Engine
) -> None:
    """A point within rounding of a border is the exact rule's, all others are shapely's."""
    positions = _positions(plan_engine)
    compared = 0
    for layer, feature_id, boundary in areas:
        if boundary is None or "Polygon" not in boundary.geom_type:
            continue
        located = (await profile_of_area(pool, layer, feature_id)).located
        assert located is not None
        for other, points in positions.items():
            counted = [point for name, point in points if (other, name) != (layer.id, feature_id)]
            inside = sum(_inside(boundary, point) for point in counted)
            assert located[other] == inside, (feature_id, other)
            compared += inside
    assert compared > 200


def _inside(boundary: BaseGeometry, point: shapely.Point) -> bool:
    if boundary.boundary.distance(point) <= NEAR_BORDER:
        return area_holds(boundary, point.x, point.y)
    return bool(boundary.contains(point))


def _positions(engine: Engine) -> dict[str, list[tuple[str, shapely.Point]]]:
    """Where each feature counts, as PostGIS puts points on surfaces."""
    found: dict[str, list[tuple[str, shapely.Point]]] = {}
    with engine.connect() as connection:
        for layer in CATALOG:
            table = layer_table(METADATA, layer)
            query = select(table.c.id, func.ST_AsBinary(func.ST_PointOnSurface(table.c.geom)))
            rows = connection.execute(query.where(table.c.geom.is_not(None)))
            found[layer.id] = [(name, shapely.from_wkb(bytes(wkb))) for name, wkb in rows]
    return found


@pytest.mark.anyio
async def test_land_area_is_ellipsoidal(
    pool: Pool, areas: list[tuple[Layer, str, BaseGeometry | None]]
) -> None:
    compared = 0
    for layer, feature_id, boundary in areas:
        profile = await profile_of_area(pool, layer, feature_id)
        if boundary is None or layer.geometry is not Geometry.AREA:
            assert profile.land_area_m2 is None
        else:
            exact = abs(GEOD.geometry_area_perimeter(boundary)[0])
            assert profile.land_area_m2 == pytest.approx(exact, rel=SAME_ALGORITHM)
            compared += 1
    assert compared > 20


@pytest.mark.anyio
async def test_a_hectare_is_a_hectare_and_not_that_of_web_maps(pool: Pool) -> None:
    """DOMAIN.md E.1: planar area in EPSG:3857 is 70 % too large at Beijing."""
    gauss = pyproj.Transformer.from_crs(4548, 4490, always_xy=True)
    web = pyproj.Transformer.from_crs(4490, 3857, always_xy=True)
    corners = [(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)]
    square = [gauss.transform(441490.4587 + x, 4427866.1892 + y) for x, y in corners]
    profile = await profile_of_polygon(pool, shapely.Polygon(square))
    planar = shapely.Polygon([web.transform(*corner) for corner in square]).area
    assert profile.land_area_m2 == pytest.approx(10_000, rel=1e-4)
    assert profile.land_area_m2 is not None
    assert planar / profile.land_area_m2 == pytest.approx(1.705, abs=0.001)


@pytest.mark.anyio
async def test_holes_are_no_land(pool: Pool) -> None:
    outer, inner = shapely.box(116, 39, 117, 40), shapely.box(116.4, 39.4, 116.6, 39.6)
    areas = [
        (await profile_of_polygon(pool, polygon)).land_area_m2
        for polygon in (shapely.Polygon(outer.exterior, [inner.exterior]), inner, outer)
    ]
    holed, hole, whole = (area or math.nan for area in areas)
    assert holed + hole == pytest.approx(whole, rel=SAME_ALGORITHM)


@pytest.mark.anyio
async def test_indicators_are_the_area_s_own(
    pool: Pool,
    areas: list[tuple[Layer, str, BaseGeometry | None]],
    indicators: list[dict[str, str]],
) -> None:
    """Every row of the file appears in its area, and in no other: nothing is broken down."""
    for layer, feature_id, _ in areas:
        profile = await profile_of_area(pool, layer, feature_id)
        shown = {
            (indicator.key, kind, figure.value_low, figure.value_high, indicator.units[kind])
            for indicator in profile.indicators
            for kind, figure in indicator.figures.items()
        }
        own = [row for row in indicators if row["area"] == feature_id]
        assert shown == {
            (
                row["key"],
                row["kind"],
                float(row["value_low"]),
                float(row["value_high"]),
                row["unit"],
            )
            for row in own
        }
        assert len(own) == len(shown)
    assert {row["area"] for row in indicators} <= {feature_id for _, feature_id, _ in areas}


@pytest.mark.anyio
async def test_growth_targets_are_of_the_whole_zone_only(
    pool: Pool, areas: list[tuple[Layer, str, BaseGeometry | None]]
) -> None:
    for layer, feature_id, _ in areas:
        profile = await profile_of_area(pool, layer, feature_id)
        assert bool(profile.growth_targets) is ((layer.id, feature_id) == ROOT_AREA)


@pytest.mark.anyio
async def test_an_area_without_boundary_has_declared_counts_only(
    pool: Pool, areas: list[tuple[Layer, str, BaseGeometry | None]]
) -> None:
    without = [(layer, name) for layer, name, boundary in areas if boundary is None]
    assert without
    for layer, feature_id in without:
        profile = await profile_of_area(pool, layer, feature_id)
        assert (profile.located, profile.located_industries, profile.land_area_m2) == (None,) * 3
        assert (profile.declared is not None) is layer.is_area


@pytest.mark.anyio
async def test_an_axis_has_no_inside(pool: Pool) -> None:
    profile = await _profile(pool, "axes", "zhongguancun-street")
    assert profile.located is None
    assert profile.declared is not None


@pytest.mark.anyio
async def test_a_district_has_located_counts_only(
    pool: Pool, areas: list[tuple[Layer, str, BaseGeometry | None]]
) -> None:
    for layer, feature_id, _ in areas:
        if layer.id == "districts":
            profile = await profile_of_area(pool, layer, feature_id)
            assert (profile.declared, profile.declared_industries) == (None, None)
            assert profile.indicators == ()


@pytest.mark.anyio
@pytest.mark.parametrize("feature_id", ["nowhere", "", "a\x00", "\ud800", "' OR true"])
async def test_an_unknown_area_is_not_found(feature_id: str, pool: Pool) -> None:
    with pytest.raises(FeatureNotFoundError, match="clusters"):
        await _profile(pool, "clusters", feature_id)


@pytest.mark.anyio
@pytest.mark.parametrize("layer_id", ["enterprises", "projects"])
async def test_a_layer_of_points_has_no_profiles_and_says_which_do(
    layer_id: str, pool: Pool
) -> None:
    with pytest.raises(NoAreaError, match=rf"{layer_id}.*clusters.*districts"):
        await _profile(pool, layer_id, "baidu")


@pytest.mark.anyio
@pytest.mark.parametrize(
    "polygon",
    [
        shapely.box(-180, -90, 180, 90),
        shapely.box(0, 0, 180, 10),
        shapely.Polygon([(-180, 0), (180, 0), (0, 80)]),
        shapely.Polygon([(0, -90), (10, 90), (20, -90)]),
    ],
)
async def test_a_polygon_of_half_the_globe_is_refused(polygon: BaseGeometry, pool: Pool) -> None:
    """PostGIS ends in an error at antipodal edges and calls a hemisphere's area zero."""
    with pytest.raises(InvalidGeometryError, match=r"spans (180|360) degrees"):
        await profile_of_polygon(pool, polygon)


@pytest.mark.anyio
async def test_a_polygon_almost_so_wide_has_an_area(pool: Pool) -> None:
    polygon = shapely.box(0, -60, 179.9, 60)
    profile = await profile_of_polygon(pool, polygon)
    exact = abs(GEOD.geometry_area_perimeter(polygon)[0])
    assert profile.land_area_m2 == pytest.approx(exact, rel=SAME_ALGORITHM)


Cells = list[BaseGeometry]


def _triangles() -> Cells:
    chance = random.Random(2011)
    sites = [(chance.uniform(116, 117), chance.uniform(39.4, 40.4)) for _ in range(14)]
    return list(shapely.get_parts(shapely.delaunay_triangles(shapely.MultiPoint(sites))))


def _bricks() -> Cells:
    """Rows of rectangles whose splits do not meet: T-junctions, horizontal, vertical borders."""
    rows = [(39.5, 39.7, 0.1), (39.7, 39.9, 0.15), (39.9, 40.3, 0.1 + 0.2)]
    return [
        shapely.box(114 + step * width, south, 114 + (step + 1) * width, north)
        for south, north, width in rows
        for step in range(4)
    ]


def _islands() -> Cells:
    hole = shapely.Point(116.2, 38.9).buffer(0.1, 4)
    outer = shapely.Polygon(shapely.box(116, 38.7, 116.4, 39.1).exterior, [hole.exterior])
    return [outer, shapely.MultiPolygon([hole, shapely.box(116.4, 38.7, 116.5, 39.1)])]


PARTITIONS = {"triangles": _triangles(), "bricks": _bricks(), "islands": _islands()}


def _border_points(cells: Cells) -> Iterator[tuple[float, float]]:
    for part in shapely.get_parts(cells):
        for polygon in shapely.get_parts(part):
            for ring in (polygon.exterior, *polygon.interiors):
                for (x0, y0), (x1, y1) in pairwise(ring.coords):
                    yield x0, y0
                    for share in (0.5, 1 / 3, 0.7):
                        yield x0 + share * (x1 - x0), y0 + share * (y1 - y0)
            centre = polygon.representative_point()
            yield centre.x, centre.y


@pytest.fixture(scope="module")
def synthetic(migrated_database: Callable[[], str]) -> tuple[str, dict[str, Any]]:
    """A database of its own with points on the borders of each partition, and a parcel."""
    url = migrated_database()
    points = {kind: sorted(set(_border_points(cells))) for kind, cells in PARTITIONS.items()}
    engine = open_engine(url)
    with engine.begin() as connection:
        for kind, found in points.items():
            for number, (x, y) in enumerate(found):
                connection.execute(INSERT_POINT, {"id": f"{kind}-{number}", "x": x, "y": y})
        connection.execute(INSERT_PARCEL, {"wkt": _horseshoe().wkt})
    engine.dispose()
    return url, points


def _horseshoe() -> BaseGeometry:
    """Lies in two bricks; its centre lies in neither arm."""
    return shapely.MultiPolygon(
        [
            shapely.difference(
                shapely.box(114.02, 39.52, 114.18, 39.68), shapely.box(114.05, 39.55, 114.15, 39.68)
            )
        ]
    )


@pytest.mark.anyio
@pytest.mark.parametrize("kind", sorted(PARTITIONS))
async def test_a_partition_counts_each_located_point_once(
    kind: str, synthetic: tuple[str, dict[str, Any]]
) -> None:
    """Through PostGIS and the exact rule together; the outer border may give points away."""
    url, points = synthetic
    cells = PARTITIONS[kind]
    outside = shapely.union_all(cells).boundary
    inner = sum(outside.distance(shapely.Point(point)) > NEAR_BORDER for point in points[kind])
    pool = await open_pool(url, size=2, statement_timeout_s=30)
    profiles = [await profile_of_polygon(pool, cell) for cell in cells]
    await pool.close()
    total = Counter[str | None]()
    for profile in profiles:
        assert profile.located is not None
        total.update(profile.located)
    assert inner <= total["enterprises"] <= len(points[kind])
    expected = sum(_held(cells, point) for point in points[kind])
    assert total["enterprises"] == expected
    assert total["parcels"] == (1 if kind == "bricks" else 0)


def _held(cells: Cells, point: tuple[float, float]) -> int:
    """1 or 0: whether a point of the partition, its outer border aside, lies in it."""
    return min(1, sum(area_holds(cell, *point) for cell in cells))
