"""A file that takes memory or time without end takes neither the service nor the next file."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import geopandas
import pytest
import shapely

from geodata.ingest.request import Request
from layers.catalog import CATALOG
from service.errors import ImportFailedError
from service.imports.bounds import Bounds
from service.imports.workers import Job, Workers

ENDLESS = (
    "WITH RECURSIVE n(fid) AS (SELECT 1 UNION ALL SELECT fid + 1 FROM n)"
    " SELECT n.fid, geom, name FROM n, a WHERE n.fid < 0"
)


@pytest.fixture
def workers() -> Iterator[Workers]:
    workers = Workers(Bounds(memory=700 << 20, reading_s=3, working_s=30))
    yield workers
    workers.close()


def job(url: str, path: Path) -> Job:
    request = Request(layer=CATALOG.get("projects"), path=path, file=path.name)
    return Job(url=url, request=request, folder=path.parent / "work")


def endless(folder: Path) -> Path:
    """A GeoPackage whose only layer is a view that never ends."""
    path = folder / "endless.gpkg"
    point = geopandas.GeoDataFrame({"name": ["甲"]}, geometry=[shapely.Point(1, 2)], crs=4326)
    point.to_file(path, layer="a", driver="GPKG")
    with sqlite3.connect(path) as database:
        database.execute(f"CREATE VIEW v AS {ENDLESS}")
        for table in ("gpkg_contents", "gpkg_geometry_columns"):
            database.execute(f"UPDATE {table} SET table_name = 'v'")
    database.close()
    return path


def small(folder: Path) -> Path:
    path = folder / "small.csv"
    path.write_text("名称,经度,纬度\n甲,116.31,39.98\n", encoding="utf-8")
    return path


def test_what_takes_too_long_or_too_much_is_ended_and_the_next_file_is_read(
    workers: Workers, plan_url: str, tmp_path: Path
) -> None:
    with pytest.raises(ImportFailedError, match="kept it longer than"):
        workers.check(job(plan_url, endless(tmp_path)))
    with pytest.raises(MemoryError):
        workers._run(bytes, 2 << 30)
    assert b'"needs_crs":true' in workers.check(job(plan_url, small(tmp_path)))
