"""The synthetic database of a run, with a copy of the layers as the peers like them best."""

from collections.abc import Callable
from datetime import UTC, datetime

import psycopg
from psycopg import sql

from geodata.accounts.scope import parse_scopes
from geodata.accounts.tokens import NewToken, create_token
from geodata.accounts.users import add_user, list_users
from geodata.database.engine import open_engine
from geodata.database.representation import public_names
from layers.attribute import Role
from layers.catalog import CATALOG

LAYERS = ("enterprises", "parcels")

PLANNER = "bench"

Report = Callable[[str], None]


def add_peers_tables(url: str, report: Report) -> None:
    """Schema `peers`: exactly the public attributes, in EPSG:4326 so that nothing is projected."""
    with psycopg.connect(url, autocommit=True) as connection:
        if connection.execute("SELECT to_regclass('peers.parcels')").fetchone() != (None,):
            return
        report("Copying the layers for the peers")
        connection.execute("DROP SCHEMA IF EXISTS peers CASCADE")
        with connection.transaction():
            connection.execute("CREATE SCHEMA peers")
            for layer in LAYERS:
                _copy_layer(connection, layer)
        connection.execute("VACUUM (ANALYZE) peers.enterprises, peers.parcels")


def _copy_layer(connection: psycopg.Connection[tuple[object, ...]], layer: str) -> None:
    declared = CATALOG.get(layer)
    names = sql.SQL(", ").join(map(sql.Identifier, ("id", *public_names(declared))))
    table = sql.Identifier("peers", layer)
    kind = sql.SQL(f"geometry({declared.geometry.value}, 4326)")
    connection.execute(
        sql.SQL("CREATE TABLE {} AS SELECT {}, ST_SetSRID(geom, 4326)::{} AS geom FROM {}").format(
            table, names, kind, sql.Identifier(layer)
        )
    )
    connection.execute(sql.SQL("ALTER TABLE {} ADD PRIMARY KEY (id)").format(table))
    connection.execute(sql.SQL("CREATE INDEX ON {} USING gist (geom)").format(table))


def planners_token(url: str) -> str:
    """A token of a planner who may read, for a day."""
    engine, now = open_engine(url), datetime.now(UTC)
    try:
        with engine.begin() as connection:
            if PLANNER not in {row.name for row in list_users(connection)}:
                add_user(connection, PLANNER, Role.PLANNER, password=None, now=now)
            new = NewToken(PLANNER, "bench", parse_scopes(["*:read"]), 1)
            return create_token(connection, new, now)
    finally:
        engine.dispose()


def describe(url: str) -> dict[str, str]:
    """Versions and sizes, for the record."""
    queries = {
        "PostgreSQL": "SELECT current_setting('server_version')",
        "PostGIS": "SELECT extversion FROM pg_extension WHERE extname = 'postgis'",
        "database size": "SELECT pg_size_pretty(pg_database_size(current_database()))",
        "shared_buffers": "SELECT current_setting('shared_buffers')",
    }
    with psycopg.connect(url) as connection:
        rows = {name: connection.execute(query).fetchone() for name, query in queries.items()}
    return {name: str(row[0]) for name, row in rows.items() if row is not None}
