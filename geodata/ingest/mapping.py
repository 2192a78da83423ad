"""Which column of a file is which field of a layer, and which columns say where a row is."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from geodata.formats.fields import ID, LAT, LON, WKT, short_names
from geodata.ingest.geojson import UnreadableFileError
from geodata.ingest.source import Encoding, Place, Source
from layers.attribute import Attribute
from layers.layer import Geometry, Layer
from layers.text import Text

GEOMETRY_FIELDS = ("lon", "lat", "geometry", "geocode")
"""Fields of `--map` beside id and attributes; `geocode` is an address to be located."""

X_NAMES = ("lon", "lng", "long", "longitude", "x", "经度", "东坐标", "横坐标", *LON)
Y_NAMES = ("lat", "latitude", "y", "纬度", "北坐标", "纵坐标", *LAT)
SHAPE_NAMES = ("wkt", "geometry", "geom", "the_geom", "geojson", "shape", "几何", *WKT)
ADDRESS_NAMES = ("address", "地址", "详细地址", "注册地址", "经营地址", "通讯地址", "住所")

ID_SYNONYMS = ("id", "编号", "fid", "objectid", "gid", "geonameid", "osm_id")


class UnknownColumnError(UnreadableFileError):
    """A column or a field that was named and is not there."""


@dataclass(frozen=True)
class Columns:
    """Columns of a file by the fields of the layer.

    Args:
        fields: field (`id` or an attribute's name) -> column.
        place: where a row is.
        ignored: columns that no field takes.
    """

    fields: Mapping[str, str]
    place: Place
    ignored: tuple[str, ...] = field(default=())


def map_columns(layer: Layer, source: Source, named: Mapping[str, str]) -> Columns:
    """Columns by name, title or synonym of the fields; what the operator names comes first.

    Args:
        named: column -> field, as `--map COLUMN=FIELD` gives them; an empty field leaves a
            column out.

    Raises:
        UnknownColumnError: a named column or field is not there; lists those that are.
    """
    _check_named(layer, source, named)
    free = [name for name in source.columns if name not in named]
    fields = {target: column for column, target in named.items() if target in field_names(layer)}
    for ranked in _ranks(layer):
        for column in free:
            target = ranked.get(normal(column))
            if target is not None and target not in fields:
                fields[target] = column
    place = _place(layer, source, {target: column for column, target in named.items()})
    used = {*fields.values(), *place.columns, *(name for name, into in named.items() if not into)}
    return Columns(fields, place, tuple(name for name in source.columns if name not in used))


def field_names(layer: Layer) -> list[str]:
    """`id`, then the attributes."""
    return ["id", *(each.name for each in layer.all_attributes)]


def title_of(layer: Layer, name: str) -> Text:
    """Title of a field."""
    titles = {each.name: each.title for each in (ID, *layer.all_attributes)}
    return titles.get(name, Text(name, name))


def normal(header: str) -> str:
    """A header without what people vary: width, case, blanks, line breaks, units in brackets."""
    plain = unicodedata.normalize("NFKC", header).casefold()
    plain = plain.partition("(")[0] or plain
    return "".join(character for character in plain if not character.isspace() and character != "*")


def _check_named(layer: Layer, source: Source, named: Mapping[str, str]) -> None:
    allowed = (*field_names(layer), *GEOMETRY_FIELDS)
    for column, target in named.items():
        if column not in source.columns:
            names = ", ".join(source.columns)
            raise UnknownColumnError(f"{source.file}: no column {column!r}; there are {names}")
        if target and target not in allowed:
            raise UnknownColumnError(
                f"{layer.id} has no field {target!r}; there are {', '.join(allowed)}"
            )
    targets = [target for target in named.values() if target]
    if twice := sorted({each for each in targets if targets.count(each) > 1}):
        raise UnknownColumnError(f"two columns are named for {', '.join(twice)}")


def _ranks(layer: Layer) -> Iterator[dict[str, str]]:
    """Headers, normal, by field: exact names before titles before synonyms."""
    attributes = (ID, *layer.all_attributes)
    yield {normal(each.name): each.name for each in attributes}
    yield _headers((each, _titles(each.title)) for each in attributes)
    yield _headers((each, each.synonyms) for each in attributes)
    yield {normal(name): "id" for name in ID_SYNONYMS}
    names = [each.name for each in attributes]
    yield dict(zip(map(normal, short_names(names)), names, strict=True))


def _titles(title: Text) -> tuple[str, ...]:
    """As our own workbooks write them, and each language by itself."""
    return (f"{title.zh}{title.en}", *title)


def _headers(rows: Iterable[tuple[Attribute, Sequence[str]]]) -> dict[str, str]:
    return {normal(header): each.name for each, headers in rows for header in headers}


def _place(layer: Layer, source: Source, named: Mapping[str, str]) -> Place:
    """As named, as the format says, or by the names of columns: shapes, coordinates, addresses."""
    if "geocode" in named:
        return Place(Encoding.ADDRESS, (named["geocode"],))
    if "geometry" in named:
        return _shape_column(source, named["geometry"])
    if "lon" in named and "lat" in named:
        return Place(Encoding.XY, (named["lon"], named["lat"]))
    if source.place.encoding is not Encoding.NONE:
        return source.place
    return _place_by_name(layer, source)


def _place_by_name(layer: Layer, source: Source) -> Place:
    columns = {normal(name): name for name in reversed(source.columns)}
    x, y, shape, address = (
        next((columns[key] for key in map(normal, names) if key in columns), None)
        for names in (X_NAMES, Y_NAMES, _SHAPES, ADDRESS_NAMES)
    )
    is_point = layer.geometry is Geometry.POINT
    # Who mends a table mends the numbers, not the text beside them.
    if is_point and x is not None and y is not None:
        return Place(Encoding.XY, (x, y))
    if shape is not None and (found := _shape_column(source, shape)).encoding is not Encoding.NONE:
        return found
    if not is_point:
        return Place(Encoding.NONE)
    return Place(Encoding.ADDRESS, (address,)) if address is not None else Place(Encoding.NONE)


_SHAPES = (*SHAPE_NAMES, f"{WKT.zh}{WKT.en}")


def _shape_column(source: Source, column: str) -> Place:
    """WKT or GeoJSON, as the first value that is there shows."""
    for chunk in source.table.column(column).chunks:
        for value in chunk:
            if value.is_valid:
                text = str(value.as_py()).lstrip()
                return Place(Encoding.GEOJSON if text.startswith("{") else Encoding.WKT, (column,))
    return Place(Encoding.NONE)
