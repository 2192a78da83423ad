"""What a layer and its neighbours hold already, as far as an import must know it."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    Connection,
    LargeBinary,
    Select,
    Table,
    Text,
    any_,
    exists,
    func,
    literal,
    select,
)

from geodata.database.tables import METADATA, SRID, layer_table
from layers.catalog import CATALOG
from layers.layer import Geometry, Layer

PIECE = 20_000
"""Values of one query."""

MOST_SHAPES = 2_000_000
"""Neighbours that are compared with."""

MOST_POINTS = 20_000
"""Of one layer, that positions are compared with."""

SMALL_DEGREES = 0.01
"""About a kilometre."""


class Named(NamedTuple):
    """A feature by a name: where it is, and how well that is known."""

    name: str
    id: str
    lon: float
    lat: float
    accuracy_m: float | None


class Present:
    """Reads what is there, through one connection."""

    def __init__(self, connection: Connection, layer: Layer) -> None:
        self._connection = connection
        self.layer = layer
        self._table = layer_table(METADATA, layer)

    def areas(self) -> dict[str, str]:
        """Area id -> layer id."""
        areas = METADATA.tables["areas"]
        rows = self._connection.execute(select(areas.c.id, areas.c.layer))
        return {row.id: row.layer for row in rows}

    def owners(self, name: str, values: Sequence[str]) -> dict[str, str]:
        """Value of a column -> id of the feature that has it."""
        column = self._table.c[name]
        found: dict[str, str] = {}
        for piece in _pieces(values):
            query = select(column, self._table.c.id).where(_one_of(column, piece))
            found |= {row[0]: row[1] for row in self._connection.execute(query)}
        return found

    def shapes(self, box: Sequence[float]) -> tuple[list[str], NDArray[np.object_]]:
        """Ids and shapes of the layer's features that meet a box in degrees."""
        rows = self._table
        query = (
            select(rows.c.id, func.ST_AsBinary(rows.c.geom))
            .where(rows.c.geom.intersects(func.ST_MakeEnvelope(*box, SRID)))
            .limit(MOST_SHAPES)
        )
        found = self._connection.execute(query).all()
        return [row[0] for row in found], _shapes(row[1] for row in found)

    def geometries(self, ids: Sequence[str]) -> dict[str, Any]:
        """Shapes by id, as they lie in the layer."""
        rows, found = self._table, dict[str, Any]()
        for piece in _pieces(ids):
            query = select(rows.c.id, func.ST_AsBinary(rows.c.geom)).where(
                _one_of(rows.c.id, piece), rows.c.geom.is_not(None)
            )
            result = self._connection.execute(query).all()
            shapes = _shapes(row[1] for row in result)
            found |= dict(zip((row[0] for row in result), shapes, strict=True))
        return found

    def values(self, name: str, ids: Sequence[str]) -> dict[str, Any]:
        """A column's values by id."""
        rows, found = self._table, dict[str, Any]()
        for piece in _pieces(ids):
            query = select(rows.c.id, rows.c[name]).where(_one_of(rows.c.id, piece))
            found |= {row[0]: row[1] for row in self._connection.execute(query)}
        return found

    def rows(self, names: Sequence[str], ids: Sequence[str]) -> dict[str, Sequence[Any]]:
        """Columns by id; shapes as WKB."""
        table, found = self._table, dict[str, Sequence[Any]]()
        columns = [
            func.ST_AsBinary(table.c[name], type_=LargeBinary) if name == "geom" else table.c[name]
            for name in names
        ]
        for piece in _pieces(ids):
            query = select(table.c.id.label("key"), *columns).where(_one_of(table.c.id, piece))
            found |= {row[0]: row[1:] for row in self._connection.execute(query)}
        return found

    def is_empty(self) -> bool:
        """Whether the layer has no feature."""
        query = select(exists().select_from(self._table))
        return not self._connection.execute(query).scalar_one()

    def namesakes(self, names: Sequence[str]) -> list[Named]:
        """Located features of this layer by name."""
        return self._named(self._table, names)

    def known_places(self, names: Sequence[str]) -> list[Named]:
        """Located features of every layer by name: what positions can be compared with.

        Of large ones a point tells little.
        """
        tables = [layer_table(METADATA, layer) for layer in CATALOG]
        return [each for table in tables for each in self._named(table, names, _is_small(table))]

    def points(self, box: Sequence[float]) -> NDArray[np.float64]:
        """A point on each small feature of any layer in a box, degrees, (n, 2); some of many."""
        found: list[tuple[float, float]] = []
        for layer in CATALOG:
            rows = layer_table(METADATA, layer)
            at = func.ST_PointOnSurface(rows.c.geom)
            query = (
                select(func.ST_X(at), func.ST_Y(at))
                .where(rows.c.geom.intersects(func.ST_MakeEnvelope(*box, SRID)), _is_small(rows))
                .order_by(rows.c.id)
                .limit(MOST_POINTS)
            )
            found += [(x, y) for x, y in self._connection.execute(query)]
        return np.array(found).reshape(-1, 2)

    def area_shapes(self, ids: Iterable[str]) -> dict[str, Any]:
        """Outlines of areas by id, of those that have one."""
        wanted, found = list(ids), dict[str, Any]()
        for layer in CATALOG:
            if layer.is_area and layer.geometry is Geometry.AREA:
                found |= Present(self._connection, layer).geometries(wanted)
        return found

    def districts(self) -> dict[str, Any]:
        """Outlines of districts by code, of those that have one."""
        rows = METADATA.tables["districts"]
        query = select(rows.c.code, func.ST_AsBinary(rows.c.geom)).where(rows.c.geom.is_not(None))
        found = self._connection.execute(query).all()
        shapes = _shapes(row[1] for row in found)
        return dict(zip((row[0] for row in found), shapes, strict=True))

    def _named(
        self, rows: Table, names: Sequence[str], *conditions: ColumnElement[bool]
    ) -> list[Named]:
        found: list[Named] = []
        for piece in _pieces(names):
            result = self._connection.execute(_by_name(rows, piece).where(*conditions))
            found += [Named(*row) for row in result]
        return found


def _by_name(rows: Table, names: Sequence[str]) -> Select[Any]:
    at = func.ST_PointOnSurface(rows.c.geom)
    return (
        select(rows.c.name_zh, rows.c.id, func.ST_X(at), func.ST_Y(at), rows.c.accuracy_m)
        .where(_one_of(rows.c.name_zh, names), rows.c.geom.is_not(None))
        .order_by(rows.c.name_zh, rows.c.id)
    )


def _one_of(column: Column[Any], values: Sequence[str]) -> ColumnElement[bool]:
    return column == any_(literal(list(values), ARRAY(Text)))


def _pieces(values: Sequence[str]) -> Iterable[Sequence[str]]:
    return (values[at : at + PIECE] for at in range(0, len(values), PIECE))


def _shapes(wkbs: Iterable[Any]) -> NDArray[np.object_]:
    values = [None if wkb is None else bytes(wkb) for wkb in wkbs]
    shapes: NDArray[np.object_] = shapely.from_wkb(np.array(values, dtype=object))
    return shapes


def _is_small(rows: Table) -> ColumnElement[bool]:
    """Whether a feature is so small that any point on it says where it is."""
    across = func.greatest(
        func.ST_XMax(rows.c.geom) - func.ST_XMin(rows.c.geom),
        func.ST_YMax(rows.c.geom) - func.ST_YMin(rows.c.geom),
    )
    return across < SMALL_DEGREES
