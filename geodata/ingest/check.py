"""Checking of a whole file: every rule of the declaration on every row, batch by batch.

What passes lies in an Arrow file on disk with the columns of the layer that the file has, ready
to be loaded. Findings name row and field as the user's file has them.
"""

from pathlib import Path

from geodata.geocoding.candidate import Geocoder
from geodata.ingest.inspection import Checked, CheckOptions, Inspection
from geodata.ingest.ledger import Ledger
from geodata.ingest.mapping import Columns
from geodata.ingest.present import Present
from geodata.ingest.source import Source, spooled
from geodata.ingest.surroundings import check_surroundings
from geodata.ingest.typed import Progress, typed_batches
from geodata.ingest.whole import check_whole
from layers.layer import Layer


def check_source(
    layer: Layer,
    source: Source,
    columns: Columns,
    options: CheckOptions,
    present: Present,
    folder: Path,
    geocoder: Geocoder | None = None,
    progress: Progress = lambda _: None,
) -> Checked:
    """Hold a file to the layer's declaration and to what is there.

    Args:
        folder: where the typed rows are put.
        geocoder: for rows placed by address.
        progress: told how many rows of each batch are read.
    """
    ledger = Ledger(source.file, source.first_row, source.table.num_rows)
    file = Inspection(layer, source, columns, options, present, ledger)
    batches = typed_batches(file, geocoder, progress)
    rows = spooled(folder / "rows.arrow", file.schema, batches)
    check_whole(file, rows)
    if file.is_placed:
        named = options.crs is not None and options.crs.named
        check_surroundings(layer, rows, present, ledger, crs_named=named)
    return file.checked(rows)
