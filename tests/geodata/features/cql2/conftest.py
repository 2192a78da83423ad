"""Layers of every geometry type with rows that hold every kind of value, NULL among them."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, Table, insert

from geodata.database.tables import SRID, build_metadata, layer_table
from layers.attribute import Attribute, Role, ValueType
from layers.catalog import Catalog
from layers.layer import Geometry, Layer
from layers.style import Style
from layers.text import Text

ALPHABET = ("a", "A", "b", "é", "e\u0301", "ß", "ss", "%", "_", "\\", "'", "中", "İ", "ı", "Σ", "ς")

EPOCH = date(2012, 1, 1)

TITLE = Text("试验", "Sample")


def sample_layer(geometry: Geometry) -> Layer:
    return Layer(
        id=f"sample_{geometry.name.lower()}",
        title=TITLE,
        description=TITLE,
        geometry=geometry,
        attributes=(
            Attribute(name="floors", title=TITLE, type=ValueType.INTEGER),
            Attribute(name="height", title=TITLE, type=ValueType.NUMBER, unit="m"),
            Attribute(name="open", title=TITLE, type=ValueType.BOOLEAN),
            Attribute(name="built", title=TITLE, type=ValueType.DATE),
            Attribute(name="owner", title=TITLE, reader=Role.ADMIN),
        ),
        style=Style(colour="#000000"),
    )


SAMPLES = Catalog(tuple(sample_layer(geometry) for geometry in Geometry))
METADATA = build_metadata(SAMPLES)


class Sample:
    """A layer, its table, and its rows as Python has them.

    No dataclass: hypothesis would print all the rows with each example.
    """

    def __init__(self, layer: Layer, table: Table, rows: tuple[dict[str, Any], ...]) -> None:
        self.layer = layer
        self.table = table
        self.rows = rows


@pytest.fixture
def samples(connection: Connection) -> dict[Geometry, Sample]:
    """Tables that live in the test's transaction only."""
    return {layer.geometry: _filled(connection, layer) for layer in SAMPLES}


@pytest.fixture(scope="session")
def sample() -> tuple[Layer, Table]:
    """The layer of areas and its table, for tests that need no rows."""
    layer = SAMPLES.get("sample_area")
    return layer, layer_table(METADATA, layer)


def _filled(connection: Connection, layer: Layer) -> Sample:
    table = layer_table(METADATA, layer)
    table.create(connection)
    rows = tuple(_rows(layer.geometry))
    connection.execute(insert(table), [_stored(row) for row in rows])
    return Sample(layer, table, rows)


def _rows(geometry: Geometry) -> Iterator[dict[str, Any]]:
    chance = random.Random(geometry.name)
    for number in range(40):
        start, end = sorted((_day(chance), _day(chance)))
        yield {
            "id": f"r{number}",
            "name_zh": _text(chance),
            "name_en": _maybe(chance, _text(chance)),
            "as_of": _day(chance),
            "valid_from": _maybe(chance, start),
            "valid_to": _maybe(chance, end),
            "floors": _maybe(chance, chance.randint(-5, 5)),
            "height": _maybe(chance, chance.randint(-20, 20) / 4),
            "open": _maybe(chance, chance.random() < 0.5),
            "built": _maybe(chance, _day(chance)),
            "geometry": _maybe(chance, SHAPES[geometry](chance)),
        }


def _stored(row: dict[str, Any]) -> dict[str, Any]:
    geometry: BaseGeometry | None = row["geometry"]
    others = {name: value for name, value in row.items() if name != "geometry"}
    ewkt = None if geometry is None else f"SRID={SRID};{geometry.wkt}"
    record = {"feature": "{}", "recorded_at": EPOCH, "recorded_by": "test"}
    required = {"source": "test", "boundary_status": "schematic"}
    return {**others, **required, **record, "geom": ewkt}


def _maybe(chance: random.Random, value: Any) -> Any:
    return None if chance.random() < 0.25 else value


def _day(chance: random.Random) -> date:
    return EPOCH + timedelta(days=chance.randint(0, 8))


def _text(chance: random.Random) -> str:
    return "".join(chance.choices(ALPHABET, k=chance.randint(0, 3)))


def _xy(chance: random.Random) -> tuple[int, int]:
    return chance.randint(0, 6), chance.randint(0, 6)


def _box(chance: random.Random) -> shapely.Polygon:
    x, y = _xy(chance)
    return shapely.box(x, y, x + chance.randint(1, 3), y + chance.randint(1, 3))


def _area(chance: random.Random) -> BaseGeometry:
    far = shapely.box(20, 20, 21, 21)
    box = _box(chance)
    return shapely.MultiPolygon([box, far] if chance.random() < 0.3 else [box])


def _line(chance: random.Random) -> BaseGeometry:
    start, end = _xy(chance), _xy(chance)
    return shapely.MultiLineString([[start, end if end != start else (7, 7)]])


def _point(chance: random.Random) -> BaseGeometry:
    return shapely.Point(_xy(chance))


SHAPES = {Geometry.AREA: _area, Geometry.LINE: _line, Geometry.POINT: _point}
