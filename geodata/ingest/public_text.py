"""Public GeoJSON text of point features, as PostgreSQL would write it, for whole batches.

Byte for byte what :mod:`geodata.database.representation` has the database write; it takes the
loading program's processor instead of the database's, which has enough to do meanwhile.
"""

import json
import math
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

from geodata.database.representation import COORDINATE_DIGITS, public_names
from geodata.ingest.copy import GEOMETRY
from layers.attribute import ValueType
from layers.layer import Geometry, Layer

Part: TypeAlias = str | Any
"""A constant, or an Arrow array with a text for each row."""

Numbers = NDArray[np.float64]

TEXT = pa.large_string()

ESCAPED = '["\\\\\x01-\x1f]'
"""Characters that JSON does not take as they are (RFC 8259, section 7)."""

SCALE = 10.0**COORDINATE_DIGITS

LAST_DIGIT = Decimal(1).scaleb(-COORDINATE_DIGITS)

WHOLE = 2.0**53
"""From here on doubles are whole numbers."""

DOUBT = 1e-3
"""Of the last decimal: nearer to half of it, a multiplied double does not tell on which side."""

POINT_RECORD = np.dtype([("order", "u1"), ("type", "<u4"), ("place", "<f8", 2)])
"""WKB of a point, little-endian (OGC 06-103r4, 8.2)."""

LEAST_PLAIN = 1e-3
"""Below, Arrow may write an exponent."""

POINT = '{"type":"Point","coordinates":'

PLAIN_EXPONENTS = range(-4, 15)
"""Of ten, in which PostgreSQL writes numbers without one (`%.15g`)."""


def has_texts(layer: Layer) -> bool:
    """Whether the texts of a layer's features can be made here."""
    return layer.geometry is Geometry.POINT


def public_texts(layer: Layer, batch: pa.RecordBatch) -> pa.Array:
    """The text of each row.

    Args:
        layer: of points.
        batch: `id`, any attributes and `geom` (WKB); what is not there is null in every row.
    """
    nothing = pa.scalar("", TEXT)
    return pc.binary_join_element_wise(*map(_operand, _merged(_parts(layer, batch))), nothing)


def _operand(part: Part) -> pa.Scalar | pa.Array:
    return pa.scalar(part, TEXT) if isinstance(part, str) else part.cast(TEXT)


def _parts(layer: Layer, batch: pa.RecordBatch) -> Iterator[Part]:
    kinds = {each.name: each.type for each in layer.all_attributes}
    yield '{"type":"Feature","id":'
    yield _quoted(batch.column("id"))
    yield ',"geometry":'
    if GEOMETRY in batch.schema.names:
        yield pc.fill_null(_points(batch.column(GEOMETRY)), "null")
    else:
        yield "null"
    yield ',"properties":{'
    for position, name in enumerate(public_names(layer)):
        yield f'{"," if position else ""}"{name}":'
        if name in batch.schema.names:
            yield pc.fill_null(JSON[kinds[name]](batch.column(name)), "null")
        else:
            yield "null"
    yield "}}"


def _merged(parts: Iterator[Part]) -> Iterator[Part]:
    """Constants that follow each other as one."""
    constant = ""
    for part in parts:
        if isinstance(part, str):
            constant += part
        else:
            yield from (constant, part)
            constant = ""
    yield constant


def _quoted(texts: pa.Array) -> pa.Array:
    """As `to_json(text)`; null stays null."""
    quoted = pc.binary_join_element_wise('"', texts, '"', "")
    odd = pc.fill_null(pc.match_substring_regex(texts, ESCAPED), False)
    if pc.any(odd).as_py():
        written = [json.dumps(text, ensure_ascii=False) for text in texts.filter(odd).to_pylist()]
        quoted = pc.replace_with_mask(quoted, odd, pa.array(written, quoted.type))
    return quoted


def _plain(values: pa.Array) -> pa.Array:
    return values.cast(pa.string())


def _dates(values: pa.Array) -> pa.Array:
    return _quoted(values.cast(pa.string()))


