"""What is the same stays the same, however a file tells it."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import shapely
from sqlalchemy import text

from geodata.ingest.inspection import Checked, CheckOptions
from geodata.ingest.ledger import Ledger
from geodata.ingest.mapping import Columns
from geodata.ingest.modes import Mode
from geodata.ingest.present import Present
from geodata.ingest.settle import settled
from geodata.ingest.source import Encoding, Place, Source
from layers.catalog import CATALOG

GEOMETRIES = Place(Encoding.WKB, ("geom",))
CLUSTERS = CATALOG.get("clusters")
ENTERPRISES = CATALOG.get("enterprises")


def checked(rows, place=GEOMETRIES, left_out=frozenset()):
    table = pa.table(rows)
    source = Source(path=Path("a"), file="a", format="gpkg", table=table, left_out=left_out)
    size = table.num_rows
    return Checked(
        source,
        Columns({}, place),
        CheckOptions(mode=Mode.UPDATE),
        table,
        np.zeros(size, dtype=bool),
        Ledger("a", 1, size),
    )


def settle(connection, layer, given):
    (batch,) = settled(layer, given, Present(connection, layer))
    return batch.to_pylist()[0]


@pytest.fixture
def north(connection):
    """A cluster of the plan: its name and shape."""
    query = text("SELECT name_zh, ST_AsBinary(geom) FROM clusters WHERE id = 'north'")
    name, wkb = connection.execute(query).one()
    return name, shapely.from_wkb(bytes(wkb))


@pytest.mark.parametrize("turned", [shapely.reverse, shapely.normalize])
def test_a_ring_that_runs_otherwise_is_the_same_shape(connection, north, turned):
    _, shape = north
    given = checked({"id": ["north"], "geom": [shapely.to_wkb(turned(shape))]})
    assert settle(connection, CLUSTERS, given)["geom"] == shapely.to_wkb(shape)


def test_a_shape_that_is_another_is_taken(connection, north):
    _, shape = north
    moved = shapely.transform(shape, lambda points: points + 1e-6)
    given = checked({"id": ["north"], "geom": [shapely.to_wkb(moved)]})
    assert settle(connection, CLUSTERS, given)["geom"] == shapely.to_wkb(moved)


def test_what_a_file_says_it_could_not_hold_stays_as_it_is(connection, north):
    name, shape = north
    nothing = {"name_zh": pa.array([None], pa.string()), "geom": pa.array([None], pa.binary())}
    rows = {"id": ["north"]} | nothing
    left_out = frozenset({("north", "中文名称"), ("north", "几何"), ("south", "几何")})
    row = settle(connection, CLUSTERS, checked(rows, left_out=left_out))
    assert row == {"id": "north", "name_zh": name, "geom": shapely.to_wkb(shape)}


@pytest.mark.parametrize(("same", "kept"), [(True, True), (False, False)])
def test_only_another_address_moves_a_feature(connection, same, kept):
    query = text(
        "UPDATE enterprises SET address = '北京市海淀区上地十街10号', geom ="
        " ST_SetSRID(ST_MakePoint(116.3, 40.05), 4490) WHERE id = 'baidu' RETURNING address"
    )
    address = connection.execute(query).scalar_one()
    elsewhere = shapely.to_wkb(shapely.Point(116.4, 39.9))
    rows = {"id": ["baidu"], "address": [address if same else "别处1号"], "geom": [elsewhere]}
    row = settle(connection, ENTERPRISES, checked(rows, Place(Encoding.ADDRESS, ("address",))))
    assert (row["geom"] != elsewhere) is kept
