"""Tables follow from the declared layers: one table and one history table a layer."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    Computed,
    Date,
    DateTime,
    Double,
    ForeignKey,
    FromClause,
    Identity,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    and_,
    case,
    column,
    func,
    literal_column,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

from geodata.database.statement import sql_text
from layers.attribute import Attribute, Role, ValueType
from layers.catalog import CATALOG, Catalog
from layers.layer import Geometry as GeometryType
from layers.layer import Layer

SRID = 4490
"""CGCS2000 geographic; coordinates are stored longitude first."""

HISTORY = "history"
"""Schema of the history tables."""

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

COLUMN_TYPES: dict[ValueType, type[TypeEngine[Any]]] = {
    ValueType.TEXT: Text,
    ValueType.INTEGER: Integer,
    ValueType.NUMBER: Double,
    ValueType.DATE: Date,
    ValueType.BOOLEAN: Boolean,
}

SERVED: dict[str, bool] = {"served": True}
"""For `info` of a table that the service reads; without it the serving role sees nothing of it."""

READER = "reader"
"""In `info` of a column: the least role that it is served to; without it, everyone."""

FOR_STAFF: dict[str, Role] = {READER: Role.PLANNER}
"""For `info` of a column that tells who wrote a row, and why."""

IMPORT_COUNTS = ("rows", "inserted", "updated", "unchanged", "removed")
"""What an import did, in rows."""

RECORD_COLUMNS = ("feature", "recorded_at", "recorded_by", "recorded_reason", "recorded_import")
"""Columns that the database fills, whoever writes a row."""

ID_PATTERN = "^[A-Za-z0-9][A-Za-z0-9._-]{0,119}$"
ID_LENGTH = 120


def build_metadata(catalog: Catalog) -> MetaData:
    """Tables of every layer of the catalog, with the registry of areas and layer versions."""
    metadata = MetaData(naming_convention=NAMING)
    _areas(metadata)
    _layer_versions(metadata)
    _imports(metadata)
    for layer in catalog:
        _layer_table(metadata, layer)
        _history_table(metadata, layer)
    return metadata


def layer_table(metadata: MetaData, layer: Layer) -> Table:
    """The table that holds a layer's present features."""
    return metadata.tables[layer.id]


def history_table(metadata: MetaData, layer: Layer) -> Table:
    """The table that holds the rows which later ones replaced."""
    return metadata.tables[f"{HISTORY}.{layer.id}"]


def written_columns(table: Table) -> list[str]:
    """Columns of a layer's table that whoever writes a row fills."""
    return [
        column.name
        for column in table.c
        if column.name not in RECORD_COLUMNS and column.computed is None
    ]


def coarse_name(layer: Layer) -> str | None:
    """The column of positions for those who are not told them as they are kept.

    It is named after its precision: another one is another column.
    """
    return None if layer.precision is None else f"geom_{layer.precision.digits}"


def coarse(geometry: ColumnElement[Any], layer: Layer) -> ColumnElement[Any]:
    """A geometry as it is told to everyone; null where nothing of it is left.

    Valid stays valid: a polygon is not merely rounded, position by position.
    """
    if layer.precision is None:
        return geometry
    reduced = func.ST_ReducePrecision(geometry, 10.0**-layer.precision.digits)
    if layer.geometry is not GeometryType.POINT:
        reduced = func.ST_Multi(reduced)
    return case((~func.ST_IsEmpty(reduced), reduced))


def told_tables(metadata: MetaData, layer: Layer, role: Role) -> tuple[FromClause, FromClause]:
    """A layer's present and past rows as a role reads them: `geom` is the position it is told."""
    both = layer_table(metadata, layer), history_table(metadata, layer)
    if layer.tells_positions(role):
        return both
    present, past = (_told_table(table, coarse_name(layer)) for table in both)
    return present, past


@cache
def _told_table(table: Table, position: str | None) -> Table:
    columns = [
        Column(
            each.name,
            each.type,
            key="geom" if each.name == position else each.name,
            info={} if each.name == position else each.info,
        )
        for each in table.c
        if each.name != "geom"
    ]
    return Table(table.name, MetaData(), *columns, schema=table.schema, info=table.info)


def served_columns(table: FromClause, role: Role = Role.PUBLIC) -> tuple[Column[Any], ...]:
    """Columns that the service may read for a role; none of a table that it does not serve."""
    if not isinstance(table, Table) or not table.info.get("served"):
        return ()
    return tuple(
        column for column in table.c if role.includes(column.info.get(READER, Role.PUBLIC))
    )


