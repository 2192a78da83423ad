"""Items of a collection: a page by key, or one feature, as stored GeoJSON text."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from asyncpg import Record
from sqlalchemy import (
    ColumnElement,
    Date,
    Float,
    Integer,
    Select,
    Table,
    Text,
    bindparam,
    func,
    or_,
    select,
)

from geodata.database.pool import Pool
from geodata.database.statement import Statement, compile_statement
from geodata.database.tables import METADATA, SRID, layer_table
from geodata.errors import FeatureNotFoundError
from geodata.features.bbox import BBox
from geodata.features.identifier import is_feature_id
from layers.layer import Layer

CORNERS = ("west", "south", "east", "north")


@dataclass(frozen=True, kw_only=True)
class ItemsQuery:
    """What to select.

    Args:
        limit: most features a page holds.
        bbox: only features whose geometry intersects it; one without geometry does not.
        interval: only features valid at some day of it; None: open on that side.
        after: only features whose id comes after this one.
    """

    limit: int
    bbox: BBox | None = None
    interval: tuple[date | None, date | None] = (None, None)
    after: str | None = None


@dataclass(frozen=True)
class Page:
    """Features as GeoJSON text, and the id after which the next page starts (None: the end)."""

    features: list[bytes]
    next_after: str | None


async def read_page(pool: Pool, layer: Layer, query: ItemsQuery) -> Page:
    """Read a page in id order; one row more than asked for tells whether another follows."""
    statement = items_statement(layer, Shape.of(query))
    rows = await pool.fetch(statement, _values(query))
    return _page(rows, query.limit)


async def read_feature(pool: Pool, layer: Layer, feature_id: str) -> bytes:
    """GeoJSON text of one feature.

    Raises:
        FeatureNotFoundError: no feature of that id.
    """
    if not is_feature_id(feature_id):
        raise FeatureNotFoundError(layer.id, feature_id)
    row = await pool.fetchrow(feature_statement(layer), {"id": feature_id})
    if row is None:
        raise FeatureNotFoundError(layer.id, feature_id)
    feature: bytes = row["feature"]
    return feature


class Shape(NamedTuple):
    """The form of a query, without its values: one prepared plan for each."""

    boxes: int = 0
    start: bool = False
    end: bool = False
    after: bool = False

    @classmethod
    def of(cls, query: ItemsQuery) -> "Shape":
        """The form of a query."""
        start, end = query.interval
        boxes = query.bbox.boxes if query.bbox else ()
        return cls(len(boxes), start is not None, end is not None, query.after is not None)


@lru_cache(maxsize=2048)
def items_statement(layer: Layer, shape: Shape) -> Statement:
    """The page query of a layer: which rows, from which key, how many."""
    table = layer_table(METADATA, layer)
    clauses = [
        *_intersects_boxes(table, shape.boxes),
        *_valid_during(table, shape),
        *_after(table, shape),
    ]
    query = _features(table).where(*clauses).order_by(table.c.id)
    return compile_statement(query.limit(bindparam("count", type_=Integer)))


@lru_cache(maxsize=256)
def feature_statement(layer: Layer) -> Statement:
    """The query for one feature by id."""
    table = layer_table(METADATA, layer)
    return compile_statement(_features(table).where(table.c.id == bindparam("id", type_=Text)))


def _features(table: Table) -> Select[tuple[str, bytes]]:
    """Id and public text; bytea, so that asyncpg hands the bytes on without decoding them."""
    return select(table.c.id, func.convert_to(table.c.feature, "UTF8").label("feature"))


def _intersects_boxes(table: Table, boxes: int) -> Iterator[ColumnElement[bool]]:
    """Exact intersection with one of the boxes (/req/core/fc-bbox-response)."""
    if boxes:
        yield or_(*(func.ST_Intersects(table.c.geom, _box(number)) for number in range(boxes)))


def _box(number: int) -> ColumnElement[object]:
    """A rectangle; a line or point where corners coincide, which ST_MakeEnvelope would spoil."""
    west, south, east, north = (bindparam(f"{corner}_{number}", type_=Float) for corner in CORNERS)
    diagonal = func.ST_MakeLine(func.ST_MakePoint(west, south), func.ST_MakePoint(east, north))
    return func.ST_SetSRID(func.ST_Envelope(diagonal), SRID)


def _valid_during(table: Table, shape: Shape) -> Iterator[ColumnElement[bool]]:
    """Valid time meets the closed interval (/req/core/fc-time-response); null is unbounded."""
    if shape.start:
        end = table.c.valid_to
        yield or_(end.is_(None), end >= bindparam("start", type_=Date))
    if shape.end:
        start = table.c.valid_from
        yield or_(start.is_(None), start <= bindparam("end", type_=Date))


def _after(table: Table, shape: Shape) -> Iterator[ColumnElement[bool]]:
    if shape.after:
        yield table.c.id > bindparam("after", type_=Text)


def _values(query: ItemsQuery) -> Mapping[str, object]:
    start, end = query.interval
    values: dict[str, object] = {
        "count": query.limit + 1,
        "after": query.after,
        "start": start,
        "end": end,
    }
    for number, box in enumerate(query.bbox.boxes if query.bbox else ()):
        values |= {f"{name}_{number}": value for name, value in zip(CORNERS, box, strict=True)}
    return values


def _page(rows: list[Record], limit: int) -> Page:
    page = rows[:limit]
    more = len(rows) > limit
    return Page([row["feature"] for row in page], page[-1]["id"] if more else None)
