"""Which features of a layer are meant: box, valid time, record time, filter."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, NamedTuple, Protocol

from sqlalchemy import (
    Column,
    ColumnElement,
    Date,
    DateTime,
    Float,
    FromClause,
    LargeBinary,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    union_all,
)

from geodata.database.tables import METADATA, SRID, served_columns, told_tables
from geodata.features.bbox import BBox
from layers.attribute import Role
from layers.layer import Layer

CORNERS = ("west", "south", "east", "north")

Interval = tuple[date | None, date | None]


class Condition(Protocol):
    """A condition with values of its own, such as a CQL2 filter."""

    @property
    def shape(self) -> Hashable:
        """Its structure without the values."""

    @property
    def values(self) -> Mapping[str, object]:
        """Bind values."""

    def clause(self, rows: FromClause) -> ColumnElement[bool]:
        """The condition on rows."""


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Conditions that all must hold.

    Args:
        bbox: the geometry intersects the box; a feature without geometry does not.
        area: likewise a polygon, WKB in the CRS of the store.
        interval: valid at some day of it; None: open on that side.
        filters: every one of them is true.
        as_known: as the books stood at that instant; None: now.
        reader: for whom: past rows have the columns that the role may read. A restriction of the
            rows themselves by reader would be one more of the `conditions`; no layer declares any.
    """

    bbox: BBox | None = None
    area: bytes | None = None
    interval: Interval = (None, None)
    filters: tuple[Condition, ...] = ()
    as_known: datetime | None = None
    reader: Role = Role.PUBLIC

    @property
    def is_whole_layer(self) -> bool:
        """Whether it leaves nothing out."""
        return replace(self, reader=Role.PUBLIC) == WHOLE_LAYER


WHOLE_LAYER = Selection()


class Shape(NamedTuple):
    """The form of a selection, without its values: one prepared plan for each."""

    boxes: int
    area: bool
    start: bool
    end: bool
    filters: tuple[Hashable, ...]
    as_known: bool
    reader: Role


def shape_of(selection: Selection) -> Shape:
    """The form of a selection."""
    start, end = selection.interval
    return Shape(
        boxes=len(selection.bbox.boxes) if selection.bbox else 0,
        area=selection.area is not None,
        start=start is not None,
        end=end is not None,
        filters=tuple(each.shape for each in selection.filters),
        as_known=selection.as_known is not None,
        reader=selection.reader,
    )


def rows_of(layer: Layer, selection: Selection, positions: Role | None = None) -> FromClause:
    """The layer's rows now, or as they were known at an instant; `geom` as the reader is told it.

    Args:
        positions: as whom positions are read, where it is less than the selection's reader.
    """
    told = told_tables(METADATA, layer, selection.reader if positions is None else positions)
    if selection.as_known is None:
        return told[0]
    return _known(*told, served_columns(told[0], selection.reader))


def _known(table: FromClause, past: FromClause, columns: Sequence[Column[Any]]) -> FromClause:
    """Rows present and past that were in the books at the instant `:as_known`.

    The condition stands outside the union: only so do both of its parts keep the order of their
    indexes, and a page of a large layer costs no sorting.
    """
    instant = bindparam("as_known", type_=DateTime(timezone=True))
    names = [column.key for column in columns]
    for_ever = literal_column("'infinity'::timestamptz", DateTime(timezone=True))
    present = select(*_named(table, names), for_ever.label("superseded_at"))
    replaced = select(*_named(past, names), past.c.superseded_at)
    every = union_all(present, replaced).subquery("every")
    known = (every.c.recorded_at <= instant) & (every.c.superseded_at > instant)
    return select(*(every.c[name] for name in names)).where(known).subquery("known")


def _named(rows: FromClause, names: Sequence[str]) -> Iterator[ColumnElement[Any]]:
    """Columns by their keys, which are their names but for a position told less precisely."""
    for name in names:
        found = rows.c[name]
        yield found if found.name == name else found.label(name)


def conditions(rows: FromClause, selection: Selection) -> Iterator[ColumnElement[bool]]:
    """WHERE, clause by clause."""
    yield from _intersects_boxes(rows, selection)
    yield from _valid_during(rows, selection.interval)
    for each in selection.filters:
        yield each.clause(rows)


def values_of(selection: Selection) -> Mapping[str, object]:
    """Bind values of the conditions."""
    start, end = selection.interval
    values: dict[str, object] = {
        "start": start,
        "end": end,
        "area": selection.area,
        "as_known": selection.as_known,
    }
    for number, box in enumerate(selection.bbox.boxes if selection.bbox else ()):
        values |= {f"{name}_{number}": value for name, value in zip(CORNERS, box, strict=True)}
    for each in selection.filters:
        values |= each.values
    return values


def _intersects_boxes(rows: FromClause, selection: Selection) -> Iterator[ColumnElement[bool]]:
    """Exact intersection with one of the boxes (/req/core/fc-bbox-response)."""
    if selection.bbox is not None:
        numbers = range(len(selection.bbox.boxes))
        yield or_(*(_intersects_box(rows.c.geom, number) for number in numbers))
    if selection.area is not None:
        area = func.ST_GeomFromWKB(bindparam("area", type_=LargeBinary), SRID)
        yield func.ST_Intersects(rows.c.geom, area)


def _intersects_box(geom: ColumnElement[Any], number: int) -> ColumnElement[bool]:
    """By the index, then by the edges: few shapes reach over them and need to be looked at."""
    box = _box(number)
    west, south, east, north = _corners(number)
    inside = and_(
        func.ST_XMin(geom, type_=Float) >= west,
        func.ST_XMax(geom, type_=Float) <= east,
        func.ST_YMin(geom, type_=Float) >= south,
        func.ST_YMax(geom, type_=Float) <= north,
    )
    return geom.bool_op("&&")(box) & or_(inside, func.ST_Intersects(geom, box))


def _corners(number: int) -> Iterator[ColumnElement[float]]:
    return (bindparam(f"{corner}_{number}", type_=Float) for corner in CORNERS)


def _box(number: int) -> ColumnElement[object]:
    """A rectangle; a line or point where corners coincide, which ST_MakeEnvelope would spoil."""
    west, south, east, north = _corners(number)
    diagonal = func.ST_MakeLine(func.ST_MakePoint(west, south), func.ST_MakePoint(east, north))
    return func.ST_SetSRID(func.ST_Envelope(diagonal), SRID)


def _valid_during(rows: FromClause, interval: Interval) -> Iterator[ColumnElement[bool]]:
    """Valid time meets the closed interval (/req/core/fc-time-response); null is unbounded."""
    start, end = interval
    if start is not None:
        ends = rows.c.valid_to
        yield or_(ends.is_(None), ends >= bindparam("start", type_=Date))
    if end is not None:
        begins = rows.c.valid_from
        yield or_(begins.is_(None), begins <= bindparam("end", type_=Date))
