"""Order of features and paging by key: every order is total, since it ends with the id."""

import base64
import binascii
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import (
    ColumnElement,
    FromClause,
    and_,
    bindparam,
    false,
    nulls_last,
    or_,
)

from geodata.database.representation import readable
from geodata.errors import GeodataError
from layers.attribute import Attribute, Role, ValueType
from layers.layer import Layer

MOST_KEYS = 5

Value = str | int | float | bool | date | None


class InvalidOrderError(GeodataError):
    """A sort key that is no sortable attribute."""


class InvalidKeyError(GeodataError):
    """A page key that does not belong to this order."""


@dataclass(frozen=True)
class SortKey:
    """One attribute to sort by; nulls come last either way."""

    name: str
    descending: bool = False


def sortables(layer: Layer, role: Role = Role.PUBLIC) -> tuple[str, ...]:
    """What a layer can be sorted by: the id and the attributes that a role may read."""
    return ("id", *readable(layer, role))


def parse_order(layer: Layer, text: str, role: Role = Role.PUBLIC) -> tuple[SortKey, ...]:
    """Sort keys of `name,-other,+third` (OGC API - Features Part 5, sortby).

    Keys behind the id are left out: no two features share an id.

    Raises:
        InvalidOrderError: not sortable, given twice, or too many.
    """
    keys = tuple(_parse_key(part) for part in text.split(","))
    names = [key.name for key in keys]
    allowed = sortables(layer, role)
    for name in names:
        if name not in allowed:
            raise InvalidOrderError(f"cannot sort by {name!r}; sortable are {', '.join(allowed)}")
        if names.count(name) > 1:
            raise InvalidOrderError(f"{name!r} is given twice")
    if len(keys) > MOST_KEYS:
        raise InvalidOrderError(f"has {len(keys)} keys; at most {MOST_KEYS} are allowed")
    return keys[: names.index("id") + 1] if "id" in names else keys


def _parse_key(part: str) -> SortKey:
    """A plus sign may arrive as the space that it means in a query string."""
    name = part.strip()
    return SortKey(name.lstrip("+-"), descending=name.startswith("-"))


def order_clauses(rows: FromClause, order: Sequence[SortKey]) -> Iterator[ColumnElement[object]]:
    """ORDER BY, ending with the id."""
    for key in order:
        column = rows.c[key.name]
        yield nulls_last(column.desc() if key.descending else column.asc())
    if not order or order[-1].name != "id":
        yield rows.c.id


def after_clause(rows: FromClause, order: Sequence[SortKey]) -> ColumnElement[bool]:
    """Rows behind the one whose values are bound as `key_0`, `key_1`, ... and `key_id`."""
    if not order:
        return rows.c.id > bindparam("key_id", type_=rows.c.id.type)
    keys = [key for key in order if key.name != "id"]
    behind: ColumnElement[bool] = false()
    equal: list[ColumnElement[bool]] = []
    for number, key in enumerate(keys):
        column = rows.c[key.name]
        value = bindparam(f"key_{number}", type_=column.type)
        behind = or_(behind, and_(*equal, _strictly_behind(column, value, key)))
        equal.append(column.is_not_distinct_from(value))
    identity = bindparam("key_id", type_=rows.c.id.type)
    descending = order[-1].name == "id" and order[-1].descending
    further = rows.c.id < identity if descending else rows.c.id > identity
    return or_(behind, and_(*equal, further))


def _strictly_behind(
    column: ColumnElement[object], value: ColumnElement[object], key: SortKey
) -> ColumnElement[bool]:
    """Behind in the key's direction; NULL is behind every value and nothing behind NULL."""
    further = column < value if key.descending else column > value
    return or_(further, and_(column.is_(None), value.is_not(None)))


def encode_key(order: Sequence[SortKey], row: Mapping[str, Value]) -> str:
    """The page key of a row: its id in the plain order, else its sort values and id."""
    if not order:
        return str(row["id"])
    values = [_plain(row[key.name]) for key in order if key.name != "id"]
    text = json.dumps([*values, row["id"]], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_key(layer: Layer, order: Sequence[SortKey], text: str) -> dict[str, Value]:
    """Bind values of a page key.

    Raises:
        InvalidKeyError: not a key of this order.
    """
    if not order:
        return {"key_id": text}
    names = [key.name for key in order if key.name != "id"]
    values = _decoded(text)
    if len(values) != len(names) + 1 or not isinstance(values[-1], str):
        raise InvalidKeyError("is no key of this order; follow the `next` link")
    typed = [
        _typed(layer.attribute(name), value) for name, value in zip(names, values[:-1], strict=True)
    ]
    return {f"key_{number}": value for number, value in enumerate(typed)} | {"key_id": values[-1]}


def _plain(value: Value) -> Value:
    return value.isoformat() if isinstance(value, date) else value


def _decoded(text: str) -> list[Value]:
    try:
        padded = text + "=" * (-len(text) % 4)
        values = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        raise InvalidKeyError("is no page key; follow the `next` link") from None
    return values if isinstance(values, list) else []


TYPES: Mapping[ValueType, type | tuple[type, ...]] = {
    ValueType.TEXT: str,
    ValueType.INTEGER: int,
    ValueType.NUMBER: (int, float),
    ValueType.DATE: str,
    ValueType.BOOLEAN: bool,
}


def _typed(attribute: Attribute, value: Value) -> Value:
    """A key's value in the attribute's type, so that the database never sees another."""
    if value is None:
        return None
    mistaken = isinstance(value, bool) is not (attribute.type is ValueType.BOOLEAN)
    if mistaken or not isinstance(value, TYPES[attribute.type]):
        raise InvalidKeyError(f"holds {value!r} for {attribute.name}; follow the `next` link")
    try:
        return date.fromisoformat(str(value)) if attribute.type is ValueType.DATE else value
    except ValueError:
        raise InvalidKeyError(f"holds {value!r} for {attribute.name}, no date") from None
