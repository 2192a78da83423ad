"""Functions of filters: an allow-list; whatever is not on it is refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Double, Integer, func

from geodata.features.cql2 import folding
from geodata.features.cql2.operators import Element, Operator
from geodata.features.cql2.tree import Kind
from layers.text import Text


@dataclass(frozen=True)
class Function:
    """A function that filters may call.

    Args:
        title: what it gives, in both languages.
        parameters: names of the arguments.
        operator: their types, the type of the result, and the SQL.
    """

    title: Text
    parameters: tuple[str, ...]
    operator: Operator


def _lower(text: Element) -> Element:
    return folding.collated(folding.lower(text), folding.CODE_POINTS)


def _upper(text: Element) -> Element:
    return folding.collated(folding.upper(text), folding.CODE_POINTS)


def _char_length(text: Element) -> Element:
    return func.char_length(text, type_=Integer)


def _area_m2(geometry: Element) -> Element:
    return func.ST_Area(func.geography(geometry), type_=Double)


def _length_m(geometry: Element) -> Element:
    return func.ST_Length(func.geography(geometry), type_=Double)


FUNCTIONS: Mapping[str, Function] = {
    "lower": Function(
        Text("小写形式", "Text in lower case"),
        ("text",),
        Operator((Kind.TEXT,), Kind.TEXT, _lower, levels=2),
    ),
    "upper": Function(
        Text("大写形式", "Text in upper case"),
        ("text",),
        Operator((Kind.TEXT,), Kind.TEXT, _upper, levels=2),
    ),
    "char_length": Function(
        Text("字符数", "Number of characters"),
        ("text",),
        Operator((Kind.TEXT,), Kind.INTEGER, _char_length),
    ),
    "area_m2": Function(
        Text("椭球面积（平方米）", "Area on the ellipsoid in square metres"),
        ("geometry",),
        Operator((Kind.GEOMETRY,), Kind.NUMBER, _area_m2),
    ),
    "length_m": Function(
        Text("椭球面上线的长度（米）", "Length of lines on the ellipsoid in metres"),
        ("geometry",),
        Operator((Kind.GEOMETRY,), Kind.NUMBER, _length_m),
    ),
}

DOCUMENTED: Mapping[Kind, str] = {
    Kind.TEXT: "string",
    Kind.INTEGER: "integer",
    Kind.NUMBER: "number",
    Kind.DATE: "datetime",
    Kind.BOOLEAN: "boolean",
    Kind.GEOMETRY: "geometry",
}
"""Names of the types in the document of functions."""


def functions_document() -> dict[str, Any]:
    """The functions resource (OGC 21-065r2, /req/functions/get-functions-response-json)."""
    return {"functions": [_described(name, each) for name, each in FUNCTIONS.items()]}


def _described(name: str, function: Function) -> dict[str, Any]:
    arguments = zip(function.parameters, function.operator.arguments, strict=True)
    return {
        "name": name,
        "description": f"{function.title.zh} {function.title.en}",
        "args": [{"title": title, "type": [DOCUMENTED[kind]]} for title, kind in arguments],
        "returns": [DOCUMENTED[function.operator.returns]],
    }
