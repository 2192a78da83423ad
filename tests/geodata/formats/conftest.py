"""Layers to export, what they hold by another way of reading, and files as a client gets them."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import pytest
import shapely
from sqlalchemy import DDL, Engine, Select, create_engine, insert, make_url, select, text

from geodata.database.pool import open_pool
from geodata.database.record import feature_routine, triggers
from geodata.database.tables import HISTORY, METADATA, build_metadata
from geodata.formats.export import export
from geodata.formats.format import Format
from layers.attribute import Attribute, Role, ValueType
from layers.catalog import CATALOG
from layers.layer import Geometry, Layer
from layers.style import Style
from layers.text import Text

Row = dict[str, Any]

VALUES = (
    Attribute(name="remark", title=Text("备注", "Remark"), max_length=50_000),
    Attribute(name="remark_of_the_second_kind", title=Text("备注<二>", 'Remark "&" two')),
    Attribute(name="remark_of_the_third_kind", title=Text("备注三", "Remark three")),
    Attribute(name="floors", title=Text("层数", "Floors"), type=ValueType.INTEGER),
    Attribute(name="height", title=Text("高度", "Height"), type=ValueType.NUMBER, unit="m"),
    Attribute(name="opened", title=Text("开放日期", "Opened"), type=ValueType.DATE),
    Attribute(name="listed", title=Text("在册", "Listed"), type=ValueType.BOOLEAN),
    Attribute(name="owner", title=Text("权利人", "Owner"), reader=Role.LAND_OFFICER),
)


def made_up(id: str, geometry: Geometry) -> Layer:
    return Layer(
        id=id,
        title=Text("难处: 一/二", "Difficulties"),
        description=Text("难处", "Whatever is difficult"),
        geometry=geometry,
        attributes=VALUES,
        style=Style(colour="#123456"),
    )


HARD_POINTS = made_up("hard_points", Geometry.POINT)
HARD_LINES = made_up("hard_lines", Geometry.LINE)
HARD_AREAS = made_up("hard_areas", Geometry.AREA)
MADE_UP = (HARD_POINTS, HARD_LINES, HARD_AREAS)

TEXTS = (
    None,
    "",
    "=cmd()",
    "=cmd|' /C calc'!A0",
    "+1",
    "-1",
    "@SUM(1)",
    "＝1+1",
    "\t=1",
    "\r=1",
    "\n=1",
    "'",
    "'=1",
    "''",
    '"',
    'say "hello", twice',
    '"\n"x"\n"y',
    '\n"a,b\n"',
    "a,b;c\td",
    "line one\nline two\r\nline three\r",
    "\\.",
    "\\N",
    "\\",
    "NULL",
    "null",
    "true",
    "007",
    "1e5",
    " padded ",
    "<b>&amp;</b> ]]> {x} %s",
    "_x0041_",
    "emoji 😀👩‍👩‍👧 and 𠮷",
    "中关村" * 600,
    "a" + "中" * 84 + "b",
    "é" * 200,
    "长" * 40_000,
)
NUMBERS = (None, 0.0, -0.1, 1 / 3, 1e300, -5e-324, 123456789.123456789, 2.0)
INTEGERS = (None, 0, -1, 2**31 - 1, -(2**31))
DATES = (None, date(2011, 1, 26), date(1899, 12, 31), date(1900, 3, 1), date(9999, 12, 31))
BOOLEANS = (None, True, False)
PLACES = (None, (116.123456789012, 39.9), (-179.99999999, -89.5), (0.0, 0.0), (116.3, 40.05))


def shape_at(geometry: Geometry, place: tuple[float, float]) -> shapely.Geometry:
    """A point, two lines, or two polygons of which one has a hole."""
    at = shapely.Point(place)
    if geometry is Geometry.POINT:
        return at
    if geometry is Geometry.LINE:
        line = shapely.LineString([(0, 0), (0.001, 0.002), (0.003, 0)])
        return shapely.MultiLineString([_moved(line, place), _moved(line, (place[0], 0.01))])
    ring = shapely.box(0, 0, 0.01, 0.01).difference(shapely.box(0.004, 0.004, 0.006, 0.006))
    return shapely.MultiPolygon(
        [_moved(ring, place), _moved(shapely.box(0.02, 0, 0.03, 0.01), place)]
    )


def _moved(shape: shapely.Geometry, by: tuple[float, float]) -> shapely.Geometry:
    return shapely.transform(shape, lambda points: points + by)


def hard_rows(layer: Layer) -> Iterator[Row]:
    """Each difficulty at least once, in changing company."""
    for number, remark in enumerate(TEXTS):
        place = PLACES[number % len(PLACES)]
        yield {
            "id": f"row-{number:03}",
            "name_zh": f"第{number}行",
            "source": "test",
            "as_of": date(2011, 1, 1),
            "boundary_status": "schematic",
            "remark": remark,
            "remark_of_the_second_kind": TEXTS[-number] if len(TEXTS[-number] or "") < 2000 else "",
            "remark_of_the_third_kind": None,
            "floors": INTEGERS[number % len(INTEGERS)],
            "height": NUMBERS[number % len(NUMBERS)],
            "opened": DATES[number % len(DATES)],
            "listed": BOOLEANS[number % len(BOOLEANS)],
            "owner": "SECRET",
            "geom": place and f"SRID=4490;{shape_at(layer.geometry, place).wkt}",
        }


def same_shape(one: shapely.Geometry | None, other: shapely.Geometry | None) -> bool:
    """Whatever the winding, and whether one part is wrapped in a collection of one."""
    if one is None or other is None:
        return one is other
    first, second = (_plain(each) for each in (one, other))
    return bool(first.normalize().equals_exact(second.normalize(), 1e-8))


def _plain(shape: shapely.Geometry) -> shapely.Geometry:
    parts = [shapely.orient_polygons(part) for part in shapely.get_parts(shape)]
    return parts[0] if len(parts) == 1 else shapely.GeometryCollection(parts)


@dataclass(frozen=True)
class Store:
    """A database with a layer."""

    url: str
    engine: Engine
    layer: Layer

    @property
    def all(self) -> Select[Any]:
        table = self.metadata.tables[self.layer.id]
        return select(table).order_by(table.c.id)

    @property
    def metadata(self) -> Any:
        return HARD_METADATA if self.layer in MADE_UP else METADATA

    @property
    def public(self) -> list[Attribute]:
        return [each for each in self.layer.all_attributes if each.reader is Role.PUBLIC]

    def rows(self) -> dict[str, Row]:
        """Public values and shapes by id, read by psycopg."""
        names = ["id", *(each.name for each in self.public), "ST_AsBinary(geom) AS geom"]
        query = text(f"SELECT {', '.join(names)} FROM {self.layer.id} ORDER BY id")
        with self.engine.connect() as connection:
            rows = [dict(row) for row in connection.execute(query).mappings()]
        for row in rows:
            assert "SECRET" not in row.values()
            row["geom"] = row["geom"] and shapely.from_wkb(bytes(row["geom"]))
        return {row["id"]: row for row in rows}

    def check(self, found: dict[str, Row], fitting: Callable[[Any], Any] = lambda v: v) -> None:
        """Every value is there, as itself, or as the format can hold it; shapes to 1e-8 degrees."""
        rows = self.rows()
        assert list(found) == list(rows)
        for id, row in rows.items():
            assert same_shape(found[id].pop("geom"), row.pop("geom")), id
            assert found[id] == {name: fitting(value) for name, value in row.items()}
            assert all(type(found[id][name]) is type(fitting(row[name])) for name in row), id

    def export(self, format: Format, selection: Select[Any] | None = None, **options: Any) -> bytes:
        """The file of a format."""
        if selection is None and not options:
            return self._whole(format)
        return self._written(format, self.all if selection is None else selection, **options)

    @cache  # noqa: B019
    def _whole(self, format: Format) -> bytes:
        return self._written(format, self.all)

    def _written(self, format: Format, chosen: Select[Any], **options: Any) -> bytes:
        return asyncio.run(_exported(self.url, self.layer, chosen, format, **options))


async def _exported(
    url: str, layer: Layer, selection: Select[Any], format: Format, **options: Any
) -> bytes:
    pool = await open_pool(url, size=1, statement_timeout_s=10)
    try:
        stream = await export(pool, layer, selection, format, **options)
        return b"".join([piece async for piece in stream])
    finally:
        await pool.close()


def _catalog_with(layers: tuple[Layer, ...]) -> Any:
    catalog = CATALOG
    for layer in layers:
        catalog = catalog.with_layer(layer)
    return catalog


HARD_METADATA = build_metadata(_catalog_with(MADE_UP))


@pytest.fixture(scope="session")
def hard_url(migrated_database: Callable[[], str]) -> str:
    """A database with the made-up layers besides the others, which are empty."""
    url = migrated_database()
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        for layer in MADE_UP:
            for name in (layer.id, f"{HISTORY}.{layer.id}"):
                HARD_METADATA.tables[name].create(connection)
            routine = feature_routine(HARD_METADATA, layer)
            for made in (routine, *triggers(layer)):
                connection.execute(DDL(made.create.replace("%", "%%")))
            connection.execute(insert(HARD_METADATA.tables[layer.id]), list(hard_rows(layer)))
    engine.dispose()
    return url


@pytest.fixture(scope="session")
def hard_engine(hard_url: str) -> Iterator[Engine]:
    engine = create_engine(make_url(hard_url).set(drivername="postgresql+psycopg"))
    yield engine
    engine.dispose()


PLAN_LAYERS = tuple(layer for layer in CATALOG if layer.id != "parcels")
TYPICAL = tuple(CATALOG.get(id) for id in ("enterprises", "axes", "sub_parks"))
"""One of each geometry: a file that a worker makes takes a second."""


@pytest.fixture
def opened(
    plan_url: str, plan_engine: Engine, hard_url: str, hard_engine: Engine
) -> Callable[[Layer], Store]:
    """From a layer to the database that it is in."""

    def of(layer: Layer) -> Store:
        if layer in MADE_UP:
            return Store(hard_url, hard_engine, layer)
        return Store(plan_url, plan_engine, layer)

    return of


@pytest.fixture(params=[*TYPICAL, *MADE_UP], ids=lambda layer: layer.id)
def store(request: pytest.FixtureRequest, opened: Callable[[Layer], Store]) -> Store:
    """Layers with all kinds of values and geometries."""
    return opened(request.param)


@pytest.fixture(params=[*PLAN_LAYERS, *MADE_UP], ids=lambda layer: layer.id)
def every_store(request: pytest.FixtureRequest, opened: Callable[[Layer], Store]) -> Store:
    """Every layer that has features."""
    return opened(request.param)


@pytest.fixture
def hard(hard_url: str, hard_engine: Engine) -> Store:
    return Store(hard_url, hard_engine, HARD_POINTS)
