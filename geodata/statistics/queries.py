"""Statements behind the profile of an area, from pure clause builders."""

from functools import lru_cache

from shapely.geometry.base import BaseGeometry
from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    LargeBinary,
    Select,
    Table,
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
from geodata.database.tables import SRID, layer_table
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

_AREAS = METADATA.tables["areas"]
_ASSIGNMENTS = METADATA.tables["assignments"]
_ENTERPRISES = METADATA.tables["enterprises"]
_INDICATORS = METADATA.tables["indicators"]
_GROWTH_TARGETS = METADATA.tables["growth_targets"]
_GEOGRAPHY: ColumnElement[object] = literal_column("geography")


def is_areal(shape: BaseGeometry) -> bool:
    """Whether a geometry has an inside."""
    return shape.geom_type in ("Polygon", "MultiPolygon")


@lru_cache(maxsize=64)
def area(layer: Layer) -> Statement:
    """One feature with its boundary and its ellipsoidal area; absent attributes are null."""
    table = layer_table(METADATA, layer)
    columns = [table.c[name] if name in table.c else null().label(name) for name in AREA_COLUMNS]
    land_area = _land_area(table.c.geom) if layer.geometry is Geometry.AREA else null()
    query = select(
        *columns,
        func.ST_AsBinary(table.c.geom).label("boundary"),
        land_area.label("land_area_m2"),
    ).where(table.c.id == bindparam("id", type_=Text))
    return compile_statement(query)


@lru_cache(maxsize=64)
def inside(layer: Layer) -> Statement:
    """Features by industry whose position PostGIS puts inside the boundary."""
    table = layer_table(METADATA, layer)
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
def near_border(layer: Layer) -> Statement:
    """Positions closer to the border than rounding can be trusted, and what PostGIS says."""
    table = layer_table(METADATA, layer)
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


@lru_cache(maxsize=1)
def declared() -> Statement:
    """Features by layer that the plan's hierarchy and assignments put into an area."""
    within = _within()
    ids = select(within.c.id)
    counts = [_count_areas(ids), _count_assigned(ids)]
    counts += [_count_referring(layer, ids) for layer in CATALOG if _refers_to_area(layer)]
    return compile_statement(union_all(*counts))


@lru_cache(maxsize=1)
def declared_industries() -> Statement:
    """Assigned enterprises of an area by industry; one assigned twice counts once."""
    within = _within()
    query = (
        select(
            _ENTERPRISES.c.industry,
            func.count(_ENTERPRISES.c.id.distinct()).label("count"),
        )
        .join(_ASSIGNMENTS, _ASSIGNMENTS.c.enterprise == _ENTERPRISES.c.id)
        .where(_ASSIGNMENTS.c.area.in_(select(within.c.id)))
        .group_by(_ENTERPRISES.c.industry)
    )
    return compile_statement(query)


def _land_area(geometry: ColumnElement[object]) -> ColumnElement[float]:
    """Ellipsoidal area in square metres."""
    return func.ST_Area(geometry.op("::")(_GEOGRAPHY))


def _boundary() -> ColumnElement[object]:
    return func.ST_GeomFromWKB(bindparam("boundary", type_=LargeBinary), SRID)


def _border_segments() -> FromClause:
    """The border in its segments: small boxes, so that the spatial index does the work."""
    dump = func.ST_DumpSegments(func.ST_Boundary(_boundary())).table_valued("path", "geom")
    return select(dump.c.geom).subquery("border")


def _position(table: Table, layer: Layer) -> ColumnElement[object]:
    """Where a feature counts: the point itself, or a point on the surface or line."""
    if layer.geometry is Geometry.POINT:
        return table.c.geom
    return func.ST_PointOnSurface(table.c.geom)


def _industry(table: Table) -> ColumnElement[str]:
    industry = table.c.industry if "industry" in table.c else cast(null(), Text)
    return industry.label("industry")


def _not_own(table: Table) -> ColumnElement[bool]:
    """An area is not counted in itself."""
    return table.c.id != bindparam("own", type_=Text)


def _within() -> FromClause:
    """An area and all areas below it, by `parent`."""
    start = select(_AREAS.c.id).where(_AREAS.c.id == bindparam("area", type_=Text))
    tree = start.cte("within", recursive=True)
    return tree.union(select(_AREAS.c.id).where(_AREAS.c.parent == tree.c.id))


def _count_areas(ids: Select[str]) -> Select[str, int]:
    below = _AREAS.c.id != bindparam("area", type_=Text)
    return (
        select(_AREAS.c.layer, func.count().label("count"))
        .where(_AREAS.c.id.in_(ids), below)
        .group_by(_AREAS.c.layer)
    )


def _count_assigned(ids: Select[str]) -> Select[str, int]:
    enterprises = func.count(_ASSIGNMENTS.c.enterprise.distinct()).label("count")
    return select(literal("enterprises").label("layer"), enterprises).where(
        _ASSIGNMENTS.c.area.in_(ids)
    )


def _refers_to_area(layer: Layer) -> bool:
    return not layer.is_area and layer.id != "enterprises" and _area_columns(layer) != []


def _area_columns(layer: Layer) -> list[str]:
    return [attribute.name for attribute in layer.all_attributes if attribute.references]


def _count_referring(layer: Layer, ids: Select[str]) -> Select[str, int]:
    table = layer_table(METADATA, layer)
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
