"""The query for a tile: one column of bytes for each layer, written by PostGIS (MVT 2.1).

The envelope is in the CRS of the store, so that the index finds the rows; only what is found
gets projected. Grids in degrees need no projection at all, nor do small tiles of any grid.
"""

from typing import Any, NamedTuple

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Date,
    Float,
    LargeBinary,
    ScalarSelect,
    Select,
    Text,
    bindparam,
    case,
    cast,
    column,
    func,
    literal,
    literal_column,
    null,
    select,
    true,
    union_all,
)
from sqlalchemy.sql.selectable import CompoundSelect, FromClause

from geodata.database.tables import SRID
from geodata.features.selection import Selection, conditions, rows_of
from geodata.tiles.rules import (
    CLUSTER_CELLS,
    FEATURE_COUNT,
    MERGED_CELLS,
    POINT_BUDGET,
    POINT_COUNT,
    is_merged,
)
from geodata.tiles.tile import BUFFER, EXTENT
from layers.attribute import Role
from layers.layer import Geometry, Layer

AnySelect = Select[*tuple[Any, ...]]

FEATURE_ID = "mvt_id"
ID_MASK = 2**53 - 1
"""Feature ids of tiles are the low 53 bits of a hash: JavaScript's numbers hold no more."""

CTID: ColumnElement[Any] = column("ctid")
"""Place of a row: finds a cluster's only row again without sorting texts; past rows have none."""


def _fixed(value: int | str) -> ColumnElement[int | str]:
    """A constant written into the text: hundreds of parameters would cost more than a tile."""
    return literal(value, literal_execute=True)


ZERO, ONE = _fixed(0), _fixed(1)
GRID = _fixed(EXTENT), _fixed(BUFFER)
STORE = _fixed(SRID)

BOX = tuple(bindparam(name, type_=Float) for name in ("west", "south", "east", "north"))
BOUNDS = tuple(bindparam(name, type_=Float) for name in ("left", "bottom", "right", "top"))


class Part(NamedTuple):
    """A layer of a tile.

    Args:
        layer: whose features.
        names: attributes that they carry besides the id.
        positions: as whom their positions are read.
    """

    layer: Layer
    names: tuple[str, ...]
    positions: Role = Role.PUBLIC


class Form(NamedTuple):
    """The form of a tile's query, without its values.

    Args:
        parts: layers, in order.
        zoom: of the tile.
        srid: EPSG code to project to, None for degrees.
    """

    parts: tuple[Part, ...]
    zoom: int
    srid: int | None


def tiles_query(form: Form, selection: Selection) -> AnySelect:
    """A row with the tile of each part."""
    return select(*(_tile(part, form, selection).label(part.layer.id) for part in form.parts))


class _Rows:
    """A part's rows near the tile, and how they are written."""

    def __init__(self, part: Part, form: Form, selection: Selection) -> None:
        self.layer = part.layer
        self.names = part.names
        self.srid = form.srid
        self.table = rows_of(part.layer, selection, part.positions)
        self.place = CTID if selection.as_known is None else self.table.c.id
        box = func.ST_MakeEnvelope(*BOX, STORE)
        self.where = (self.table.c.geom.bool_op("&&")(box), *conditions(self.table, selection))

    def attributes(self, row: FromClause) -> list[ColumnElement[object]]:
        """Feature id, id and attributes of a row."""
        hashed = func.hashtextextended(row.c.id, ZERO, type_=BigInteger)
        feature_id = hashed.bitwise_and(_fixed(ID_MASK)).label(FEATURE_ID)
        return [feature_id, row.c.id, *(_value(row.c[name]) for name in self.names)]

    def drawn(self, geometry: ColumnElement[object]) -> ColumnElement[object]:
        """A geometry in tile units, clipped to the tile and its buffer; null when nothing is."""
        projected = func.ST_Transform(geometry, _fixed(self.srid)) if self.srid else geometry
        bounds = func.ST_MakeEnvelope(*BOUNDS)
        return func.ST_AsMVTGeom(projected, bounds, *GRID, true())

    def lone(self, cells: FromClause) -> FromClause:
        """The row of a cell that holds one alone."""
        columns = (self.table.c[name] for name in ("id", *self.names))
        row = select(*columns).select_from(self.table).where(cells.c.lone == self.place)
        return row.limit(ONE).lateral("lone_row")

    def encoded(
        self, features: AnySelect | CompoundSelect[*tuple[Any, ...]]
    ) -> ScalarSelect[bytes]:
        """Features as a layer of a tile; rows without geometry are left out by ST_AsMVT."""
        if self.layer.keeps_from(Role.PUBLIC):
            features = features.order_by(*_by_id(features))
        rows = features.subquery("features")
        layer = func.ST_AsMVT(
            rows.table_valued(),
            _fixed(self.layer.id),
            GRID[0],
            _fixed("geom"),
            _fixed(FEATURE_ID),
            type_=LargeBinary,
        )
        return select(layer).scalar_subquery()


