"""The tables of online geocoding are the owner's alone."""

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

from geodata.database.reader import reader_name
from geodata.geocoding.tables import GEOCODING_METADATA, SCHEMA


@pytest.mark.parametrize("table", sorted(GEOCODING_METADATA.tables))
def test_the_serving_role_may_not_even_read(table: str, migrated: Engine) -> None:
    with migrated.connect() as connection:
        owner = connection.scalar(text("SELECT current_user"))
        reader = reader_name(str(owner))
        if not connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :r"), {"r": reader}):
            pytest.skip(f"no role {reader} on this server")
        connection.execute(text(f'SET LOCAL ROLE "{reader}"'))
        with pytest.raises(ProgrammingError, match=f"permission denied for schema {SCHEMA}"):
            connection.execute(text(f"SELECT FROM {table}"))
