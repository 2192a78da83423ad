"""Attributes of a feature type (ISO 19109 `GF_AttributeType`)."""

import math
import re
from dataclasses import dataclass
from enum import StrEnum

from layers.codelist import Codelist
from layers.text import Text

NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


class ValueType(StrEnum):
    """Value types an attribute can have."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"


class Scheme(StrEnum):
    """Standards that give a code an inner structure, which no pattern can tell in full."""

    CREDIT_CODE = "GB 32100-2015"
    PARCEL_CODE = "GB/T 37346-2019"
    LAND_USE = "GB/T 21010"
    INDUSTRY = "GB/T 4754"


NUMBERS = (ValueType.INTEGER, ValueType.NUMBER)


class Role(StrEnum):
    """Who may read an attribute; each role includes those before it."""

    PUBLIC = "public"
    PLANNER = "planner"
    LAND_OFFICER = "land_officer"
    ADMIN = "admin"

    def includes(self, other: "Role") -> bool:
        """Whether it may read whatever the other may."""
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(other)


@dataclass(frozen=True, kw_only=True)
class Attribute:
    """One attribute: its type, its meaning, and every rule that a value must meet.

    Args:
        name: column, property and queryable name.
        title: label in both languages.
        type: value type.
        unit: UCUM code (`m`, `m2`, `km2`) of a number.
        required: a null is refused.
        codes: closed list of the values allowed.
        references: ids of the layers one of whose features the value must name.
        pattern: regular expression that the whole text must match.
        minimum, maximum: inclusive bounds of a number.
        max_length: longest text, in characters.
        scheme: standard whose inner structure (check digits, parts) the code must follow.
        unique: no two features of the layer share the value.
        reader: least role that may read the value.
        description: what the value means where the title does not say it.
        synonyms: headers that other people's tables give the attribute, beside name and title.
    """

    name: str
    title: Text
    type: ValueType = ValueType.TEXT
    unit: str | None = None
    required: bool = False
    codes: Codelist | None = None
    references: tuple[str, ...] = ()
    pattern: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    max_length: int = 2000
    scheme: Scheme | None = None
    unique: bool = False
    reader: Role = Role.PUBLIC
    description: Text | None = None
    synonyms: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise ValueError(f"attribute name {self.name!r}: must match {NAME.pattern}")
        if self.codes is not None and self.references:
            raise ValueError(f"attribute {self.name!r}: codes and references exclude each other")
        self._refuse_rules_of_other_types()
        if self.pattern is not None:
            re.compile(self.pattern)
        if self._low > self._high:
            raise ValueError(
                f"attribute {self.name!r}: minimum {self.minimum} exceeds maximum {self.maximum}"
            )

    def _refuse_rules_of_other_types(self) -> None:
        """A rule that no value of the type can break would be a promise nobody keeps."""
        text, number = self.type is ValueType.TEXT, self.type in NUMBERS
        rules = {
            "codes": text or self.codes is None,
            "references": text or not self.references,
            "pattern": text or self.pattern is None,
            "scheme": text or self.scheme is None,
            "minimum": number or self.minimum is None,
            "maximum": number or self.maximum is None,
            "unit": number or self.unit is None,
        }
        if wrong := [name for name, holds in rules.items() if not holds]:
            raise ValueError(f"attribute {self.name!r}: {', '.join(wrong)} on a {self.type} value")

    @property
    def _low(self) -> float:
        return -math.inf if self.minimum is None else self.minimum

    @property
    def _high(self) -> float:
        return math.inf if self.maximum is None else self.maximum
