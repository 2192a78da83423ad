"""What a Shapefile's parts can hold (dBASE III; ESRI, 1998)."""

from collections.abc import Iterable, Mapping

from layers.attribute import Attribute, ValueType

TEXT_BYTES = 254
"""Widest text."""

WIDTHS = {
    ValueType.INTEGER: 9,
    ValueType.NUMBER: 24,
    ValueType.DATE: 8,
    ValueType.BOOLEAN: 1,
}
"""Of fields as GDAL makes them; integers widen to 10 and 11 where they need it."""

LARGEST = 2**31 - 1
"""Bytes of each part (ESRI 1998: offsets are 32 bits signed; many readers stop there too)."""


def record_bytes(attributes: Iterable[Attribute], widths: Mapping[str, int]) -> int:
    """A row of the table: a mark, then the texts, then the other fields."""
    texts = (min(width, TEXT_BYTES) for width in widths.values())
    return 1 + sum(texts) + sum(WIDTHS.get(each.type, 0) for each in attributes)
