"""Features whose attributes have given values (OGC API - Features Part 1, 7.15.5)."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, FromClause, and_, bindparam

from geodata.ingest.validation import Value

PREFIX = "equal_"


@dataclass(frozen=True)
class Equality:
    """A condition: every attribute named has the value given.

    Args:
        wanted: attribute name and value, in a fixed order.
    """

    wanted: tuple[tuple[str, Value], ...]

    @property
    def shape(self) -> Hashable:
        """Which attributes are compared."""
        return tuple(name for name, _ in self.wanted)

    @property
    def values(self) -> Mapping[str, object]:
        """Bind values."""
        return {PREFIX + name: value for name, value in self.wanted}

    def clause(self, rows: FromClause) -> ColumnElement[bool]:
        """The condition on rows."""
        return and_(
            *(
                rows.c[name] == bindparam(PREFIX + name, type_=rows.c[name].type)
                for name, _ in self.wanted
            )
        )
