"""Reference systems against pyproj and the published golden values."""

import json

import numpy as np
import pyproj
import pytest
import shapely
from pyproj import Transformer
from sqlalchemy import Engine, func, select, text

from geodata.database.pool import Pool
from geodata.database.tables import METADATA, layer_table
from geodata.features.bbox import BBox
from geodata.features.crs import ROWS, Crs, UnknownCrsError, box_in_store, find_crs
from geodata.features.items import ItemsQuery, Rendition, read_page
from geodata.features.selection import Selection
from geodata.geocoding.datum import Datum, convert
from layers.catalog import CATALOG

EPSG_ROWS = [row for row in ROWS if "/EPSG/" in row.uri]


def _code(crs: Crs) -> int:
    return int(crs.uri.rsplit("/", 1)[1])


@pytest.mark.parametrize("crs", EPSG_ROWS, ids=lambda crs: crs.uri)
def test_axis_order_is_that_of_the_register(crs: Crs) -> None:
    first = pyproj.CRS.from_epsg(_code(crs)).axis_info[0].direction
    assert crs.flipped == (first == "north")


def test_an_unknown_crs_names_those_offered() -> None:
    with pytest.raises(UnknownCrsError, match="EPSG/0/4490"):
        find_crs("EPSG:2436")


def _in_crs(points: np.ndarray, crs: Crs) -> np.ndarray:
    """Where pyproj, or the datum's own formula, puts stored coordinates."""
    if crs.datum is not Datum.CGCS2000:
        return convert(points, Datum.CGCS2000, crs.datum)
    if "CRS84" in crs.uri:
        return points
    transformer = Transformer.from_crs(4490, _code(crs), always_xy=True)
    moved = np.column_stack(transformer.transform(points[:, 0], points[:, 1]))
    return moved[:, ::-1] if crs.flipped else moved


@pytest.mark.anyio
@pytest.mark.parametrize("crs", ROWS, ids=lambda crs: crs.uri)
@pytest.mark.parametrize("layer_id", ["enterprises", "clusters", "axes"])
async def test_coordinates_are_served_where_pyproj_puts_them(
    layer_id: str, crs: Crs, pool: Pool, plan_engine: Engine
) -> None:
    layer = CATALOG.get(layer_id)
    query = ItemsQuery(limit=1000, rendition=Rendition(crs=crs, properties=("name_zh",)))
    features = [json.loads(each) for each in (await read_page(pool, layer, query)).features]
    with plan_engine.connect() as connection:
        table = layer_table(METADATA, layer)
        rows = connection.execute(select(table.c.id, func.ST_AsBinary(table.c.geom)))
        stored = {row.id: row[1] for row in rows}
    tolerance = 0.002 if crs.digits == 3 else 2e-8
    assert len(features) == len(stored)
    for feature in features:
        assert list(feature["properties"]) == ["name_zh"]
        if stored[feature["id"]] is None:
            assert feature["geometry"] is None
            continue
        expected = _in_crs(
            shapely.get_coordinates(shapely.from_wkb(bytes(stored[feature["id"]]))), crs
        )
        served = shapely.get_coordinates(shapely.geometry.shape(feature["geometry"]))
        assert _same_points(served, expected, tolerance)


def _same_points(served: np.ndarray, expected: np.ndarray, tolerance: float) -> bool:
    """The same set of points; rings may start and wind otherwise."""
    tree = shapely.STRtree(shapely.points(expected))
    _, distance = tree.query_nearest(shapely.points(served), return_distance=True)
    return len(served) == len(expected) and bool((distance <= tolerance).all())


@pytest.mark.anyio
@pytest.mark.parametrize("crs", ROWS, ids=lambda crs: crs.uri)
async def test_a_box_in_any_crs_selects_what_lies_in_it(
    crs: Crs, pool: Pool, plan_engine: Engine
) -> None:
    layer = CATALOG.get("enterprises")
    with plan_engine.connect() as connection:
        rows = connection.execute(
            text("SELECT id, ST_X(geom), ST_Y(geom) FROM enterprises WHERE geom IS NOT NULL")
        ).all()
    points = _in_crs(np.array([row[1:] for row in rows], dtype=float), crs)
    low, high = np.quantile(points, [0.255, 0.745], axis=0)
    box = BBox(low[0], low[1], high[0], high[1])
    area = Selection(area=box_in_store(box, crs))
    page = await read_page(pool, layer, ItemsQuery(limit=1000, selection=area))
    inside = ((points >= low) & (points <= high)).all(axis=1)
    found = {json.loads(feature)["id"] for feature in page.features}
    assert found == {row[0] for row, within in zip(rows, inside, strict=True) if within}
    assert 5 < len(found) < len(rows)
