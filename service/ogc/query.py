"""Query parameters of items: their rows, and the query that their values ask for."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache, lru_cache, partial
from typing import Any

from geodata.database.representation import public_names, readable, tells_more
from geodata.features.bbox import BBox
from geodata.features.cql2.filter import Filter, Language
from geodata.features.cql2.limits import MAX_BYTES
from geodata.features.crs import CRS84, ROWS, Crs, box_in_store, find_crs
from geodata.features.equality import Equality
from geodata.features.items import ItemsQuery, Rendition
from geodata.features.order import parse_order
from geodata.features.selection import Condition, Selection
from layers.attribute import Attribute, Role, ValueType
from layers.layer import Layer
from service.errors import InvalidParameterError
from service.ogc.formats import FORMAT
from service.parameters import (
    AFTER,
    AS_KNOWN,
    BBOX,
    DATETIME,
    DEFAULT_LIMIT,
    LIMIT,
    TOLERANCE,
    Parameter,
    parse_code,
    parse_date,
    parse_flag,
    parse_names,
    parse_number,
    parse_text,
    parse_whole_number,
)

CRS_SCHEMA = {"type": "string", "format": "uri", "enum": [row.uri for row in ROWS]}

BBOX_CRS = Parameter("bbox-crs", "CRS of bbox; default CRS84", CRS_SCHEMA, find_crs)

CRS = Parameter("crs", "CRS of the geometries served; default CRS84", CRS_SCHEMA, find_crs)

HITS = "hits"
RESULT_TYPES = ("results", HITS)

RESULT_TYPE = Parameter(
    "resulttype",
    "hits: no features, but their exact number as numberMatched",
    {"type": "string", "enum": list(RESULT_TYPES), "default": RESULT_TYPES[0]},
    partial(parse_code, RESULT_TYPES),
)

FILTER = Parameter(
    "filter",
    "CQL2 expression (OGC 21-065r2) on the properties that /queryables lists;"
    f" at most {MAX_BYTES} bytes",
    {"type": "string", "minLength": 1},
    parse_text,
)


def _parse_language(text: str) -> Language:
    if text not in tuple(Language):
        raise ValueError(f"must be {' or '.join(Language)}")
    return Language(text)


FILTER_LANG = Parameter(
    "filter-lang",
    "Encoding of filter",
    {"type": "string", "enum": list(Language), "default": Language.TEXT.value},
    _parse_language,
)

FILTER_CRS = Parameter(
    "filter-crs", "CRS of the geometries in filter; default CRS84", CRS_SCHEMA, find_crs
)

SORTBY = Parameter(
    "sortby",
    "Attributes to sort by, comma-separated, - before one for descending; nulls come last",
    {"type": "string"},
    str,
)

PROPERTIES = Parameter(
    "properties",
    "Attributes to serve, comma-separated",
    {"type": "array", "items": {"type": "string"}},
    parse_names,
)

SKIP_GEOMETRY = Parameter(
    "skipGeometry", "Serve no geometries", {"type": "boolean", "default": False}, parse_flag
)

SCHEMAS: Mapping[ValueType, Mapping[str, str]] = {
    ValueType.TEXT: {"type": "string"},
    ValueType.INTEGER: {"type": "integer"},
    ValueType.NUMBER: {"type": "number"},
    ValueType.DATE: {"type": "string", "format": "date"},
    ValueType.BOOLEAN: {"type": "boolean"},
}

PARSERS: Mapping[ValueType, Callable[[str], object]] = {
    ValueType.TEXT: parse_text,
    ValueType.INTEGER: parse_whole_number,
    ValueType.NUMBER: parse_number,
    ValueType.DATE: parse_date,
    ValueType.BOOLEAN: parse_flag,
}


ID = Parameter("id", "标识 Identifier", {"type": "string"}, parse_text)


@cache
def attribute_parameters(layer: Layer, reader: Role) -> tuple[Parameter, ...]:
    """A parameter for the id and each attribute read: features that have the value (7.15.5)."""
    names = readable(layer, reader)
    return (ID, *(_attribute_parameter(layer.attribute(name)) for name in names))


def _attribute_parameter(attribute: Attribute) -> Parameter:
    schema: dict[str, object] = dict(SCHEMAS[attribute.type])
    parse = PARSERS[attribute.type]
    if attribute.codes is not None:
        schema["enum"] = list(attribute.codes)
        parse = partial(parse_code, tuple(attribute.codes))
    description = f"{attribute.title.zh} {attribute.title.en}"
    return Parameter(attribute.name, description, schema, parse)


SELECTION_PARAMETERS = (BBOX, BBOX_CRS, DATETIME, AS_KNOWN, FILTER, FILTER_LANG, FILTER_CRS)
RENDITION_PARAMETERS = (CRS, PROPERTIES, SKIP_GEOMETRY, TOLERANCE)

ITEM_PARAMETERS = (*RENDITION_PARAMETERS, AS_KNOWN)


@cache
def items_parameters(layer: Layer | None, reader: Role = Role.PUBLIC) -> tuple[Parameter, ...]:
    """What `/items` of a layer takes from a reader; without a layer, of any."""
    common = (
        LIMIT,
        RESULT_TYPE,
        *SELECTION_PARAMETERS,
        SORTBY,
        AFTER,
        *RENDITION_PARAMETERS,
        FORMAT,
    )
    return common if layer is None else (*common, *attribute_parameters(layer, reader))


def items_query(layer: Layer, values: Mapping[str, Any], reader: Role = Role.PUBLIC) -> ItemsQuery:
    """The page that the values of the parameters ask for.

    Raises:
        InvalidParameterError: values that are well formed but mean nothing for this layer.
    """
    order = parse_order(layer, values["sortby"], reader) if "sortby" in values else ()
    return ItemsQuery(
        limit=values.get("limit", DEFAULT_LIMIT),
        selection=selection_of(layer, values, reader),
        order=order,
        after=values.get("after"),
        rendition=rendition_of(layer, values, reader),
    )


def selection_of(layer: Layer, values: Mapping[str, Any], reader: Role = Role.PUBLIC) -> Selection:
    """Which features are asked for.

    Raises:
        InvalidFilterError: `filter` is none of this layer.
    """
    selection = Selection(
        interval=values.get("datetime", (None, None)),
        filters=tuple(_filters(layer, values, reader)),
        as_known=values.get("as_known"),
        reader=reader,
    )
    if "bbox" in values:
        return _with_box(selection, values["bbox"], values.get("bbox-crs", CRS84))
    return selection


def _filters(layer: Layer, values: Mapping[str, Any], reader: Role) -> Iterator[Condition]:
    """Values of attributes, and the expression; both must hold (Part 3, /req/filter/mixing)."""
    names = (ID.name, *readable(layer, reader))
    wanted = tuple((name, values[name]) for name in names if name in values)
    if wanted:
        yield Equality(wanted)
    if "filter" in values:
        language = values.get("filter-lang", Language.TEXT)
        crs = values.get("filter-crs", CRS84)
        yield _expression(layer, values["filter"], language, crs, reader)


@lru_cache(maxsize=500)
def _expression(layer: Layer, text: str, language: Language, crs: Crs, reader: Role) -> Filter:
    return Filter.parse(layer, text, language, literal_crs=crs, role=reader)


def _with_box(selection: Selection, box: BBox, crs: Crs) -> Selection:
    """Boxes in degrees may cross the antimeridian; others become a polygon of the store's CRS."""
    if not crs.is_geographic:
        if box.west > box.east or box.south > box.north:
            raise InvalidParameterError("bbox", str(tuple(box)), "corners must be in order")
        return replace(selection, area=box_in_store(box, crs))
    ordered = BBox(box.south, box.west, box.north, box.east) if crs.flipped else box
    if not (-180 <= ordered.west <= 180 and -180 <= ordered.east <= 180):
        raise InvalidParameterError(
            "bbox", str(tuple(box)), "longitudes must lie between -180 and 180"
        )
    if not -90 <= ordered.south <= ordered.north <= 90:
        raise InvalidParameterError(
            "bbox", str(tuple(box)), "latitudes must lie between -90 and 90, south before north"
        )
    return replace(selection, bbox=ordered)


def rendition_of(layer: Layer, values: Mapping[str, Any], reader: Role = Role.PUBLIC) -> Rendition:
    """How features are to be written."""
    return Rendition(
        crs=values.get("crs", CRS84),
        properties=_properties(layer, values.get("properties"), reader),
        with_geometry=not values.get("skipGeometry", False),
        tolerance_m=values.get("max-allowable-offset"),
    )


def _properties(
    layer: Layer, names: tuple[str, ...] | None, reader: Role
) -> tuple[str, ...] | None:
    """Names in the order of the declaration, each once; None: what the stored text holds."""
    known = readable(layer, reader)
    if names is None:
        public = known == public_names(layer) and not tells_more(layer, reader)
        return None if public else known
    for name in names:
        if name not in known:
            allowed = f"no attribute {name!r}; attributes are {', '.join(known)}"
            raise InvalidParameterError("properties", ",".join(names), allowed)
    return tuple(name for name in known if name in names)
