"""Loading of checked features: COPY into a staging table, then one merge."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import psycopg
import shapely
from psycopg import sql
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Delete,
    MetaData,
    Select,
    Table,
    and_,
    delete,
    exists,
    func,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import Insert, insert

from geodata.database.tables import METADATA, SRID, history_table, layer_table
from geodata.ingest.validation import Feature
from layers.layer import Layer


@dataclass(frozen=True)
class Loaded:
    """How many rows a load wrote, removed, and left alone because others had changed them."""

    written: int
    removed: int
    kept: int


def sync_features(
    connection: Connection, layer: Layer, features: Sequence[Feature], owner: str
) -> Loaded:
    """Make the rows that `owner` wrote equal to `features`; rows that others wrote stay.

    A row that somebody else changed or deleted since is their word against the file's: theirs
    stands. Equal rows are not touched, so that a rerun changes nothing.
    """
    table = layer_table(METADATA, layer)
    incoming = _stage(connection, table, features)
    merge = _merge(table, incoming, layer, owner).execution_options(preserve_rowcount=True)
    written = connection.execute(merge).rowcount
    removed = connection.execute(_removal(table, incoming, owner)).rowcount
    kept = connection.execute(_others(table, incoming, owner)).scalar_one()
    incoming.drop(connection)
    return Loaded(written, removed, kept)


def _stage(connection: Connection, table: Table, features: Iterable[Feature]) -> Table:
    names = _written_columns(table)
    columns = [Column(name, table.c[name].type) for name in names]
    incoming = Table(f"incoming_{table.name}", MetaData(), *columns, prefixes=["TEMPORARY"])
    incoming.create(connection)
    copy = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(incoming.name), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    with _psycopg(connection).cursor() as cursor, cursor.copy(copy) as rows:
        for feature in features:
            rows.write_row([_field(feature, name) for name in names])
    return incoming


def _psycopg(connection: Connection) -> psycopg.Connection[tuple[object, ...]]:
    """The driver's own connection, for COPY inside the same transaction."""
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise TypeError(f"COPY needs psycopg, not {type(driver).__name__}")
    return driver


def _field(feature: Feature, name: str) -> object:
    if name == "id":
        return feature.id
    if name == "geom":
        return _ewkb(feature)
    return feature.values[name]


def _ewkb(feature: Feature) -> str | None:
    if feature.geometry is None:
        return None
    return shapely.to_wkb(shapely.set_srid(feature.geometry, SRID), hex=True, include_srid=True)


def _written_columns(table: Table) -> list[str]:
    """Columns a load fills; the record trigger fills the rest."""
    filled = ("feature", "recorded_at", "recorded_by", "recorded_reason")
    return [column.name for column in table.c if column.name not in filled]


def _merge(table: Table, incoming: Table, layer: Layer, owner: str) -> Insert:
    names = _written_columns(table)
    deleted = _deleted_by_others(incoming, layer, owner)
    statement = insert(table).from_select(names, select(incoming).where(~deleted))
    fresh = statement.excluded
    differs = tuple_(*(table.c[name] for name in names)).is_distinct_from(
        tuple_(*(fresh[name] for name in names))
    )
    return statement.on_conflict_do_update(
        index_elements=["id"],
        set_={name: fresh[name] for name in names if name != "id"},
        where=and_(table.c.recorded_by == owner, differs),
    )


def _deleted_by_others(incoming: Table, layer: Layer, owner: str) -> ColumnElement[bool]:
    """Whether the last thing that happened to the row is a deletion by somebody else."""
    past = history_table(METADATA, layer)
    last = (
        select(past.c.id, past.c.operation, past.c.superseded_by)
        .distinct(past.c.id)
        .order_by(past.c.id, past.c.revision.desc())
        .subquery("last")
    )
    gone = ~exists().where(layer_table(METADATA, layer).c.id == incoming.c.id)
    by_others = exists().where(
        last.c.id == incoming.c.id, last.c.operation == "delete", last.c.superseded_by != owner
    )
    return and_(gone, by_others)


def _removal(table: Table, incoming: Table, owner: str) -> Delete:
    absent = ~exists().where(incoming.c.id == table.c.id)
    return delete(table).where(table.c.recorded_by == owner, absent)


def _others(table: Table, incoming: Table, owner: str) -> Select[int]:
    both = table.join(incoming, incoming.c.id == table.c.id)
    return select(func.count()).select_from(both).where(table.c.recorded_by != owner)