def _by_id(
    features: AnySelect | CompoundSelect[*tuple[Any, ...]],
) -> tuple[ColumnElement[Any], ...]:
    """An order that a change of what a tile does not tell leaves as it is, as storage's is not."""
    columns = features.selected_columns
    return columns[FEATURE_ID], columns["geom"]


def _tile(part: Part, form: Form, selection: Selection) -> ColumnElement[bytes]:
    rows = _Rows(part, form, selection)
    if part.layer.geometry is Geometry.POINT:
        return case((_over_budget(rows), rows.encoded(_clusters(rows))), else_=_points(rows))
    if is_merged(part.layer, form.zoom):
        return rows.encoded(union_all(_shapes(rows, merged=True), _cells(rows)))
    return rows.encoded(_shapes(rows, merged=False))


def _over_budget(rows: _Rows) -> ColumnElement[bool]:
    """Counts no further than the budget."""
    some = select(ONE).select_from(rows.table).where(*rows.where).limit(_fixed(POINT_BUDGET + 1))
    count = select(func.count()).select_from(some.subquery("some")).scalar_subquery()
    return count > _fixed(POINT_BUDGET)


def _points(rows: _Rows) -> ScalarSelect[bytes]:
    point = rows.drawn(rows.table.c.geom).label("geom")
    return rows.encoded(select(*rows.attributes(rows.table), point).where(*rows.where))


def _clusters(rows: _Rows) -> AnySelect:
    """One feature for each cell that holds points, at their mean position."""
    geom = rows.table.c.geom
    x, y = func.ST_X(geom), func.ST_Y(geom)
    found = _placed(rows, x, y, "cluster", x.label("x"), y.label("y"))
    cells = _grouped(found, CLUSTER_CELLS, func.avg(found.c.x), func.avg(found.c.y))
    lone = rows.lone(cells)
    mean = func.ST_SetSRID(func.ST_MakePoint(cells.c.value_0, cells.c.value_1), STORE)
    count = case((cells.c.count > ONE, cells.c.count)).label(POINT_COUNT)
    return select(*rows.attributes(lone), count, rows.drawn(mean).label("geom")).select_from(
        cells.outerjoin(lone, true())
    )


def _shapes(rows: _Rows, *, merged: bool) -> AnySelect:
    """Lines and areas that are not merged."""
    geom = rows.table.c.geom
    drawn = rows.drawn(geom)
    if rows.layer.geometry is Geometry.AREA:
        drawn = func.coalesce(drawn, _thin(rows))
    shape = drawn.label("geom")
    if not merged:
        return select(*rows.attributes(rows.table), shape).where(*rows.where)
    none = cast(null(), BigInteger).label(FEATURE_COUNT)
    return select(*rows.attributes(rows.table), none, shape).where(*rows.where, ~_is_small(geom))


