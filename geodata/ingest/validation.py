"""Validation of raw features by the rules of the layer's declaration."""

import re
import reprlib
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from shapely.geometry.base import BaseGeometry

from geodata.database.tables import ID_PATTERN
from geodata.errors import InvalidGeometryError
from geodata.ingest.finding import Finding
from geodata.ingest.geojson import RawFeature
from geodata.ingest.geometry import read_geometry
from layers.attribute import NUMBERS, Attribute, ValueType
from layers.layer import Layer
from layers.text import Text

LONGEST_SHOWN = 80

SHORT = reprlib.Repr()
"""Shows values of any depth and length."""
SHORT.maxstring = SHORT.maxother = LONGEST_SHOWN

UNSTORABLE = re.compile("[\0\ud800-\udfff]")
"""NUL, which PostgreSQL cannot store, and halves of surrogate pairs, which are no characters."""

Value = str | int | float | bool | date | None


@dataclass(frozen=True)
class Feature:
    """A feature that meets its layer's declaration: id, typed values by name, geometry."""

    id: str
    values: Mapping[str, Value]
    geometry: BaseGeometry | None


@dataclass(frozen=True)
class Checked:
    """The features that passed, in file order, and the findings on those that did not."""

    features: tuple[Feature, ...]
    findings: tuple[Finding, ...]


def validate(
    layer: Layer, raw: Sequence[RawFeature], areas: Mapping[str, str] | None = None
) -> Checked:
    """Check every rule of the declaration on every feature.

    Args:
        layer: the declaration.
        raw: features as read.
        areas: area id -> layer id, of all areas that references may name; None leaves
            references to the database's foreign keys.
    """
    features, findings = [], []
    seen: dict[str, set[object]] = {name: set() for name in _unique_fields(layer)}
    for item in raw:
        found = list(_breaches(layer, item, areas))
        found += _repetitions(item, seen)
        if found:
            findings += [_finding(item, breach) for breach in found]
        else:
            features.append(_typed(layer, item))
    return Checked(tuple(features), tuple(findings))


@dataclass(frozen=True)
class _Breach:
    field: str
    value: object
    rule: str
    message: Text


def _finding(item: RawFeature, breach: _Breach) -> Finding:
    return Finding(
        file=item.file,
        row=item.row,
        field=_shortened(_printable(breach.field)),
        value=shown(breach.value),
        rule=breach.rule,
        message=breach.message,
    )


def shown(value: object) -> str:
    """A value as findings show it: of any depth and length, on one short line."""
    return _shortened(SHORT.repr(value))


def _shortened(shown: str) -> str:
    return shown if len(shown) <= LONGEST_SHOWN else shown[: LONGEST_SHOWN - 1] + "…"