def _areas(metadata: MetaData) -> Table:
    """Registry of the areas of all area layers: what `parent` and other references point to."""
    return Table(
        "areas",
        metadata,
        Column("id", Text, primary_key=True),
        Column("layer", Text, nullable=False),
        Column("parent", Text, index=True),
        Column("counted_in", Text, index=True),
        info=SERVED,
    )


def _layer_versions(metadata: MetaData) -> Table:
    """A number for each layer that changes with each committed write."""
    return Table(
        "layer_versions",
        metadata,
        Column("layer", Text, primary_key=True),
        Column("version", BigInteger, nullable=False),
        Column("changed_at", DateTime(timezone=True), nullable=False),
        info=SERVED,
    )


def _imports(metadata: MetaData) -> Table:
    """Imports, each with what it did; an entry is never changed, its undoing is another."""
    return Table(
        "imports",
        metadata,
        Column("id", BigInteger, Identity(), primary_key=True),
        Column("layer", Text, nullable=False, index=True),
        Column("file", Text, nullable=False),
        Column("sha256", Text, nullable=False),
        Column("mode", Text, nullable=False),
        Column("options", JSONB, nullable=False),
        *(Column(name, BigInteger, nullable=False) for name in IMPORT_COUNTS),
        Column("actor", Text, nullable=False),
        Column("reason", Text, nullable=False),
        Column("started_at", DateTime(timezone=True), nullable=False),
        Column("recorded_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        Column("undoes", BigInteger, ForeignKey("imports.id"), index=True),
        CheckConstraint(column("sha256", Text).regexp_match("^[0-9a-f]{64}$"), name="sha256"),
    )


def _layer_table(metadata: MetaData, layer: Layer) -> Table:
    return Table(
        layer.id,
        metadata,
        Column("id", Text, primary_key=True),
        *_attribute_columns(layer),
        _geometry_column(layer, nullable=not layer.geometry_required),
        *_coarse_column(layer),
        *_record_columns(),
        *_constraints(layer),
        Index(f"ix_{layer.id}_geom", "geom", postgresql_using="gist"),
        *_coarse_index(layer),
        *_reference_indexes(layer),
        comment=layer.title.zh,
        info=SERVED,
    )


def _history_table(metadata: MetaData, layer: Layer) -> Table:
    return Table(
        layer.id,
        metadata,
        Column("revision", BigInteger, Identity(always=True), primary_key=True),
        Column("operation", Text, nullable=False),
        Column("superseded_at", DateTime(timezone=True), nullable=False),
        Column("superseded_by", Text, nullable=False, info=FOR_STAFF),
        Column("superseded_reason", Text, info=FOR_STAFF),
        Column("superseded_import", BigInteger, info=FOR_STAFF),
        Column("id", Text, nullable=False),
        *_attribute_columns(layer, bare=True),
        _geometry_column(layer, nullable=True),
        *_coarse_column(layer, kept=True),
        *_record_columns(),
        Index(f"ix_history_{layer.id}_id", "id", "superseded_at"),
        Index(f"ix_history_{layer.id}_geom", "geom", postgresql_using="gist"),
        *_coarse_index(layer, "history_"),
        *(_import_index(layer, name) for name in ("recorded_import", "superseded_import")),
        schema=HISTORY,
        comment=f"{layer.title.zh}（历史）",
        info=SERVED,
    )


def _import_index(layer: Layer, name: str) -> Index:
    """Finds what an import wrote or replaced."""
    known = column(name).is_not(None)
    return Index(f"ix_history_{layer.id}_{name}", name, postgresql_where=known)


def _reference_indexes(layer: Layer) -> Iterator[Index]:
    """Without the nulls: equal keys by the hundred thousand double the cost of a load."""
    for attribute in layer.all_attributes:
        if attribute.references:
            name, known = attribute.name, column(attribute.name).is_not(None)
            yield Index(f"ix_{layer.id}_{name}", name, postgresql_where=known)


def _attribute_columns(layer: Layer, *, bare: bool = False) -> Iterator[Column[object]]:
    for attribute in layer.all_attributes:
        references = [] if bare or not attribute.references else [_area_key()]
        yield Column(
            attribute.name,
            COLUMN_TYPES[attribute.type](),
            *references,
            nullable=bare or not attribute.required,
            comment=None if bare else attribute.title.zh,
            info={READER: attribute.reader},
        )


def _area_key() -> ForeignKey:
    """Deferred: an area and those that refer to it may arrive in any order."""
    return ForeignKey("areas.id", deferrable=True, initially="DEFERRED")


def _geometry_column(layer: Layer, *, nullable: bool) -> Column[object]:
    reader = Role.PUBLIC if layer.precision is None else layer.precision.reader
    return Column("geom", _geometry_type(layer), nullable=nullable, info={READER: reader})


def _coarse_column(layer: Layer, *, kept: bool = False) -> Iterator[Column[object]]:
    """Worked out by the database; `kept`: of past rows, as it was worked out."""
    if (name := coarse_name(layer)) is not None:
        rule = () if kept else (Computed(sql_text(coarse(column("geom"), layer)), persisted=True),)
        yield Column(name, _geometry_type(layer), *rule)


def _coarse_index(layer: Layer, prefix: str = "") -> Iterator[Index]:
    if (name := coarse_name(layer)) is not None:
        yield Index(f"ix_{prefix}{layer.id}_{name}", name, postgresql_using="gist")


def _geometry_type(layer: Layer) -> Geometry:
    return Geometry(layer.geometry.upper(), srid=SRID, spatial_index=False)


def _record_columns() -> tuple[Column[object], ...]:
    """Filled by the record trigger: the public GeoJSON text, and when, by whom, why."""
    return (
        Column("feature", Text, nullable=False),
        Column("recorded_at", DateTime(timezone=True), nullable=False),
        Column("recorded_by", Text, nullable=False, info=FOR_STAFF),
        Column("recorded_reason", Text, info=FOR_STAFF),
        Column("recorded_import", BigInteger, info=FOR_STAFF),
    )


def _constraints(layer: Layer) -> Iterator[CheckConstraint | UniqueConstraint]:
    """Unique ones are deferrable, thus checked after a statement: it may exchange two values."""
    yield CheckConstraint(and_(*_id_rules()), name="id")
    yield CheckConstraint(column("valid_from") <= column("valid_to"), name="valid")
    if layer.geometry is not GeometryType.POINT:
        yield CheckConstraint(func.ST_IsValid(column("geom")), name="geom")
    for attribute in layer.all_attributes:
        if (rule := _attribute_rule(attribute)) is not None:
            yield CheckConstraint(rule, name=attribute.name)
        if attribute.unique:
            yield UniqueConstraint(attribute.name, deferrable=True)


def _id_rules() -> Iterator[ColumnElement[bool]]:
    """ID_PATTERN in two: PostgreSQL takes 6 µs a row for the bound in it, 0.3 µs without."""
    identifier: ColumnElement[str] = column("id", Text)
    yield identifier.regexp_match("^[A-Za-z0-9][A-Za-z0-9._-]*$")
    yield func.char_length(identifier) <= ID_LENGTH


def _attribute_rule(attribute: Attribute) -> ColumnElement[bool] | None:
    value: ColumnElement[object] = column(attribute.name)
    if attribute.type is ValueType.TEXT:
        return and_(*_text_rules(attribute, value))
    if attribute.type in (ValueType.NUMBER, ValueType.INTEGER):
        return _number_rule(attribute, value)
    return None


def _text_rules(
    attribute: Attribute, value: ColumnElement[object]
) -> Iterator[ColumnElement[bool]]:
    if attribute.codes is not None:
        yield value.in_(list(attribute.codes))
        return
    yield func.char_length(value) <= attribute.max_length
    if attribute.pattern is not None:
        yield value.regexp_match(f"^({attribute.pattern})$")


def _number_rule(attribute: Attribute, value: ColumnElement[object]) -> ColumnElement[bool] | None:
    """Bounds; a double is finite besides, since JSON has no word for NaN or infinity."""
    bounds = []
    if attribute.minimum is not None:
        bounds.append(value >= attribute.minimum)
    elif attribute.type is ValueType.NUMBER:
        bounds.append(value > literal_column("'-Infinity'::float8"))
    if attribute.maximum is not None:
        bounds.append(value <= attribute.maximum)
    elif attribute.type is ValueType.NUMBER:
        bounds.append(value < literal_column("'Infinity'::float8"))
    return and_(*bounds) if bounds else None


METADATA = build_metadata(CATALOG)
