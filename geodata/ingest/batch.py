"""An import as the books keep it: which file, by whom, why, and what it did."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import BigInteger, Connection, func, insert, select

from geodata.audit.asker import asker_settings
from geodata.database.tables import METADATA
from layers.attribute import Role
from layers.layer import Layer

IMPORTS = METADATA.tables["imports"]


@dataclass(frozen=True, kw_only=True)
class ImportBatch:
    """What is to be recorded of an import before its rows are written.

    Args:
        file: name as the user knows it, without folders.
        sha256: of the file's bytes, 64 lower-case hexadecimal digits.
        actor: who imports; named in the history of each row.
        reason: why; likewise.
        options: how the file was read (crs, mapping, sheet...): plain JSON values.
        started_at: when reading began.
        undoes: the import that this one takes back.
        role: of the account that imports, as whose writing role the database writes; None: as its
            owner, as the command line does.
        areas: that the account's groups look after; None: it belongs to none.
    """

    file: str
    sha256: str
    actor: str
    reason: str
    options: Mapping[str, object] = field(default_factory=dict)
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    undoes: int | None = None
    role: Role | None = None
    areas: frozenset[str] | None = None


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """What a load did, in rows, and the number under which the books keep it.

    Args:
        rows: that the file had.
        inserted, updated, removed: written to the layer; the history has them.
        unchanged: equal to what was there; not touched.
        import_id: id in the table `imports`.
    """

    rows: int
    inserted: int
    updated: int
    unchanged: int
    removed: int
    import_id: int

    @property
    def changed(self) -> int:
        """How many rows of the layer are other than before."""
        return self.inserted + self.updated + self.removed


@contextmanager
def recorded_import(connection: Connection, batch: ImportBatch) -> Iterator[int]:
    """Ascribe the changes made inside to an import; yields its id.

    What the transaction did before is restored at the end, so that later changes of the same
    transaction are not taken for the import's.
    """
    number = connection.execute(
        select(func.nextval(IMPORT_SEQUENCE, type_=BigInteger))
    ).scalar_one()
    mine = {"zgc.actor": batch.actor, "zgc.reason": batch.reason, "zgc.import": str(number)}
    former = {name: _setting(connection, name) for name in mine}
    _set(connection, mine | asker_settings())
    yield number
    _set(connection, former)


def keep_import(
    connection: Connection, layer: Layer, batch: ImportBatch, mode: str, loaded: Loaded
) -> None:
    """Enter an import into the books."""
    connection.execute(
        insert(IMPORTS).values(
            id=loaded.import_id,
            layer=layer.id,
            file=batch.file,
            sha256=batch.sha256,
            mode=mode,
            options=dict(batch.options),
            rows=loaded.rows,
            inserted=loaded.inserted,
            updated=loaded.updated,
            unchanged=loaded.unchanged,
            removed=loaded.removed,
            actor=batch.actor,
            reason=batch.reason,
            started_at=batch.started_at,
            undoes=batch.undoes,
        )
    )


IMPORT_SEQUENCE = "imports_id_seq"


def _setting(connection: Connection, name: str) -> str:
    value = connection.execute(select(func.current_setting(name, True))).scalar_one()
    return value or ""


def _set(connection: Connection, settings: Mapping[str, str]) -> None:
    connection.execute(
        select(*(func.set_config(name, value, True) for name, value in settings.items()))
    )
