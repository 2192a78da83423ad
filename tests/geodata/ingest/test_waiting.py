"""Who waits in vain is told for whom."""

import pyarrow as pa
import pytest
from sqlalchemy import text

from geodata.errors import DatabaseBusyError
from geodata.ingest import waiting
from geodata.ingest.batch import ImportBatch
from geodata.ingest.load import import_rows
from geodata.ingest.modes import Mode
from layers.catalog import CATALOG

ENTERPRISES = CATALOG.get("enterprises")
COUNT = 10_001
ROWS = pa.RecordBatch.from_pydict({"id": [f"made-up-{n}" for n in range(COUNT)]})


WRITER = "LOCK TABLE enterprises IN ROW EXCLUSIVE MODE"
READER = "SELECT FROM enterprises"
"""Waits for nobody, but the indexes cannot be made anew under it."""


@pytest.mark.parametrize("statement", [WRITER, READER])
def test_a_load_that_has_to_wait_too_long_names_who_holds_the_layer(
    migrated, monkeypatch, statement
):
    monkeypatch.setattr(waiting, "LOCK_TIMEOUT", "50ms")
    batch = ImportBatch(file="rows.csv", sha256="ab" * 32, actor="anna", reason="survey 7")
    with migrated.connect() as holder:
        holder.execute(text("SET LOCAL application_name = 'desk 3'"))
        holder.execute(text(statement))
        pid = holder.connection.driver_connection.info.backend_pid
        said = rf"enterprises has been in use for 50ms by process {pid} of \w+ \(desk 3, since 2"
        with pytest.raises(DatabaseBusyError, match=said):
            import_rows(migrated, ENTERPRISES, [ROWS], mode=Mode.APPEND, batch=batch)


def test_the_session_waits_as_before_afterwards(migrated):
    with migrated.connect() as connection:
        connection.execute(text("SET LOCAL lock_timeout = '7s'"))
        with waiting.patient(connection, ENTERPRISES):
            assert connection.scalar(text("SHOW lock_timeout")) == waiting.LOCK_TIMEOUT
        assert connection.scalar(text("SHOW lock_timeout")) == "7s"
