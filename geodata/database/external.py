"""Checks of a database that the operator runs (`ZGC_DATABASE_URL`)."""

import psycopg

from geodata.database.binaries import OLDEST_POSTGRESQL
from geodata.errors import GeodataError

OLDEST_POSTGIS = (3, 3)
CONNECT_TIMEOUT = 10  # seconds


class ExternalDatabaseError(GeodataError):
    """The database of `ZGC_DATABASE_URL` cannot be used; the text says what to do."""


def check_external(url: str) -> None:
    """Makes sure of PostgreSQL >= 15 and PostGIS >= 3.3, which is created if that is allowed.

    Raises:
        ExternalDatabaseError: says what is missing and who can mend it.
    """
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=CONNECT_TIMEOUT) as connection:
            _check_server(connection)
            _check_postgis(connection)
    except psycopg.ProgrammingError as error:
        raise ExternalDatabaseError(f"ZGC_DATABASE_URL is not usable: {_line(error)}.") from None
    except psycopg.OperationalError as error:
        raise ExternalDatabaseError(
            f"The database of ZGC_DATABASE_URL does not answer ({_line(error)}): "
            "check the address and that the server is running."
        ) from None


def _check_server(connection: psycopg.Connection) -> None:
    major = connection.info.server_version // 10_000
    if major < OLDEST_POSTGRESQL:
        raise ExternalDatabaseError(
            f"The server is PostgreSQL {major}, the oldest that works is {OLDEST_POSTGRESQL}: "
            "upgrade it, or unset ZGC_DATABASE_URL to use a private one."
        )


def _check_postgis(connection: psycopg.Connection) -> None:
    version = _postgis_version(connection) or _create_postgis(connection)
    if _numbers(version) < OLDEST_POSTGIS:
        oldest = ".".join(map(str, OLDEST_POSTGIS))
        raise ExternalDatabaseError(
            f"Database {connection.info.dbname} has PostGIS {version}, the oldest that works is "
            f"{oldest}: install a newer one and run ALTER EXTENSION postgis UPDATE."
        )


def _postgis_version(connection: psycopg.Connection) -> str | None:
    query = "SELECT extversion FROM pg_extension WHERE extname = 'postgis'"
    row = connection.execute(query).fetchone()
    return row[0] if row else None


def _create_postgis(connection: psycopg.Connection) -> str:
    name = connection.info.dbname
    try:
        connection.execute("CREATE EXTENSION postgis")
    except psycopg.errors.FeatureNotSupported:
        raise ExternalDatabaseError(
            "PostGIS is not installed on the server of ZGC_DATABASE_URL: "
            "install its package there (Debian 12: postgresql-15-postgis-3)."
        ) from None
    except psycopg.errors.InsufficientPrivilege:
        raise ExternalDatabaseError(
            f"Database {name} has no PostGIS and {connection.info.user} may not add it: "
            f"ask a superuser to run CREATE EXTENSION postgis in {name}."
        ) from None
    return _postgis_version(connection) or "0"


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit())


def _line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(error).__name__
