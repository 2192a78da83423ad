"""KML 2.2 (OGC 07-147r2): WGS 84, longitude first; CGCS2000 agrees within about a metre.

Geometries come as KML from PostGIS. Characters that XML 1.0 cannot carry become U+FFFD; a missing
value has no element.
"""

import re
from datetime import date
from typing import BinaryIO
from xml.sax.saxutils import escape, quoteattr

from geodata.formats.rows import Rows
from layers.attribute import Attribute, ValueType
from layers.style import Style

FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

TYPES = {
    ValueType.TEXT: "string",
    ValueType.INTEGER: "int",
    ValueType.NUMBER: "double",
    ValueType.DATE: "string",
    ValueType.BOOLEAN: "bool",
}
"""Types of `SimpleField` (9.9); it knows none for dates."""


def encode(rows: Rows, file: BinaryIO) -> None:
    """A document with a schema, a style and a placemark a feature."""
    file.write(_head(rows).encode())
    for row in rows.tuples():
        file.write(FORBIDDEN.sub("\ufffd", _placemark(rows, row)).encode())
    file.write(b"</Document>\n</kml>\n")


def _head(rows: Rows) -> str:
    title = rows.layer.title
    fields = "".join(_field(each) for each in rows.fields)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<kml xmlns="http://www.opengis.net/kml/2.2">\n'
        f"<Document><name>{escape(title.zh)} {escape(title.en)}</name>\n"
        f"{_style(rows.layer.style)}\n"
        f'<Schema name="{rows.layer.id}" id="schema">{fields}</Schema>\n'
    )


def _field(attribute: Attribute) -> str:
    label = escape(f"{attribute.title.zh} {attribute.title.en}")
    return (
        f'<SimpleField type="{TYPES[attribute.type]}" name="{attribute.name}">'
        f"<displayName>{label}</displayName></SimpleField>"
    )


def _style(style: Style) -> str:
    """Colours are aabbggrr (16.12)."""
    colour = "".join(style.colour[at : at + 2] for at in (5, 3, 1))
    fill = f"{round(style.fill_opacity * 255):02x}{colour}"
    return (
        f'<Style id="style"><IconStyle><color>ff{colour}</color></IconStyle>'
        f"<LineStyle><color>ff{colour}</color><width>{style.width}</width></LineStyle>"
        f"<PolyStyle><color>{fill}</color></PolyStyle></Style>"
    )


def _placemark(rows: Rows, row: tuple[object, ...]) -> str:
    *fields, geometry = row
    values = {each.name: value for each, value in zip(rows.fields, fields, strict=True)}
    data = "".join(
        f'<SimpleData name="{name}">{_text(value)}</SimpleData>'
        for name, value in values.items()
        if value is not None
    )
    return (
        f"<Placemark id={quoteattr(f'{rows.layer.id}.{row[0]}')}>"
        f"<name>{_text(values.get('name_zh') or row[0])}</name>"
        f"{_time(values.get('valid_from'), values.get('valid_to'))}"
        "<styleUrl>#style</styleUrl>"
        f'<ExtendedData><SchemaData schemaUrl="#schema">{data}</SchemaData></ExtendedData>'
        f"{geometry.decode() if isinstance(geometry, bytes) else ''}</Placemark>\n"
    )


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return escape(str(value))


def _time(start: object, end: object) -> str:
    """Valid time (10.6)."""
    begin = f"<begin>{start}</begin>" if isinstance(start, date) else ""
    finish = f"<end>{end}</end>" if isinstance(end, date) else ""
    return f"<TimeSpan>{begin}{finish}</TimeSpan>" if begin or finish else ""
