"""How many bytes of features a page may hold: the database stops sending them, not we reading.

A sum over the rows costs a tenth to a third of a page, so it is taken only where a page could be
too large: `Extents.heaviest` knows the heaviest feature of a layer.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, bindparam, case, func, select

from geodata.errors import GeodataError

AnySelect = Select[*tuple[Any, ...]]

WKB = "wkb"
WKB_GROWTH = 2
"""Bytes of GeoJSON text for a byte of WKB, about: 30 digits and signs for 16."""

TEXTS = ("feature", "head", WKB, "tail")
"""Columns of a page that hold what is served."""


class PageTooLargeError(GeodataError):
    """The features of a page are too heavy together."""

    def __init__(self, most_bytes: int, fitting: int) -> None:
        fewer = f"limit={fitting} or less, " if fitting else ""
        super().__init__(
            f"{fitting} features fit into the {most_bytes} bytes that a page may hold:"
            f" ask for {fewer}generalised geometries (max-allowable-offset),"
            " none (skipGeometry=true), or a file (f=fgb, for one)"
        )


def limited(page: AnySelect) -> AnySelect:
    """The page whose texts are null from the row on with which they exceed `most_bytes`.

    PostgreSQL sums in the order that the page's own ORDER BY has made, and keeps it.
    """
    rows = page.subquery("page")
    texts = [column for column in rows.c if column.name in TEXTS]
    total = func.sum(sum_of([_weight(column) for column in texts])).over(rows=(None, 0))
    summed = select(rows, total.label("total")).subquery("summed")
    most = bindparam("most_bytes", type_=BigInteger)
    return select(
        *(
            case((summed.c.total <= most, summed.c[column.name])).label(column.name)
            if column in texts
            else summed.c[column.name]
            for column in rows.c
        )
    )


def sum_of(weights: Sequence[ColumnElement[int]]) -> ColumnElement[int]:
    """Sum of expressions."""
    first, *others = weights
    for other in others:
        first = first + other
    return first


def _weight(column: ColumnElement[Any]) -> ColumnElement[int]:
    length = func.coalesce(func.octet_length(column), 0)
    return length * WKB_GROWTH if column.key == WKB else length


def check(rows: Sequence[Mapping[str, Any]], most_bytes: int) -> None:
    """Refuse a page that was cut short.

    Raises:
        PageTooLargeError: says how many features fit.
    """
    fitting = sum(_is_whole(row) for row in rows)
    if fitting < len(rows):
        raise PageTooLargeError(most_bytes, fitting)


def _is_whole(row: Mapping[str, Any]) -> bool:
    return row["feature" if "feature" in row else "head"] is not None
