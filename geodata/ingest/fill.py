"""Filling of an empty layer: rows go straight into its table, with the text that is served.

Nothing is there to compare with, so that no staging table is needed; a repeated id is refused by
the key. The program makes the texts while PostgreSQL takes in the rows before.
"""

from collections.abc import Iterable, Sequence

import pyarrow as pa
from sqlalchemy import Connection, exists, select

from geodata.database.record import recorded_now
from geodata.database.tables import METADATA, layer_table
from geodata.ingest.copy import Progress, copy_rows
from geodata.ingest.exclusive import is_owned, move_on, without_indexes
from geodata.ingest.public_text import has_texts, public_texts
from geodata.ingest.wire import encoded
from layers.layer import Layer

TEXT = "feature"


def can_be_filled(connection: Connection, layer: Layer) -> bool:
    """Whether rows may go straight into a layer's table.

    COPY passes by row-level security, which thus refuses it to all but the table's owner.
    """
    table = layer_table(METADATA, layer)
    if not has_texts(layer) or not is_owned(connection, layer):
        return False
    return not connection.execute(select(exists().select_from(table))).scalar_one()


def fill(
    connection: Connection,
    layer: Layer,
    names: Sequence[str],
    batches: Iterable[pa.RecordBatch],
    progress: Progress,
    *,
    many: bool,
) -> int:
    """Write rows to an empty layer, within :func:`sole_writer`; how many there were.

    Args:
        names: columns of the batches.
        many: so many rows that indexes are better made at the end.
    """
    recorded = recorded_now()
    now = connection.execute(select(*recorded.values())).one()

    def encode(batch: pa.RecordBatch) -> pa.Buffer:
        return encoded(batch.append_column(TEXT, public_texts(layer, batch)), now)

    columns = (*names, TEXT, *recorded)
    with without_indexes(connection, layer, wanted=many):
        count = copy_rows(connection, layer.id, columns, batches, progress, encode)
    if count:
        move_on(connection, layer)
    return count
