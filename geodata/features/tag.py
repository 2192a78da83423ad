"""Tag of a feature: a text that changes whenever the feature's row is written, and only then."""

from sqlalchemy import BigInteger, ColumnElement, FromClause, Text, cast, column, func

MICROSECONDS = 1_000_000

SEPARATOR = "."


def row_tag(rows: FromClause) -> ColumnElement[str]:
    """When a row was recorded, and by which transaction, in hexadecimal digits.

    Neither is enough: a transaction that waited for another may bear its time, and numbers of
    transactions come again after four billion.

    Args:
        rows: a layer's table itself; what is derived from one has no such columns.
    """
    writer = cast(cast(column("xmin", _selectable=rows), Text), BigInteger)
    return instant_tag(rows) + SEPARATOR + func.to_hex(writer, type_=Text)


def instant_tag(rows: FromClause) -> ColumnElement[str]:
    """The first part of the tag, when a row was recorded: all that the history still knows."""
    seconds = func.extract("epoch", rows.c.recorded_at)
    return func.to_hex(cast(seconds * MICROSECONDS, BigInteger), type_=Text)


def instant_of(tag: str) -> str:
    """The first part of a tag."""
    return tag.partition(SEPARATOR)[0]
