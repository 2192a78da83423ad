"""CQL2 JSON (OGC 21-065r2, Annex C): the same expressions as an object."""

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from geodata.features.cql2.error import InvalidFilterError, shown
from geodata.features.cql2.instant import read_date, read_instant, read_timestamp
from geodata.features.cql2.limits import MAX_DEPTH
from geodata.features.cql2.number import finite
from geodata.features.cql2.syntax import Call, Constant, Items, Name, Span, Spatial, Syntax

Members = Mapping[str, Any]


def parse_json(text: str) -> Syntax:
    """The expression of a CQL2 JSON text; places are JSON pointers.

    Raises:
        InvalidFilterError: no JSON, or no CQL2 JSON.
    """
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise InvalidFilterError("", f"is no JSON: {error}") from error
    return _node(document, "", 0)


def _node(value: object, place: str, depth: int) -> Syntax:
    if depth > MAX_DEPTH:
        raise InvalidFilterError(place, f"nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, bool | str):
        return Constant(value, place=place)
    if isinstance(value, int | float):
        return Constant(finite(value, place), place=place)
    if isinstance(value, list):
        return Items(_nodes(value, place, depth), place=place)
    if isinstance(value, dict):
        return _object(value, place, depth)
    raise InvalidFilterError(place, "null is no value; use the operator isNull")


def _nodes(values: list[object], place: str, depth: int) -> tuple[Syntax, ...]:
    return tuple(_node(each, f"{place}/{number}", depth + 1) for number, each in enumerate(values))


def _object(value: Members, place: str, depth: int) -> Syntax:
    for member, (others, read) in OBJECTS.items():
        if member in value:
            _refuse_others(value, (member, *others), place)
            return read(value, place, depth)
    raise InvalidFilterError(
        place, f"{shown(dict(value))} is no expression; it must have one of {', '.join(OBJECTS)}"
    )


def _refuse_others(value: Members, known: tuple[str, ...], place: str) -> None:
    if unknown := sorted(set(value) - set(known)):
        raise InvalidFilterError(
            place, f"unknown member {shown(unknown[0])}; beside {known[0]}: {', '.join(known[1:])}"
        )


def _call(value: Members, place: str, depth: int) -> Syntax:
    op, args = value["op"], value.get("args")
    if not isinstance(op, str):
        raise InvalidFilterError(f"{place}/op", f"{shown(op)} is no operator")
    if not isinstance(args, list):
        raise InvalidFilterError(f"{place}/args", f"{shown(args)} is no list of operands")
    return Call(op.lower(), _nodes(args, f"{place}/args", depth), place=place)


def _name(value: Members, place: str, _depth: int) -> Syntax:
    name = value["property"]
    if not isinstance(name, str):
        raise InvalidFilterError(f"{place}/property", f"{shown(name)} is no name")
    return Name(name, place=place)


def _date(value: Members, place: str, _depth: int) -> Syntax:
    return Constant(read_date(value["date"], place), place=place)


def _timestamp(value: Members, place: str, _depth: int) -> Syntax:
    return Constant(read_timestamp(value["timestamp"], place), place=place)


def _interval(value: Members, place: str, depth: int) -> Syntax:
    ends = value["interval"]
    if not isinstance(ends, list) or len(ends) != 2:
        raise InvalidFilterError(place, f"the interval {shown(ends)} must be a list of two ends")
    return Span(_end(ends[0], place, depth), _end(ends[1], place, depth), place=place)


def _end(value: object, place: str, depth: int) -> Syntax | None:
    if isinstance(value, dict):
        return _node(value, place, depth + 1)
    instant = read_instant(value, place)
    return None if instant is None else Constant(instant, place=place)


def _spatial(value: Members, place: str, _depth: int) -> Syntax:
    return Spatial(value, place=place)


OBJECTS: Mapping[str, tuple[tuple[str, ...], Callable[[Members, str, int], Syntax]]] = {
    "op": (("args",), _call),
    "property": ((), _name),
    "date": ((), _date),
    "timestamp": ((), _timestamp),
    "interval": ((), _interval),
    "type": (("coordinates", "geometries", "bbox"), _spatial),
    "bbox": ((), _spatial),
}
"""Member that tells what an object is -> the other members allowed, and its reader."""
