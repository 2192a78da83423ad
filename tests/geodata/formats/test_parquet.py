"""GeoParquet, read by Arrow and by geopandas."""

import io
import json

import geopandas
import pyarrow.parquet as pq
import pytest
import shapely
from pyproj import CRS

from geodata.formats.catalog import find_format

PARQUET = find_format("parquet")


def test_it_holds_every_value(store):
    table = pq.read_table(io.BytesIO(store.export(PARQUET)))
    rows = table.to_pylist()
    store.check(
        {row["id"]: row | {"geom": row["geom"] and shapely.from_wkb(row["geom"])} for row in rows}
    )


def test_its_footer_says_where_it_is(store):
    file = pq.ParquetFile(io.BytesIO(store.export(PARQUET)))
    geo = json.loads(file.metadata.metadata[b"geo"])
    assert (geo["version"], geo["primary_column"]) == ("1.1.0", "geom")
    column = geo["columns"]["geom"]
    assert column["encoding"] == "WKB"
    assert column["geometry_types"] == [store.layer.geometry.value]
    assert CRS.from_json_dict(column["crs"]) == CRS.from_epsg(4490)
    shapes = [row["geom"] for row in store.rows().values()]
    if not any(shapes):
        assert "bbox" not in column
        return
    assert column["bbox"] == pytest.approx(shapely.total_bounds(shapes).tolist(), abs=1e-12)


def test_geopandas_reads_it(store):
    frame = geopandas.read_parquet(io.BytesIO(store.export(PARQUET)))
    assert frame.crs == CRS.from_epsg(4490)
    assert list(frame.id) == list(store.rows())


def test_nothing_is_a_table_without_rows(hard):
    nothing = hard.all.where(hard.metadata.tables[hard.layer.id].c.id == "none")
    frame = geopandas.read_parquet(io.BytesIO(hard.export(PARQUET, nothing)))
    assert len(frame) == 0
    assert frame.crs == CRS.from_epsg(4490)
