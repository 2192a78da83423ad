"""Import of a file: read, map, check; then, when a person has seen the findings, load."""

from collections.abc import Callable, Iterable
from hashlib import file_digest
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
from sqlalchemy import Connection, Engine

from geodata.geocoding.candidate import Geocoder
from geodata.ingest.batch import ImportBatch, Loaded
from geodata.ingest.check import check_source
from geodata.ingest.crs import file_crs
from geodata.ingest.existing import check_existing
from geodata.ingest.finding import RefusedError
from geodata.ingest.inspection import Checked, CheckOptions
from geodata.ingest.load import load_features, refuse_outside
from geodata.ingest.mapping import Columns, UnknownColumnError, field_names, map_columns
from geodata.ingest.modes import Mode
from geodata.ingest.present import Present
from geodata.ingest.readers.catalog import read_source
from geodata.ingest.request import Request
from geodata.ingest.settle import settled
from geodata.ingest.source import Encoding, Source, spooled
from layers.attribute import Role
from layers.layer import Layer

Progress = Callable[[int], None]


def read(request: Request, folder: Path) -> tuple[Source, Columns]:
    """The file and which of its columns is what.

    Args:
        folder: empty; it outlives what is read.

    Raises:
        UnreadableFileError: the file cannot be read, or a named column is not there.
    """
    for name in request.constants:
        if name not in field_names(request.layer)[1:]:
            names = ", ".join(field_names(request.layer)[1:])
            raise UnknownColumnError(f"{request.layer.id} has no field {name!r}; there are {names}")
    source = read_source(request.path, request.file, request.read, folder)
    return source, map_columns(request.layer, source, request.mapping)


def check(
    request: Request,
    source: Source,
    columns: Columns,
    connection: Connection,
    folder: Path,
    geocoder: Callable[[], Geocoder],
    progress: Progress = lambda _: None,
) -> Checked:
    """Hold what was read to every rule; nothing is written.

    Raises:
        CrsMissingError: the rows have coordinates, and nobody says in which reference system.
        CrsUnusableError: that system is unknown or cannot be led to the store's.
    """
    by_address = columns.place.encoding is Encoding.ADDRESS
    crs = None
    if columns.place.encoding is not Encoding.NONE and not by_address:
        crs = file_crs(request.file, source.crs, request.crs, request.pipeline)
    options = CheckOptions(
        mode=request.mode,
        crs=crs,
        constants=request.constants,
        swap=request.swap,
        close_rings=request.close_rings,
    )
    present = Present(connection, request.layer)
    checked = check_source(
        request.layer,
        source,
        columns,
        options,
        present,
        folder,
        geocoder() if by_address else None,
        progress,
    )
    if request.mode is Mode.APPEND:
        check_existing(request.layer, checked, present)
    return checked


def check_areas(
    engine: Engine, request: Request, checked: Checked, areas: frozenset[str] | None
) -> None:
    """Whether rows that passed lie where the account may write; nothing is written.

    Raises:
        OutsideAreasError: names rows that do not.
    """
    if areas is None or not checked.accepted.any():
        return
    with TemporaryDirectory(prefix="zgc-load-") as folder, engine.connect() as connection:
        rows = _settled(engine, request.layer, checked, Path(folder))
        refuse_outside(connection, request.layer, rows, request.mode, areas)


def load(
    engine: Engine,
    request: Request,
    checked: Checked,
    *,
    actor: str,
    reason: str,
    accept_valid: bool,
    role: Role | None = None,
    areas: frozenset[str] | None = None,
    dry_run: bool = False,
    progress: Progress = lambda _: None,
) -> Loaded:
    """Load the rows that passed, in one transaction.

    Args:
        role, areas: of the account that imports; see :class:`geodata.ingest.batch.ImportBatch`.
        accept_valid: load them although others were refused.
        dry_run: do all of it, then take it back.

    Raises:
        RefusedError: rows were refused and `accept_valid` is not given, or the whole file was.
        RowsRefusedError: the database refuses what the check let pass.
        OutsideAreasError: rows lie outside the areas.
        WriteRefusedError: the database does not let the account write them.
    """
    refused = bool(checked.refused.any()) or checked.ledger.file_refused
    if refused and (not accept_valid or not checked.accepted.any()):
        raise RefusedError([each for each in checked.ledger.in_order() if each.is_error])
    batch = ImportBatch(
        file=request.file,
        sha256=_digest(request.path),
        actor=actor,
        reason=reason,
        options=request.options,
        role=role,
        areas=areas,
    )
    with TemporaryDirectory(prefix="zgc-load-") as folder, engine.connect() as connection:
        rows = _settled(engine, request.layer, checked, Path(folder))
        loaded = load_features(
            connection, request.layer, rows, mode=request.mode, batch=batch, progress=progress
        )
        if not dry_run:
            connection.commit()
    return loaded


def _settled(
    engine: Engine, layer: Layer, checked: Checked, folder: Path
) -> Iterable[pa.RecordBatch]:
    """The rows, settled before anything is locked: readers of the layer may have to wait then."""
    autocommit = engine.execution_options(isolation_level="AUTOCOMMIT")
    with autocommit.connect() as reading:
        present = Present(reading, layer)
        if present.is_empty():
            return checked.batches()
        rows = settled(layer, checked, present)
        batches: list[pa.RecordBatch] = spooled(
            folder / "rows.arrow", checked.rows.schema, rows
        ).to_batches()
        return batches


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
