"""Values of a file's columns as the declaration's types; each distinct value is judged once.

A table holds few districts and many names: what a rule says of a value is found out for each
distinct one, and then known of all rows that have it.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from geodata.database.tables import ID_PATTERN
from geodata.ingest.codes import breaches
from geodata.ingest.copy import ARROW_TYPES
from geodata.ingest.rules import RULES, Severity
from geodata.ingest.validation import TYPE_RULES, UNSTORABLE, VALUE_RULES, ValueRule, shown
from layers.attribute import Attribute, Scheme, ValueType
from layers.text import Text

DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
MIDNIGHT = re.compile(r"[T ]00:00(:00(\.0+)?)?(Z|\+00:?00)?")
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")
TRUE = frozenset({"true", "t", "yes", "y", "1", "是", "真"})
FALSE = frozenset({"false", "f", "no", "n", "0", "否", "假"})

DAMAGED = "\ufffd"
"""What stands where bytes had no meaning in the encoding that was taken."""


class Complaint(NamedTuple):
    """What a rule says of a value; `value` as it stands in the file, short."""

    rule: str
    value: str
    message: Text


@dataclass(frozen=True)
class Judged:
    """A column: typed values, null where refused, and complaints by distinct value.

    Args:
        values: of the declared type.
        codes: for each row the position of its value among the distinct ones, -1: none.
        complaints: position -> what is wrong with that value.
    """

    values: pa.Array
    codes: NDArray[np.int64]
    complaints: Mapping[int, tuple[Complaint, ...]]

    def rows(self) -> Iterator[tuple[int, Complaint]]:
        """Rows and what is wrong with them."""
        if not self.complaints:
            return
        wrong = np.flatnonzero(np.isin(self.codes, list(self.complaints)))
        for row in wrong.tolist():
            for complaint in self.complaints[int(self.codes[row])]:
                yield row, complaint


def judge_column(attribute: Attribute, column: pa.Array, areas: Mapping[str, str]) -> Judged:
    """Read a column as an attribute's type and hold it to every rule on single values.

    Args:
        areas: area id -> layer id, of all areas that references may name.
    """
    rules = [rule for rule in VALUE_RULES if rule.applies(attribute)]
    judge = partial(_judge, attribute, rules, areas)
    return _judged(column, ARROW_TYPES[attribute.type], judge)


def judge_ids(column: pa.Array) -> Judged:
    """Read a column as feature ids."""
    return _judged(column, pa.string(), _judge_id)


def _judged(
    column: pa.Array, kind: pa.DataType, judge: Callable[[Any], tuple[object, list[Complaint]]]
) -> Judged:
    encoded = column.dictionary_encode()
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    distinct, complaints = [], {}
    for position, raw in enumerate(encoded.dictionary.to_pylist()):
        value, wrong = (None, []) if _is_nothing(raw) else judge(raw)
        distinct.append(None if any(map(_is_error, wrong)) else value)
        if wrong:
            complaints[position] = tuple(wrong)
    indices = pa.array(codes, mask=codes < 0)
    return Judged(pa.array(distinct, kind).take(indices), codes, complaints)


def _is_error(complaint: Complaint) -> bool:
    return RULES[complaint.rule].severity is Severity.ERROR


def _is_nothing(raw: object) -> bool:
    return raw is None or (isinstance(raw, str) and not raw.strip())


def _judge_id(raw: object) -> tuple[object, list[Complaint]]:
    text = _as_text(raw)
    text = None if text is None else text.strip()
    if text is None or not re.fullmatch(ID_PATTERN, text):
        allowed = Text(f"须符合 {ID_PATTERN}", f"must match {ID_PATTERN}")
        return None, [Complaint("id", shown(raw), allowed)]
    return text, []


def _judge(
    attribute: Attribute, rules: Sequence[ValueRule], areas: Mapping[str, str], raw: object
) -> tuple[object, list[Complaint]]:
    """A typed value, or what is wrong with it; a warning goes with a value."""
    value = PARSERS[attribute.type](raw)
    if isinstance(value, str):
        value = _code_of(attribute, value)
        if DAMAGED in value or UNSTORABLE.search(value):
            message = Text("含有无法识别的字符", "has characters that could not be read")
            return None, [Complaint("encoding", shown(raw), message)]
    elif value is None:
        return None, [Complaint("type", shown(raw), TYPE_RULES[attribute.type].allowed)]
    found = [
        Complaint(rule.name, shown(raw), allowed)
        for rule in rules
        if (allowed := rule.broken(attribute, value)) is not None
    ]
    if not found and attribute.scheme is not None:
        found += _inner(attribute.scheme, str(value))
    if not found and attribute.references:
        found += _reference(attribute, value, areas)
    return value, found


def _inner(scheme: Scheme, code: str) -> Iterator[Complaint]:
    for breach in breaches(scheme, code):
        yield Complaint(breach.rule, shown(code), breach.message)


def _reference(
    attribute: Attribute, value: object, areas: Mapping[str, str]
) -> Iterator[Complaint]:
    if areas.get(str(value)) not in attribute.references:
        names = ", ".join(attribute.references)
        yield Complaint(
            "reference",
            shown(value),
            Text(f"须为以下图层中某要素的标识：{names}", f"must be the id of a feature of {names}"),
        )


def _code_of(attribute: Attribute, value: str) -> str:
    """A code, where its title was written instead; codes are free of blanks about them."""
    if attribute.codes is not None:
        plain = unicodedata.normalize("NFKC", value).strip()
        if plain in attribute.codes.codes:
            return plain
        titles = {title: code for code, text in attribute.codes.codes.items() for title in text}
        return titles.get(plain, value)
    is_code = attribute.pattern is not None or attribute.references
    return value.strip() if is_code else value


def _as_text(raw: object) -> str | None:
    if isinstance(raw, str):
        return raw
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, float):
        return str(int(raw)) if raw.is_integer() and abs(raw) < 1e15 else repr(raw)
    if isinstance(raw, datetime | date):
        return raw.isoformat()
    return str(raw) if isinstance(raw, int) else None


def _as_number(raw: object) -> float | None:
    if isinstance(raw, str):
        text = unicodedata.normalize("NFKC", raw).strip()
        raw = float(text) if NUMBER.fullmatch(text) else None
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        return None
    return float(raw) if abs(raw) < float("inf") else None


def _as_integer(raw: object) -> int | None:
    number = _as_number(raw)
    if number is None or not number.is_integer() or not -(2**31) <= number < 2**31:
        return None
    return int(number)


def _as_date(raw: object) -> date | None:
    if isinstance(raw, datetime):
        return raw.date() if raw.time().replace(tzinfo=None) == datetime.min.time() else None
    if isinstance(raw, date):
        return raw
    if not isinstance(raw, str):
        return None
    text = unicodedata.normalize("NFKC", raw).strip()
    found = DAY.match(text)
    if found is None or not (found.end() == len(text) or MIDNIGHT.fullmatch(text[found.end() :])):
        return None
    try:
        return date(*map(int, found.groups()))
    except ValueError:
        return None


def _as_boolean(raw: object) -> bool | None:
    if isinstance(raw, bool):
        return raw
    text = str(raw).strip().casefold()
    if text in TRUE:
        return True
    return False if text in FALSE else None


PARSERS: dict[ValueType, Callable[[object], object]] = {
    ValueType.TEXT: _as_text,
    ValueType.INTEGER: _as_integer,
    ValueType.NUMBER: _as_number,
    ValueType.DATE: _as_date,
    ValueType.BOOLEAN: _as_boolean,
}
"""How values of files, texts or typed ones, become values of the declaration's types."""