def _thin(rows: _Rows) -> ColumnElement[object]:
    """An area too thin for the grid as its longest line, at worst as a corner.

    Asked only where nothing was drawn: mostly of areas elsewhere, which their width rules out.
    """
    geom = rows.table.c.geom
    longest = func.ST_LongestLine(geom, geom)
    corner = func.ST_SetSRID(func.ST_MakePoint(func.ST_XMin(geom), func.ST_YMin(geom)), STORE)
    dot = case((_is_small(geom), rows.drawn(corner)))
    wide, high = _spans(geom)
    narrow = func.ST_Area(geom) < bindparam("thin", type_=Float) * func.greatest(wide, high)
    return case((narrow, func.coalesce(rows.drawn(longest), dot)))


def _cells(rows: _Rows) -> AnySelect:
    """One square for each cell that holds the middle of small shapes."""
    geom = rows.table.c.geom
    x = _middle(func.ST_XMin(geom), func.ST_XMax(geom))
    y = _middle(func.ST_YMin(geom), func.ST_YMax(geom))
    cells = _grouped(_placed(rows, x, y, "merged", small=_is_small(geom)), MERGED_CELLS)
    lone = rows.lone(cells)
    count = cells.c.count.label(FEATURE_COUNT)
    return select(*rows.attributes(lone), count, _square(cells).label("geom")).select_from(
        cells.outerjoin(lone, true())
    )


def _is_small(geom: ColumnElement[object]) -> ColumnElement[bool]:
    span = bindparam("small", type_=Float)
    wide, high = _spans(geom)
    return (wide < span) & (high < span)


def _spans(geom: ColumnElement[object]) -> tuple[ColumnElement[float], ColumnElement[float]]:
    return (
        func.ST_XMax(geom, type_=Float) - func.ST_XMin(geom, type_=Float),
        func.ST_YMax(geom, type_=Float) - func.ST_YMin(geom, type_=Float),
    )


def _placed(
    rows: _Rows,
    x: ColumnElement[Any],
    y: ColumnElement[Any],
    edges: str,
    *values: ColumnElement[object],
    small: ColumnElement[bool] | None = None,
) -> FromClause:
    """Rows with the cell that each lies in; OFFSET keeps it from being found over and over."""
    found = select(
        rows.place.label("place"),
        func.width_bucket(x, _edges(f"{edges}_longitudes")).label("cell_x"),
        func.width_bucket(y, _edges(f"{edges}_latitudes")).label("cell_y"),
        *values,
    ).select_from(rows.table)
    found = found.where(*rows.where) if small is None else found.where(*rows.where, small)
    return found.offset(ZERO).subquery("placed")


def _middle(low: ColumnElement[float], high: ColumnElement[float]) -> ColumnElement[float]:
    return (low + high) * literal_column("0.5::float8", Float)


def _edges(name: str) -> ColumnElement[object]:
    return bindparam(name, type_=ARRAY(Float))


def _grouped(placed: FromClause, cells: int, *values: ColumnElement[object]) -> FromClause:
    """Cells of the tile with their number of rows; the row itself where it is alone."""
    count, last = func.count(), _fixed(cells)
    named = (value.label(f"value_{number}") for number, value in enumerate(values))
    lone = case((count == ONE, func.min(placed.c.place))).label("lone")
    return (
        select(placed.c.cell_x, placed.c.cell_y, count.label("count"), lone, *named)
        .where(placed.c.cell_x.between(ONE, last), placed.c.cell_y.between(ONE, last))
        .group_by(placed.c.cell_x, placed.c.cell_y)
        .subquery("cells")
    )


def _square(cells: FromClause) -> ColumnElement[object]:
    """A cell in tile units, y downward; counterclockwise as numbers, as the format wants it."""
    side = _fixed(EXTENT // MERGED_CELLS)
    right, top = cells.c.cell_x * side, (_fixed(MERGED_CELLS) - cells.c.cell_y) * side
    return func.ST_ForcePolygonCCW(
        func.ST_MakeEnvelope(right - side, top, right, top + side, type_=Text)
    )


def _value(attribute: ColumnElement[Any]) -> ColumnElement[Any]:
    """As the tile's format has it: dates as text."""
    if isinstance(attribute.type, Date):
        return cast(attribute, Text).label(attribute.key)
    return attribute
