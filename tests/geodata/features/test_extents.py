"""Counts and boxes of whole layers."""

import math
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select, text

from geodata.database.engine import open_engine
from geodata.database.pool import Pool, open_pool
from geodata.database.tables import METADATA, layer_table
from geodata.database.versions import LayerVersions
from geodata.features.bbox import BBox
from geodata.features.extents import Extent, Extents, _outward
from layers.catalog import CATALOG
from layers.layer import Layer

CORNER = st.floats(-180, 180)

INSERT = text(
    "INSERT INTO enterprises (id, name_zh, source, as_of, boundary_status, geom)"
    " VALUES (:id, '某', '测试', '2010-01-01', 'schematic',"
    " ST_SetSRID(ST_MakePoint(:x, :y), 4490))"
)


@pytest.mark.anyio
@pytest.mark.parametrize("layer", tuple(CATALOG), ids=lambda layer: layer.id)
async def test_an_extent_counts_features_and_holds_every_coordinate(
    layer: Layer, plan_url: str, pool: Pool, plan_engine: Engine
) -> None:
    extent = await Extents(pool, LayerVersions(plan_url, pool)).of(layer)
    corners = ("ST_XMin(geom)", "ST_YMin(geom)", "ST_XMax(geom)", "ST_YMax(geom)")
    with plan_engine.connect() as connection:
        count, *found = connection.execute(
            text(
                f"SELECT count(*), min({corners[0]}), min({corners[1]}), max({corners[2]}),"
                f" max({corners[3]}) FROM {layer_table(METADATA, layer).name}"
            )
        ).one()
    assert extent.count == count
    if found[0] is None:
        assert extent.bbox is None
    else:
        assert extent.bbox is not None
        assert _holds(extent.bbox, BBox(*found))
        assert all(
            abs(outer - inner) < 1.1e-6 for outer, inner in zip(extent.bbox, found, strict=True)
        )


@settings(derandomize=True, deadline=None, max_examples=500)
@given(CORNER, CORNER, st.integers(-2, 2))
def test_rounding_goes_outward_even_where_the_product_rounds(
    west: float, south: float, steps: int
) -> None:
    """Corners next to a step of the rounding grid are where a careless floor goes inward."""
    corner = round(west, 6)
    for _ in range(abs(steps)):
        corner = math.nextafter(corner, math.copysign(math.inf, steps))
    exact = BBox(corner, south, corner, south)
    assert _holds(_outward(*exact), exact)


def test_the_whole_globe_stays_the_whole_globe() -> None:
    assert _outward(-180, -90, 180, 90) == BBox(-180, -90, 180, 90)


@pytest.mark.anyio
async def test_an_extent_follows_committed_changes(migrated_database: Callable[[], str]) -> None:
    url = migrated_database()
    layer = CATALOG.get("enterprises")
    engine = open_engine(url)
    pool = await open_pool(url, size=1, statement_timeout_s=30)
    extents = Extents(pool, LayerVersions(url, pool))
    assert await extents.of(layer) == Extent(0, None)
    with engine.begin() as connection:
        connection.execute(INSERT, {"id": "a", "x": 116.5, "y": 39.5})
        assert await extents.of(layer) == Extent(0, None), "not committed yet"
    assert await extents.of(layer) == Extent(1, BBox(116.5, 39.5, 116.5, 39.5))
    with engine.begin() as connection:
        connection.execute(layer_table(METADATA, layer).delete())
        assert connection.execute(select(text("count(*) FROM enterprises"))).scalar_one() == 0
    assert await extents.of(layer) == Extent(0, None)
    await pool.close()
    engine.dispose()


def _holds(outer: BBox, inner: BBox) -> bool:
    return (
        outer.west <= inner.west
        and outer.south <= inner.south
        and outer.east >= inner.east
        and outer.north >= inner.north
    )
