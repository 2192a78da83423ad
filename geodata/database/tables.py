"""Tables follow from the declared layers: one table and one history table a layer."""

from collections.abc import Iterator
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    and_,
    column,
    func,
    literal_column,
)
from sqlalchemy.types import TypeEngine

from layers.attribute import Attribute, ValueType
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

ID_PATTERN = "^[A-Za-z0-9][A-Za-z0-9._-]{0,119}$"
ID_LENGTH = 120


def build_metadata(catalog: Catalog) -> MetaData:
    """Tables of every layer of the catalog, with the registry of areas and layer versions."""
    metadata = MetaData(naming_convention=NAMING)
    _areas(metadata)
    _layer_versions(metadata)
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


def _areas(metadata: MetaData) -> Table:
    """Registry of the areas of all area layers: what `parent` and other references point to."""
    return Table(
        "areas",
        metadata,
        Column("id", Text, primary_key=True),
        Column("layer", Text, nullable=False),
        Column("parent", Text, index=True),
        Column("counted_in", Text, index=True),
    )


def _layer_versions(metadata: MetaData) -> Table:
    """A number for each layer that changes with each committed write."""
    return Table(
        "layer_versions",
        metadata,
        Column("layer", Text, primary_key=True),
        Column("version", BigInteger, nullable=False),
        Column("changed_at", DateTime(timezone=True), nullable=False),
    )


def _layer_table(metadata: MetaData, layer: Layer) -> Table:
    return Table(
        layer.id,
        metadata,
        Column("id", Text, primary_key=True),
        *_attribute_columns(layer),
        _geometry_column(layer, nullable=not layer.geometry_required),
        *_record_columns(),
        *_constraints(layer),
        Index(f"ix_{layer.id}_geom", "geom", postgresql_using="gist"),
        comment=layer.title.zh,
    )


def _history_table(metadata: MetaData, layer: Layer) -> Table:
    return Table(
        layer.id,
        metadata,
        Column("revision", BigInteger, Identity(always=True), primary_key=True),
        Column("operation", Text, nullable=False),
        Column("superseded_at", DateTime(timezone=True), nullable=False),
        Column("superseded_by", Text, nullable=False),
        Column("superseded_reason", Text),
        Column("id", Text, nullable=False),
        *_attribute_columns(layer, bare=True),
        _geometry_column(layer, nullable=True),
        *_record_columns(),
        Index(f"ix_history_{layer.id}_id", "id", "superseded_at"),
        Index(f"ix_history_{layer.id}_geom", "geom", postgresql_using="gist"),
        schema=HISTORY,
        comment=f"{layer.title.zh}（历史）",
    )


def _attribute_columns(layer: Layer, *, bare: bool = False) -> Iterator[Column[object]]:
    for attribute in layer.all_attributes:
        references = [] if bare or not attribute.references else [_area_key()]
        yield Column(
            attribute.name,
            COLUMN_TYPES[attribute.type](),
            *references,
            nullable=bare or not attribute.required,
            index=bool(references) or None,
            comment=None if bare else attribute.title.zh,
        )


def _area_key() -> ForeignKey:
    """Deferred: an area and those that refer to it may arrive in any order."""
    return ForeignKey("areas.id", deferrable=True, initially="DEFERRED")


def _geometry_column(layer: Layer, *, nullable: bool) -> Column[object]:
    geometry = Geometry(layer.geometry.upper(), srid=SRID, spatial_index=False)
    return Column("geom", geometry, nullable=nullable)


def _record_columns() -> tuple[Column[object], ...]:
    """Filled by the record trigger: the public GeoJSON text, and when, by whom, why."""
    return (
        Column("feature", Text, nullable=False),
        Column("recorded_at", DateTime(timezone=True), nullable=False),
        Column("recorded_by", Text, nullable=False),
        Column("recorded_reason", Text),
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
