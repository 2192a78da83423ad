"""What filters may name, and the schemas that say so (OGC API - Features Parts 3 and 5)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from geodata.database.tables import ID_PATTERN
from layers.attribute import NUMBERS, Attribute, Role, ValueType
from layers.layer import Layer
from layers.text import Text

DRAFT = "https://json-schema.org/draft/2020-12/schema"

GEOMETRY = "geometry"
"""Name of the geometry, the same in every layer; its column is another matter."""

ALIASES = {"geom": GEOMETRY}
"""Further names that filters may use."""

ROLES = {
    "id": "id",
    GEOMETRY: "primary-geometry",
    "valid_from": "primary-interval-start",
    "valid_to": "primary-interval-end",
}
"""Roles of properties (Part 5, /req/schemas/role-id and advanced property roles)."""

TYPES: Mapping[ValueType, Mapping[str, str]] = {
    ValueType.TEXT: {"type": "string"},
    ValueType.INTEGER: {"type": "integer", "format": "int32"},
    ValueType.NUMBER: {"type": "number", "format": "double"},
    ValueType.DATE: {"type": "string", "format": "date"},
    ValueType.BOOLEAN: {"type": "boolean"},
}
"""JSON Schema of each value type (Part 5, /rec/schemas/properties)."""


@dataclass(frozen=True, kw_only=True)
class Queryable:
    """A property that filters may name.

    Args:
        name: as filters and features have it.
        column: of the layer's table.
        title: label in both languages.
        type: value type; None: the geometry.
        schema: JSON Schema without title and role.
        description: what the value means where the title does not say it.
    """

    name: str
    column: str
    title: Text
    type: ValueType | None
    schema: Mapping[str, object]
    description: Text | None = None


@cache
def queryables(layer: Layer, role: Role = Role.PUBLIC) -> tuple[Queryable, ...]:
    """The id, the geometry and every attribute that a role may read."""
    read = (each for each in layer.all_attributes if role.includes(each.reader))
    return (_identifier(), _geometry(layer, role), *(_of_attribute(each) for each in read))


def queryables_document(layer: Layer, url: str, role: Role = Role.PUBLIC) -> dict[str, Any]:
    """Queryables resource (Part 3, /req/queryables/get-queryables-response).

    Args:
        layer: the collection.
        url: of the resource, without query parameters.
        role: whom it is for.
    """
    properties = _properties(queryables(layer, role))
    return {**_head(layer, url), "properties": properties, "additionalProperties": False}


def schema_document(layer: Layer, url: str, role: Role = Role.PUBLIC) -> dict[str, Any]:
    """Schema of the features served (Part 5, returnables), as :func:`queryables_document`."""
    required = [each.name for each in layer.all_attributes if each.required]
    served = queryables(layer, role)
    return {
        **_head(layer, url),
        "properties": _properties(served),
        "required": [each.name for each in served if each.name in ("id", *required)],
        "additionalProperties": False,
    }


def sortables_document(layer: Layer, url: str, role: Role = Role.PUBLIC) -> dict[str, Any]:
    """What features can be sorted by (Part 5, sortables), as :func:`queryables_document`."""
    scalar = tuple(each for each in queryables(layer, role) if each.type is not None)
    return {**_head(layer, url), "properties": _properties(scalar), "additionalProperties": False}


def bilingual(text: Text) -> str:
    """Both languages in one line."""
    return f"{text.zh} {text.en}"


def _head(layer: Layer, url: str) -> dict[str, Any]:
    """Part 5, /req/schemas/json-schema."""
    return {
        "$schema": DRAFT,
        "$id": url,
        "type": "object",
        "title": bilingual(layer.title),
        "description": bilingual(layer.description),
    }


def _properties(rows: tuple[Queryable, ...]) -> dict[str, dict[str, object]]:
    return {
        row.name: {**dict(_described(row)), "x-ogc-propertySeq": number}
        for number, row in enumerate(rows, start=1)
    }


def _described(row: Queryable) -> Iterator[tuple[str, object]]:
    yield "title", bilingual(row.title)
    if row.description is not None:
        yield "description", bilingual(row.description)
    if row.name in ROLES:
        yield "x-ogc-role", ROLES[row.name]
    yield from row.schema.items()


def _identifier() -> Queryable:
    schema = {"type": "string", "pattern": ID_PATTERN}
    return Queryable(
        name="id",
        column="id",
        title=Text("标识", "Identifier"),
        type=ValueType.TEXT,
        schema=schema,
    )


def _geometry(layer: Layer, role: Role) -> Queryable:
    """Without `type` (Part 5, /req/schemas/properties B)."""
    return Queryable(
        name=GEOMETRY,
        column="geom",
        title=Text("几何", "Geometry"),
        type=None,
        schema={"format": f"geometry-{layer.geometry.lower()}"},
        description=None if layer.tells_positions(role) else _rounded(layer),
    )


def _rounded(layer: Layer) -> Text | None:
    """How precisely positions are told."""
    if layer.precision is None:
        return None
    step = f"{10.0**-layer.precision.digits:g}"
    return Text(f"坐标取整到 {step} 度", f"Coordinates are rounded to {step} degrees")


def _of_attribute(attribute: Attribute) -> Queryable:
    return Queryable(
        name=attribute.name,
        column=attribute.name,
        title=attribute.title,
        type=attribute.type,
        schema=dict(_schema(attribute)),
        description=attribute.description,
    )


def _schema(attribute: Attribute) -> Iterator[tuple[str, object]]:
    yield from TYPES[attribute.type].items()
    if attribute.unit is not None:
        yield "x-ogc-unit", attribute.unit
    if attribute.type in NUMBERS:
        yield from _bounds(attribute)
    if attribute.type is ValueType.TEXT:
        yield from _text_rules(attribute)


def _bounds(attribute: Attribute) -> Iterator[tuple[str, object]]:
    if attribute.minimum is not None:
        yield "minimum", attribute.minimum
    if attribute.maximum is not None:
        yield "maximum", attribute.maximum


def _text_rules(attribute: Attribute) -> Iterator[tuple[str, object]]:
    """A code list as `enum`, which clients know, and as `oneOf`, which carries the labels."""
    if attribute.codes is not None:
        labels = attribute.codes.codes
        yield "enum", list(labels)
        yield "oneOf", [{"const": code, "title": bilingual(labels[code])} for code in labels]
        return
    yield "maxLength", attribute.max_length
    if attribute.pattern is not None:
        yield "pattern", f"^({attribute.pattern})$"
