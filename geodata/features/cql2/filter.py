"""A CQL2 filter: read, checked against a layer, turned into SQL (OGC 21-065r2)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, FromClause

from geodata.features.cql2 import sql
from geodata.features.cql2.check import Checker
from geodata.features.cql2.error import InvalidFilterError
from geodata.features.cql2.json_encoding import parse_json
from geodata.features.cql2.limits import MAX_BYTES
from geodata.features.cql2.syntax import Syntax
from geodata.features.cql2.text_encoding import parse_text
from geodata.features.cql2.tree import Expression
from geodata.features.crs import CRS84, Crs
from layers.attribute import Role
from layers.layer import Layer


class Language(StrEnum):
    """Encodings, as the parameter `filter-lang` names them (Part 3, /req/filter/filter-lang)."""

    TEXT = "cql2-text"
    JSON = "cql2-json"


PARSERS: Mapping[Language, Callable[[str], Syntax]] = {
    Language.TEXT: parse_text,
    Language.JSON: parse_json,
}


@dataclass(frozen=True)
class Filter:
    """A condition on the features of a layer.

    Args:
        shape: its structure without the values: equal for all filters that one SQL serves.
        values: bind name -> value.
    """

    shape: Expression
    values: Mapping[str, object]

    @classmethod
    def parse(
        cls,
        layer: Layer,
        text: str,
        language: Language,
        *,
        literal_crs: Crs = CRS84,
        role: Role = Role.PUBLIC,
    ) -> "Filter":
        """Read a filter.

        Args:
            layer: whose queryables the filter may name.
            text: the expression.
            language: its encoding.
            literal_crs: CRS and axis order of the geometries in it.
            role: who asks: what others may read cannot be named.

        Raises:
            InvalidFilterError: no filter of this layer; says where and why.
        """
        _check_length(text)
        checker = Checker(layer, literal_crs, role)
        shape = checker.condition(PARSERS[language](text))
        return cls(shape, checker.bindings.values)

    def clause(self, rows: FromClause) -> ColumnElement[bool]:
        """The condition on rows that have the columns of the layer's table."""
        return sql.clause(self.shape, rows)


def _check_length(text: str) -> None:
    try:
        length = len(text.encode())
    except UnicodeEncodeError as error:
        raise InvalidFilterError(
            f"character {error.start + 1}", "half a surrogate pair is no character"
        ) from error
    if length > MAX_BYTES:
        raise InvalidFilterError("", f"the filter has {length} bytes; at most {MAX_BYTES}")
    if not text.strip():
        raise InvalidFilterError("", "the filter is empty")
