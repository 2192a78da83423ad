"""Following a file: the rows that its owner wrote become what it says, others' rows stay."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Row,
    Select,
    Table,
    Text,
    all_,
    and_,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import Insert, insert

from geodata.database.command import command
from geodata.database.tables import METADATA, history_table, layer_table, written_columns
from geodata.errors import GeodataError
from geodata.ingest.copy import copy_rows, feature_rows
from geodata.ingest.merge import create_staging
from geodata.ingest.validation import Feature
from layers.layer import Layer


class ValueTakenError(GeodataError):
    """A value that no two features may share belongs to a feature of somebody else."""

    def __init__(self, layer: Layer, field: str, taken: Sequence[Row[Any]]) -> None:
        pairs = "; ".join(f"{row.incoming} wants {row.value!r} of {row.present}" for row in taken)
        super().__init__(f"{layer.id}, {field} must be unique: {pairs}")


@dataclass(frozen=True)
class Synced:
    """How many rows a load wrote, removed, and left alone as others changed or deleted them."""

    written: int
    removed: int
    kept: int


def sync_features(
    connection: Connection, layer: Layer, features: Sequence[Feature], owner: str
) -> Synced:
    """Make the rows that `owner` wrote equal to `features`; rows that others wrote stay.

    A row that somebody else changed or deleted since is their word against the file's: theirs
    stands. Equal rows are not touched, so that a rerun changes nothing.

    Raises:
        ValueTakenError: a feature of others has a value that must be unique.
    """
    table = layer_table(METADATA, layer)
    removed = remove_absent(connection, layer, features, owner)
    incoming = _stage(connection, layer, features)
    _refuse_taken(connection, layer, incoming, owner)
    merge = _merge(table, incoming, layer, owner).execution_options(preserve_rowcount=True)
    written = connection.execute(merge).rowcount
    kept = connection.execute(_kept(table, incoming, layer, owner)).scalar_one()
    incoming.drop(connection)
    return Synced(written, removed, kept)


def remove_absent(
    connection: Connection, layer: Layer, features: Sequence[Feature], owner: str
) -> int:
    """Delete the rows that `owner` wrote and that `features` lack; how many.

    It comes before writing: a value that must be unique may pass to another feature.
    """
    table = layer_table(METADATA, layer)
    ids = literal([feature.id for feature in features], ARRAY(Text))
    removal = delete(table).where(table.c.recorded_by == owner, table.c.id != all_(ids))
    return connection.execute(removal).rowcount


def _stage(connection: Connection, layer: Layer, features: Sequence[Feature]) -> Table:
    rows = feature_rows(layer, features)
    incoming = create_staging(connection, layer, rows.schema.names)
    copy_rows(connection, incoming.name, rows.schema.names, (rows,), lambda _: None)
    command(connection, "ANALYZE {}", incoming.name)
    return incoming


def _merge(table: Table, incoming: Table, layer: Layer, owner: str) -> Insert:
    names = written_columns(table)
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
    past = history_table(METADATA, layer).alias("past")
    later = history_table(METADATA, layer).alias("later")
    present = layer_table(METADATA, layer).alias("present")
    by_others = exists().where(
        past.c.id == incoming.c.id,
        past.c.operation == "delete",
        past.c.superseded_by != owner,
        ~exists().where(later.c.id == past.c.id, later.c.revision > past.c.revision),
    )
    return and_(~exists().where(present.c.id == incoming.c.id), by_others)


def _kept(table: Table, incoming: Table, layer: Layer, owner: str) -> Select[int]:
    changed = exists().where(table.c.id == incoming.c.id, table.c.recorded_by != owner)
    deleted = _deleted_by_others(incoming, layer, owner)
    return select(func.count()).select_from(incoming).where(or_(changed, deleted))


def _refuse_taken(connection: Connection, layer: Layer, incoming: Table, owner: str) -> None:
    for attribute in layer.all_attributes:
        if attribute.unique:
            query = _taken(incoming, layer, attribute.name, owner)
            if taken := connection.execute(query).all():
                raise ValueTakenError(layer, attribute.name, taken)


def _taken(incoming: Table, layer: Layer, name: str, owner: str) -> Select[Any]:
    """Values of incoming features that a row has which others wrote, and which thus stays."""
    table = layer_table(METADATA, layer)
    same = table.alias("same")
    stands = exists().where(same.c.id == incoming.c.id, same.c.recorded_by != owner)
    return (
        select(
            incoming.c.id.label("incoming"),
            table.c.id.label("present"),
            table.c[name].label("value"),
        )
        .join_from(incoming, table, table.c[name] == incoming.c[name])
        .where(table.c.id != incoming.c.id, table.c.recorded_by != owner)
        .where(~stands, ~_deleted_by_others(incoming, layer, owner))
        .order_by(incoming.c.id)
    )
