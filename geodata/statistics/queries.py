"""Statements behind the profile of an area, from pure clause builders."""

from datetime import UTC, datetime
from functools import lru_cache

from shapely.geometry.base import BaseGeometry
from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    LargeBinary,
    Select,
    Text,
    bindparam,
    cast,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    union_all,
)

from geodata.database.statement import Statement, compile_statement
from geodata.database.tables import SRID
from geodata.features.selection import WHOLE_LAYER, Selection, rows_of
from geodata.plan.tables import PLAN_METADATA as METADATA
from geodata.statistics.partition import NEAR_BORDER
from layers.catalog import CATALOG
from layers.layer import Geometry, Layer

AREA_COLUMNS = (
    "id",
    "name_zh",
    "name_en",
    "boundary_status",
    "parent",
    "counted_in",
    "published_area_km2",
    "published_area_source",
)

PAST = Selection(as_known=datetime.max.replace(tzinfo=UTC))
"""The form of a question about the past; the instant itself is the parameter `as_known`."""

ENTERPRISES = CATALOG.get("enterprises")

_ASSIGNMENTS = METADATA.tables["assignments"]
_INDICATORS = METADATA.tables["indicators"]
_GROWTH_TARGETS = METADATA.tables["growth_targets"]
_GEOGRAPHY: ColumnElement[object] = literal_column("geography")


def is_areal(shape: BaseGeometry) -> bool:
    """Whether a geometry has an inside."""
    return shape.geom_type in ("Polygon", "MultiPolygon")


@lru_cache(maxsize=64)
def area(layer: Layer, past: bool = False) -> Statement:
    """One feature with its boundary and its ellipsoidal area; absent attributes are null."""
    table = _rows(layer, past)
    columns = [table.c[name] if name in table.c else null().label(name) for name in AREA_COLUMNS]
    land_area = _land_area(table.c.geom) if layer.geometry is Geometry.AREA else null()
    query = select(
        *columns,
        func.ST_AsBinary(table.c.geom).label("boundary"),
        land_area.label("land_area_m2"),
    ).where(table.c.id == bindparam("id", type_=Text))
    return compile_statement(query)


@lru_cache(maxsize=64)
def inside(layer: Layer, past: bool = False) -> Statement:
    """Features by industry whose position PostGIS puts inside the boundary."""
    table = _rows(layer, past)
    industry = _industry(table)
    query = (
        select(industry, func.count().label("count"))
        .where(table.c.geom.bool_op("&&")(_boundary()))
        .where(func.ST_Intersects(_boundary(), _position(table, layer)))
        .where(_not_own(table))
        .group_by(literal_column("1"))
    )
    return compile_statement(query)


@lru_cache(maxsize=64)
def near_border(layer: Layer, past: bool = False) -> Statement:
    """Positions closer to the border than rounding can be trusted, and what PostGIS says."""
    table = _rows(layer, past)
    position = _position(table, layer)
    border = _border_segments()
    near = func.ST_Expand(border.c.geom, NEAR_BORDER)
    query = (
        select(
            table.c.id,
            _industry(table),
            func.ST_X(position).label("x"),
            func.ST_Y(position).label("y"),
            cast(func.ST_Intersects(_boundary(), position), Integer).label("inside"),
        )
        .select_from(table.join(border, table.c.geom.bool_op("&&")(near)))
        .where(func.ST_DWithin(position, border.c.geom, NEAR_BORDER))
        .where(_not_own(table))
        .distinct()
    )
    return compile_statement(query)


@lru_cache(maxsize=2)
def declared(past: bool = False) -> Statement:
    """Features by layer that the plan's hierarchy and assignments put into an area."""
    areas = _areas(past)
    ids = select(_within(areas).c.id)
    counts = [_count_areas(areas, ids), _count_assigned(ids, past)]
    counts += [_count_referring(layer, ids, past) for layer in CATALOG if _refers_to_area(layer)]
    return compile_statement(union_all(*counts))


@lru_cache(maxsize=2)
def declared_industries(past: bool = False) -> Statement:
    """Assigned enterprises of an area by industry; one assigned twice counts once."""
    within = _within(_areas(past))
    enterprises = _rows(ENTERPRISES, past)
    query = (
        select(enterprises.c.industry, func.count(enterprises.c.id.distinct()).label("count"))
        .join(_ASSIGNMENTS, _ASSIGNMENTS.c.enterprise == enterprises.c.id)
        .where(_ASSIGNMENTS.c.area.in_(select(within.c.id)))
        .group_by(enterprises.c.industry)
    )
    return compile_statement(query)


