"""Loading plain points: our import beside GeoPandas and ogr2ogr, in one interleaved run.

Ours goes into the layer's own table, with its constraints, public text, history, version and
indexes. The others make a bare table each time: columns, positions and a spatial index.
"""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from statistics import median
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pyarrow as pa
import shapely
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import inspect, text

from geodata.database.engine import open_engine
from geodata.ingest.batch import ImportBatch
from geodata.ingest.copy import row_schema
from geodata.ingest.load import import_rows
from geodata.ingest.modes import Mode
from layers.catalog import CATALOG

LAYER = CATALOG.get("enterprises")
OURS = "zgc"
BATCH = 25_000

TABLES = (LAYER.id, "loaded_by_geopandas", "loaded_by_ogr2ogr")

EMPTY = (
    "ALTER TABLE enterprises DISABLE TRIGGER USER",
    "TRUNCATE enterprises, history.enterprises, imports CASCADE",
    "ALTER TABLE enterprises ENABLE TRIGGER USER",
    f"DROP TABLE IF EXISTS {', '.join(TABLES[1:])}",
)

Report = Callable[[str], None]

Seconds = dict[str, list[float]]
"""Time of each loader in each round."""


class Points(NamedTuple):
    """The same points in memory and in a GeoPackage."""

    frame: gpd.GeoDataFrame
    file: Path


class Loader(NamedTuple):
    """One way of loading points into a database; `load` takes its URL."""

    name: str
    load: Callable[[str, Points], None]


def measure_loads(url: str, count: int, rounds: int, report: Report) -> Seconds:
    """Seconds of each loader in each round.

    Args:
        url: a database of the bench's own, at the newest revision; what it holds is removed.
        count: points.
        rounds: each goes through all loaders in turn.
        report: is told of progress.
    """
    seconds: Seconds = {loader.name: [] for loader in present_loaders()}
    with _points(count) as points:
        for number in range(rounds):
            report(f"Loading {count:,} points, round {number + 1} of {rounds}")
            for loader in present_loaders():
                _empty(url)
                start = time.perf_counter()
                loader.load(url, points)
                seconds[loader.name].append(time.perf_counter() - start)
    _empty(url)
    return seconds


def loading(seconds: Seconds) -> Iterator[str]:
    """Results as Markdown: rates of ours divided by theirs."""
    yield "| loader | rate of zgc ÷ its rate | least, greatest of the rounds |"
    yield "|---|---|---|"
    for name, theirs in seconds.items():
        ratios = [other / ours for other, ours in zip(theirs, seconds[OURS], strict=True)]
        if name != OURS:
            middle = median(theirs) / median(seconds[OURS])
            yield f"| {name} | {middle:.2f} | {min(ratios):.2f}, {max(ratios):.2f} |"


def count_loaded(url: str) -> int:
    """Points in the tables that loaders fill."""
    engine = open_engine(url)
    try:
        with engine.connect() as connection:
            there = (name for name in TABLES if inspect(connection).has_table(name))
            counts = (connection.scalar(text(f"SELECT count(geom) FROM {name}")) for name in there)
            return sum(map(int, counts))
    finally:
        engine.dispose()


def present_loaders() -> tuple[Loader, ...]:
    """Those whose program is there."""
    return tuple(
        loader for loader in LOADERS if loader.name != "ogr2ogr" or shutil.which("ogr2ogr")
    )


def _with_zgc(url: str, points: Points) -> None:
    engine = open_engine(url)
    batch = ImportBatch(file=points.file.name, sha256="0" * 64, actor="bench", reason="bench")
    try:
        import_rows(engine, LAYER, _batches(points.frame), mode=Mode.UPDATE, batch=batch)
    finally:
        engine.dispose()


def _batches(frame: gpd.GeoDataFrame) -> Iterator[pa.RecordBatch]:
    schema = row_schema(LAYER)
    names = [name for name in schema.names if name in frame.columns and name != "geom"]
    for start in range(0, len(frame), BATCH):
        part = frame.iloc[start : start + BATCH]
        arrays = [pa.array(part[name], schema.field(name).type) for name in names]
        arrays.append(pa.array(shapely.to_wkb(part.geometry.to_numpy()), pa.binary()))
        yield pa.RecordBatch.from_arrays(arrays, [*names, "geom"])


def _with_geopandas(url: str, points: Points) -> None:
    engine = open_engine(url)
    try:
        points.frame.to_postgis("loaded_by_geopandas", engine, index=False)
    finally:
        engine.dispose()


def _with_ogr2ogr(url: str, points: Points) -> None:
    parts = conninfo_to_dict(url)
    target = "PG:" + " ".join(f"{name}='{value}'" for name, value in parts.items())
    options = ("--config", "PG_USE_COPY", "YES", "-lco", "SPATIAL_INDEX=GIST", "-lco", "FID=fid")
    names = ("-nln", "loaded_by_ogr2ogr", "-lco", "GEOMETRY_NAME=geom")
    command = ["ogr2ogr", "-f", "PostgreSQL", target, str(points.file), *options, *names]
    subprocess.run(command, check=True, capture_output=True)


LOADERS = (
    Loader(OURS, _with_zgc),
    Loader("geopandas.to_postgis", _with_geopandas),
    Loader("ogr2ogr", _with_ogr2ogr),
)


@contextmanager
def _points(count: int) -> Iterator[Points]:
    chance = np.random.default_rng(1)
    columns = {
        "id": [f"made-up-{number:09d}" for number in range(count)],
        "name_zh": [f"合成企业{number}" for number in range(count)],
        "source": ["合成数据 synthetic"] * count,
        "as_of": [date(2015, 12, 31)] * count,
        "boundary_status": ["schematic"] * count,
    }
    places = shapely.points(116 + chance.random(count), 39.5 + chance.random(count))
    frame = gpd.GeoDataFrame(columns, geometry=places, crs="EPSG:4490").rename_geometry("geom")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "points.gpkg")
        frame.to_file(file, driver="GPKG")
        yield Points(frame, file)


def _empty(url: str) -> None:
    engine = open_engine(url).execution_options(isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            for statement in EMPTY:
                connection.execute(text(statement))
    finally:
        engine.dispose()