def _printable(name: str) -> str:
    """A name as any file or terminal can take it: JSON may hold half of a surrogate pair."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def _breaches(layer: Layer, item: RawFeature, areas: Mapping[str, str] | None) -> Iterator[_Breach]:
    yield from _id_breaches(item.id)
    yield from _unknown_fields(layer, item)
    for attribute in layer.all_attributes:
        yield from _value_breaches(attribute, item.properties.get(attribute.name), areas)
    yield from _validity_breaches(item)
    yield from _geometry_breaches(layer, item)


def _id_breaches(feature_id: object) -> Iterator[_Breach]:
    if not isinstance(feature_id, str) or not re.fullmatch(ID_PATTERN, feature_id):
        allowed = Text(f"须为文本，符合 {ID_PATTERN}", f"must be text matching {ID_PATTERN}")
        yield _Breach("id", feature_id, "id", allowed)


def _unknown_fields(layer: Layer, item: RawFeature) -> Iterator[_Breach]:
    known = [attribute.name for attribute in layer.all_attributes]
    for name in item.properties:
        if name not in known:
            names = ", ".join(known)
            allowed = Text(f"无此字段；字段为 {names}", f"no such field; fields are {names}")
            yield _Breach(name, item.properties[name], "unknown-field", allowed)


def _value_breaches(
    attribute: Attribute, value: object, areas: Mapping[str, str] | None
) -> Iterator[_Breach]:
    if value is None:
        if attribute.required:
            message = Text("必填", "is required")
            yield _Breach(attribute.name, value, "required", message)
        return
    reader = TYPE_RULES[attribute.type]
    if reader.parse(value) is None:
        yield _Breach(attribute.name, value, "type", reader.allowed)
        return
    for rule in VALUE_RULES:
        if (allowed := rule.broken(attribute, value)) is not None:
            yield _Breach(attribute.name, value, rule.name, allowed)
    yield from _reference_breaches(attribute, value, areas)


def _reference_breaches(
    attribute: Attribute, value: object, areas: Mapping[str, str] | None
) -> Iterator[_Breach]:
    if not attribute.references or areas is None:
        return
    if areas.get(str(value)) not in attribute.references:
        names = ", ".join(attribute.references)
        allowed = Text(
            f"须为以下图层中某要素的标识：{names}", f"must be the id of a feature of {names}"
        )
        yield _Breach(attribute.name, value, "reference", allowed)


def _validity_breaches(item: RawFeature) -> Iterator[_Breach]:
    start, end = (_parse_date(item.properties.get(name)) for name in ("valid_from", "valid_to"))
    if start is not None and end is not None and end < start:
        allowed = Text("不得早于 valid_from", f"must not be before valid_from {start}")
        yield _Breach("valid_to", str(end), "valid-period", allowed)


def _geometry_breaches(layer: Layer, item: RawFeature) -> Iterator[_Breach]:
    if item.geometry is None:
        if layer.geometry_required:
            yield _Breach("geometry", None, "required", Text("必填", "is required"))
        return
    try:
        read_geometry(item.geometry, layer.geometry)
    except InvalidGeometryError as error:
        message = Text(f"几何错误：{error}", str(error))
        yield _Breach("geometry", item.geometry.get("type"), "geometry", message)


def _unique_fields(layer: Layer) -> tuple[str, ...]:
    return ("id", *(attribute.name for attribute in layer.all_attributes if attribute.unique))


def _repetitions(item: RawFeature, seen: dict[str, set[object]]) -> Iterator[_Breach]:
    for name, values in seen.items():
        value = item.id if name == "id" else item.properties.get(name)
        if value is None or isinstance(value, dict | list):
            continue
        if value in values:
            message = Text("在文件中重复", "occurs twice in the file")
            yield _Breach(name, value, "unique", message)
        values.add(value)


def _typed(layer: Layer, item: RawFeature) -> Feature:
    values = {
        attribute.name: _typed_value(attribute, item.properties.get(attribute.name))
        for attribute in layer.all_attributes
    }
    geometry = None if item.geometry is None else read_geometry(item.geometry, layer.geometry)
    return Feature(str(item.id), values, geometry)


def _typed_value(attribute: Attribute, value: object) -> Value:
    return None if value is None else TYPE_RULES[attribute.type].parse(value)


@dataclass(frozen=True)
class _TypeRule:
    """How a JSON value of a type is read; None where it is none of that type."""

    parse: Callable[[object], Value]
    allowed: Text


def _parse_text(value: object) -> Value:
    """Text that can be stored; an empty or blank text is no value."""
    if not isinstance(value, str) or not value.strip() or UNSTORABLE.search(value):
        return None
    return value


def _parse_integer(value: object) -> Value:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if -(2**31) <= value < 2**31 else None


def _parse_number(value: object) -> Value:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return float(value) if abs(value) <= sys.float_info.max else None


def _parse_date(value: object) -> date | None:
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _parse_boolean(value: object) -> Value:
    return value if isinstance(value, bool) else None


TYPE_RULES = {
    ValueType.TEXT: _TypeRule(_parse_text, Text("须为非空文本", "must be non-empty text")),
    ValueType.INTEGER: _TypeRule(
        _parse_integer, Text("须为整数（32位）", "must be a whole number of 32 bits")
    ),
    ValueType.NUMBER: _TypeRule(_parse_number, Text("须为有限数值", "must be a finite number")),
    ValueType.DATE: _TypeRule(
        _parse_date, Text("须为日期 YYYY-MM-DD", "must be a date YYYY-MM-DD")
    ),
    ValueType.BOOLEAN: _TypeRule(
        _parse_boolean, Text("须为 true 或 false", "must be true or false")
    ),
}


@dataclass(frozen=True)
class ValueRule:
    """A rule on a value of the right type.

    Args:
        name: name of a row of `RULES`.
        applies: whether an attribute has the rule at all.
        broken: what is allowed, when a value breaks the rule.
    """

    name: str
    applies: Callable[[Attribute], bool]
    broken: Callable[[Attribute, object], Text | None]


def _broken_codes(attribute: Attribute, value: object) -> Text | None:
    if attribute.codes is None or value in attribute.codes.codes:
        return None
    names = ", ".join(attribute.codes)
    return Text(f"须为 {names} 之一", f"must be one of {names}")


def _broken_pattern(attribute: Attribute, value: object) -> Text | None:
    if attribute.pattern is None or re.fullmatch(attribute.pattern, str(value)):
        return None
    return Text(f"须符合 {attribute.pattern}", f"must match {attribute.pattern}")


def _broken_length(attribute: Attribute, value: object) -> Text | None:
    if not isinstance(value, str) or len(value) <= attribute.max_length:
        return None
    most = attribute.max_length
    return Text(f"最多 {most} 个字符", f"must have at most {most} characters")


def _broken_range(attribute: Attribute, value: object) -> Text | None:
    if not isinstance(value, int | float):
        return None
    low, high = attribute.minimum, attribute.maximum
    if (low is None or value >= low) and (high is None or value <= high):
        return None
    bounds = f"{'' if low is None else f'{low:g}'}..{'' if high is None else f'{high:g}'}"
    return Text(f"须在 {bounds} 之内", f"must lie in {bounds}")


VALUE_RULES = (
    ValueRule("codes", lambda each: each.codes is not None, _broken_codes),
    ValueRule("pattern", lambda each: each.pattern is not None, _broken_pattern),
    ValueRule("length", lambda each: each.type is ValueType.TEXT, _broken_length),
    ValueRule("range", lambda each: each.type in NUMBERS, _broken_range),
)