def _rows(layer: Layer, past: bool) -> FromClause:
    """The layer's rows now, or as they were known at the instant `:as_known`."""
    return rows_of(layer, PAST if past else WHOLE_LAYER)


def _areas(past: bool) -> FromClause:
    """The registry of areas; as it was known, from the area layers themselves."""
    if not past:
        return METADATA.tables["areas"]
    parts = []
    for layer in (layer for layer in CATALOG if layer.is_area):
        rows = _rows(layer, past)
        parts.append(select(rows.c.id, literal(layer.id).label("layer"), rows.c.parent))
    return union_all(*parts).subquery("areas")


def _land_area(geometry: ColumnElement[object]) -> ColumnElement[float]:
    """Ellipsoidal area in square metres."""
    return func.ST_Area(geometry.op("::")(_GEOGRAPHY))


def _boundary() -> ColumnElement[object]:
    return func.ST_GeomFromWKB(bindparam("boundary", type_=LargeBinary), SRID)


def _border_segments() -> FromClause:
    """The border in its segments: small boxes, so that the spatial index does the work."""
    dump = func.ST_DumpSegments(func.ST_Boundary(_boundary())).table_valued("path", "geom")
    return select(dump.c.geom).subquery("border")


def _position(table: FromClause, layer: Layer) -> ColumnElement[object]:
    """Where a feature counts: the point itself, or a point on the surface or line."""
    if layer.geometry is Geometry.POINT:
        return table.c.geom
    return func.ST_PointOnSurface(table.c.geom)


def _industry(table: FromClause) -> ColumnElement[str]:
    industry = table.c.industry if "industry" in table.c else cast(null(), Text)
    return industry.label("industry")


def _not_own(table: FromClause) -> ColumnElement[bool]:
    """An area is not counted in itself."""
    return table.c.id != bindparam("own", type_=Text)


def _within(areas: FromClause) -> FromClause:
    """An area and all areas below it, by `parent`."""
    start = select(areas.c.id).where(areas.c.id == bindparam("area", type_=Text))
    tree = start.cte("within", recursive=True)
    return tree.union(select(areas.c.id).where(areas.c.parent == tree.c.id))


def _count_areas(areas: FromClause, ids: Select[str]) -> Select[str, int]:
    below = areas.c.id != bindparam("area", type_=Text)
    return (
        select(areas.c.layer, func.count().label("count"))
        .where(areas.c.id.in_(ids), below)
        .group_by(areas.c.layer)
    )


def _count_assigned(ids: Select[str], past: bool) -> Select[str, int]:
    """Assignments are the plan's text: its enterprises count as far as they were known."""
    counted = func.count(_ASSIGNMENTS.c.enterprise.distinct()).label("count")
    query = select(literal("enterprises").label("layer"), counted)
    if past:
        enterprises = _rows(ENTERPRISES, past)
        query = query.join_from(
            _ASSIGNMENTS, enterprises, enterprises.c.id == _ASSIGNMENTS.c.enterprise
        )
    return query.where(_ASSIGNMENTS.c.area.in_(ids))


def _refers_to_area(layer: Layer) -> bool:
    return not layer.is_area and layer.id != "enterprises" and _area_columns(layer) != []


def _area_columns(layer: Layer) -> list[str]:
    return [attribute.name for attribute in layer.all_attributes if attribute.references]


def _count_referring(layer: Layer, ids: Select[str], past: bool) -> Select[str, int]:
    table = _rows(layer, past)
    refers = or_(*(table.c[name].in_(ids) for name in _area_columns(layer)))
    return select(literal(layer.id).label("layer"), func.count().label("count")).where(refers)


LAND_AREA = compile_statement(select(_land_area(_boundary()).label("land_area_m2")))

INDICATORS = compile_statement(
    select(_INDICATORS)
    .where(_INDICATORS.c.area == bindparam("area", type_=Text))
    .order_by(_INDICATORS.c.key, _INDICATORS.c.kind)
)

GROWTH_TARGETS = compile_statement(
    select(_GROWTH_TARGETS).order_by(_GROWTH_TARGETS.c.kind, _GROWTH_TARGETS.c.name)
)