def _numbers(values: pa.Array) -> pa.Array:
    """As `float8out` writes them: the shortest digits that mean the number."""
    encoded = values.dictionary_encode()
    texts = [_number(value) for value in encoded.dictionary.to_pylist()]
    return pa.array(texts, pa.string()).take(encoded.indices)


def _number(value: float) -> str:
    digits = (_shortest_inside(value) if abs(value) >= WHOLE else Decimal(repr(value))).normalize()
    if digits.adjusted() in PLAIN_EXPONENTS:
        return f"{digits:f}"
    mantissa, _, exponent = f"{digits:e}".partition("e")
    return f"{mantissa}e{int(exponent):+03d}"


def _shortest_inside(value: float) -> Decimal:
    """The shortest digits nearer to a double than half way to the next one.

    Python takes those half way too, where they are read as the double again; PostgreSQL does not.
    """
    every = (Decimal(f"{value:.{count}e}") for count in range(17))
    half = Decimal(math.ulp(value)) / 2
    return next(
        each for each in every if float(each) == value and abs(each - Decimal(value)) < half
    )


def _points(column: pa.Array) -> pa.Array:
    """As `ST_AsGeoJSON` writes them; null stays null."""
    places = _places(column)
    nowhere = np.isnan(places[:, 0])
    x, y = map(_coordinates, np.where(nowhere[:, None], 0.0, places).T)
    texts = pc.binary_join_element_wise(f"{POINT}[", x, ",", y, "]}", "")
    if nowhere.any():
        texts = pc.if_else(pa.array(nowhere), f"{POINT}[]}}", texts)
    return texts if column.null_count == 0 else pc.if_else(column.is_valid(), texts, None)


def _places(column: pa.Array) -> Numbers:
    """Longitudes and latitudes, (n, 2), NaN where a point is empty or none is."""
    try:
        records = column.cast(pa.binary(POINT_RECORD.itemsize))
    except pa.ArrowInvalid:
        return _parsed_places(column)
    missing = np.asarray(records.is_null())
    rows = np.frombuffer(records.buffers()[1], POINT_RECORD)[records.offset :][: len(records)]
    if not (missing | ((rows["order"] == 1) & (rows["type"] == 1))).all():
        return _parsed_places(column)
    return np.where(missing[:, None], np.nan, rows["place"])


def _parsed_places(column: pa.Array) -> Numbers:
    shapes = shapely.from_wkb(column.to_numpy(zero_copy_only=False))
    places = np.full((len(shapes), 2), np.nan)
    places[~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)] = shapely.get_coordinates(
        shapes
    )
    return places


def _coordinates(values: Numbers) -> pa.Array:
    """Of so many decimals at most: Arrow's shortest digits of what is rounded to these.

    Half way between two, and for tiny ones, each is looked at by itself.
    """
    scaled = values * SCALE
    rounded = np.rint(scaled)
    halves = np.abs(np.abs(scaled - rounded) - 0.5) < DOUBT
    texts = pc.replace_substring_regex(pa.array(rounded / SCALE).cast(pa.string()), r"\.0$", "")
    odd = halves | (np.abs(values) < LEAST_PLAIN)
    if not odd.any():
        return texts
    written = [_coordinate(value) for value in values[odd].tolist()]
    return pc.replace_with_mask(texts, pa.array(odd), pa.array(written, texts.type))


def _coordinate(value: float) -> str:
    """The shortest digits rounded half to even, as PostGIS does; tiny ones with an exponent."""
    digits = Decimal(repr(value))
    if value and abs(value) <= 1 / SCALE:
        return f"{digits.normalize():e}"
    return f"{digits.quantize(LAST_DIGIT):f}".rstrip("0").rstrip(".") if value else "0"


JSON: dict[ValueType, Callable[[pa.Array], pa.Array]] = {
    ValueType.TEXT: _quoted,
    ValueType.INTEGER: _plain,
    ValueType.NUMBER: _numbers,
    ValueType.DATE: _dates,
    ValueType.BOOLEAN: _plain,
}
