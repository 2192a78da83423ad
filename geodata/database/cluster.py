"""The private PostGIS cluster in the data folder; only this module knows about `initdb`.

A cluster's home holds `postgres/` (the data directory), `run/` (the unix socket), `postgres.log`
and `service.lock`. The home is the data folder itself, or a folder below `/var/lib/zgc-gis` where
the account that runs PostgreSQL may not enter the data folder.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
from psycopg import pq, sql

from geodata.audit.roles import SUFFIXES
from geodata.database.binaries import Binaries, find_binaries
from geodata.database.home import (
    DATABASE,
    OWNER,
    PORT,
    ClusterError,
    ClusterInUseError,
    Home,
    Report,
    find_home,
    locked,
)
from geodata.database.reader import reader_name
from geodata.database.writer import WRITERS, writer_name
from layers.attribute import Role

__all__ = ["ClusterError", "ClusterInUseError", "reachable_cluster", "running_cluster"]

READERS = (
    *(reader_name(OWNER, role) for role in Role),
    *(OWNER + suffix for suffix in SUFFIXES),
)
WRITER_ROLES = tuple(writer_name(OWNER, role) for role in WRITERS)
SUPERUSER = "postgres"
SPACE_TO_CREATE = 200_000_000  # bytes; an empty cluster with PostGIS takes 50 MB, then WAL grows
SPACE_TO_START = 32_000_000  # bytes; two WAL segments
STOP_TIMEOUT = 60.0  # seconds

# Appended once, so that an operator's own changes to postgresql.conf stay.
FIRST_SETTINGS = """
# Written when the service made this cluster; change freely.
max_connections = 100
shared_buffers = 256MB
effective_cache_size = 1GB
work_mem = 16MB
maintenance_work_mem = 128MB
random_page_cost = 1.1
wal_compression = on
log_checkpoints = off
log_line_prefix = '%m [%p] %u@%d '
log_timezone = 'UTC'
timezone = 'UTC'
"""
THROW_AWAY_SETTINGS = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=300",  # tests run many services at once
)


@contextmanager
def running_cluster(
    data: Path, report: Report, *, throw_away: bool = False, database: str = DATABASE
) -> Iterator[str]:
    """Runs the cluster of the data folder, made first if need be; yields a libpq URL.

    Args:
        data: the data folder.
        report: is told each step in one sentence.
        throw_away: for tests: faster, not durable, the role may create databases, and what
            lies outside the data folder is removed at the end.
        database: which database the URL names; made if it is absent.

    Raises:
        ClusterError: the cluster cannot be used.
        geodata.database.binaries.BinariesError: PostgreSQL or PostGIS is missing.
    """
    home = find_home(data, report)
    with locked(home):
        binaries = find_binaries(home.major)
        _end_orphans(home, report)
        _create_unless_there(home, binaries, report)
        _write_access_rules(home)
        with _server(home, binaries, report, THROW_AWAY_SETTINGS if throw_away else ()):
            _provision(home, may_create_databases=throw_away)
            yield _provided(home, database)
    if throw_away and not home.folder.is_relative_to(data.resolve()):
        shutil.rmtree(home.folder)


@contextmanager
def reachable_cluster(data: Path, report: Report, *, database: str = DATABASE) -> Iterator[str]:
    """Yields the URL of the cluster that a service runs at this moment, else runs it itself.

    Raises:
        ClusterError: as `running_cluster`.
    """
    with ExitStack() as stack:
        try:
            url = stack.enter_context(running_cluster(data, report, database=database))
        except ClusterInUseError:
            url = _provided(find_home(data, report), database)
        yield url


def _end_orphans(home: Home, report: Report) -> None:
    """Stops the PostgreSQL that a killed service left behind; the lock says it is nobody's."""
    pid_file = home.postgres / "postmaster.pid"
    orphans = _processes_in(home.postgres)
    if orphans:
        report("Stopping the PostgreSQL that a killed service left running")
        postmaster = _first_number(pid_file)
        for pid in [postmaster] if postmaster in orphans else orphans:
            _signal(pid, signal.SIGINT)
        _wait_until_gone(home)
    # PostgreSQL would take a stranger that has got the recorded process id for a server.
    for stale in (pid_file, home.socket / f".s.PGSQL.{PORT}.lock"):
        stale.unlink(missing_ok=True)


def _first_number(pid_file: Path) -> int:
    try:
        return int(pid_file.read_text(encoding="ascii").split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return 0


def _processes_in(folder: Path) -> list[int]:
    """Processes whose working directory is `folder`: a postmaster and its children."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if os.readlink(entry / "cwd") == str(folder):
                found.append(int(entry.name))
        except OSError:
            continue
    return sorted(found)


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _wait_until_gone(home: Home) -> None:
    deadline = time.monotonic() + STOP_TIMEOUT
    while remaining := _processes_in(home.postgres):
        if time.monotonic() > deadline:
            raise ClusterError(
                f"PostgreSQL (process id {remaining[0]}) still uses {home.postgres} and does not "
                f"stop: end it with kill -QUIT {remaining[0]}."
            )
        time.sleep(0.02)


def _create_unless_there(home: Home, binaries: Binaries, report: Report) -> None:
    """Makes the data directory under another name first: a killed `initdb` breaks nothing."""
    if home.major is not None:
        require_space(home.folder, SPACE_TO_START)
        return
    require_space(home.folder, SPACE_TO_CREATE)
    report(f"Making the database in {home.folder} (PostgreSQL {binaries.major}, about 5 s)")
    for abandoned in home.folder.glob("postgres.new-*"):
        shutil.rmtree(abandoned, ignore_errors=True)
    fresh = Path(tempfile.mkdtemp(prefix="postgres.new-", dir=home.folder))
    home.account.own(fresh)
    _initdb(home, binaries, fresh)
    _move_into_place(fresh, home.postgres)


def require_space(folder: Path, needed: int) -> None:
    """Refuses to go on with less than `needed` bytes free.

    Raises:
        ClusterError: names the folder, what is free and what is needed.
    """
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise ClusterError(
            f"{folder} has {free // 1_000_000} MB free, the database needs "
            f"{needed // 1_000_000} MB: make room, or choose another folder with --data."
        )


def _initdb(home: Home, binaries: Binaries, fresh: Path) -> None:
    done = home.account.run(
        binaries.program("initdb"),
        f"--pgdata={fresh}",
        f"--username={SUPERUSER}",
        "--auth=peer",
        "--encoding=UTF8",
        "--locale=C",
        "--data-checksums",
        "--no-instructions",
    )
    if done.returncode != 0:
        raise ClusterError(f"The database could not be made: {_last_line(done.stderr)}")
    with (fresh / "postgresql.conf").open("a", encoding="utf-8") as settings:
        settings.write(FIRST_SETTINGS)


def _move_into_place(fresh: Path, target: Path) -> None:
    try:
        fresh.rename(target)
    except OSError:
        shutil.rmtree(fresh)
        raise ClusterError(
            f"{target} exists and is not a PostgreSQL data directory: "
            "move it away, or choose another folder with --data."
        ) from None


def _write_access_rules(home: Home) -> None:
    """Peer authentication: the kernel vouches for the account, there is no password to lose."""
    roles = (SUPERUSER, OWNER, *READERS)
    names = sorted({home.account.name, pwd.getpwuid(os.geteuid()).pw_name})
    rules = [f"local all {role} peer map={DATABASE}\n" for role in roles]
    idents = [f'{DATABASE} "{name}" {role}\n' for name in names for role in roles]
    for file, lines in (("pg_hba.conf", rules), ("pg_ident.conf", idents)):
        path = home.postgres / file
        path.write_text("".join(lines), encoding="utf-8")
        home.account.own(path)


@contextmanager
def _server(
    home: Home, binaries: Binaries, report: Report, settings: tuple[str, ...]
) -> Iterator[None]:
    """Runs the server as a child process while the context lasts."""
    _make_socket_folder(home)
    if home.log.exists():
        home.log.replace(home.log.with_suffix(".log.1"))
    report(f"Starting PostgreSQL {binaries.major}")
    process = home.account.start(home.log, *_server_command(home, binaries, settings))
    try:
        _wait_until_ready(home, process, report)
        yield
    finally:
        _stop(process)


def _make_socket_folder(home: Home) -> None:
    folder = home.socket
    folder.mkdir(mode=0o700, exist_ok=True)
    home.account.own(folder)
    status = folder.lstat()
    if status.st_uid != home.account.uid or status.st_mode & 0o077:
        raise ClusterError(
            f"{folder} must belong to {home.account.name} alone: remove it, the service makes it."
        )


def _server_command(home: Home, binaries: Binaries, settings: tuple[str, ...]) -> list[str]:
    ours = (
        "listen_addresses=",
        f"port={PORT}",
        f"unix_socket_directories={_quoted(home.socket)}",
        "unix_socket_permissions=0700",
        *settings,
    )
    options = [word for setting in ours for word in ("-c", setting)]
    return [*_ends_with_us(), binaries.program("postgres"), "-D", str(home.postgres), *options]


def _quoted(folder: Path) -> str:
    """One element of a PostgreSQL list setting."""
    return '"' + str(folder).replace('"', '""') + '"'


def _ends_with_us() -> list[str]:
    """Prefix that makes the kernel stop PostgreSQL when this process dies, even by `kill -9`."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "INT", "--"] if setpriv else []


def _wait_until_ready(home: Home, process: subprocess.Popen[bytes], report: Report) -> None:
    url = home.url(SUPERUSER, "postgres").encode()
    recovering = False
    while process.poll() is None:
        state = pq.PGconn.ping(url)
        if state == pq.Ping.OK:
            return
        if state == pq.Ping.REJECT and not recovering:
            recovering = True
            report("PostgreSQL is reading its log back")
        time.sleep(0.02)
    raise ClusterError(f"PostgreSQL did not start: {_last_words(home.log)} (see {home.log}).")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Fast shutdown: open transactions are rolled back, everything committed is on disk."""
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGINT)
    try:
        process.wait(STOP_TIMEOUT)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGQUIT)
        process.wait()


def _provision(home: Home, *, may_create_databases: bool) -> None:
    """Roles, PostGIS and the database, whatever of them is still missing."""
    with psycopg.connect(home.url(SUPERUSER, "template1"), autocommit=True) as connection:
        _add_roles(connection)
        _add_postgis(connection)
        _close_large_objects(connection)
        if may_create_databases:
            connection.execute(sql.SQL("ALTER ROLE {} CREATEDB").format(sql.Identifier(OWNER)))
    _add_database(home, DATABASE)


def _provided(home: Home, database: str) -> str:
    """URL of a database of a running cluster; one beside the real database is made if absent."""
    if database != DATABASE:
        _add_database(home, database)
    return home.url(database=database)


def _add_roles(connection: psycopg.Connection) -> None:
    there = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
    attributes = {OWNER: "LOGIN INHERIT"} | dict.fromkeys(READERS, "LOGIN NOINHERIT")
    for role, given in (attributes | dict.fromkeys(WRITER_ROLES, "NOLOGIN NOINHERIT")).items():
        if role not in there:
            statement = sql.SQL("CREATE ROLE {} {}")
            connection.execute(statement.format(sql.Identifier(role), sql.SQL(given)))
    # Who owns a database may end the sessions of its readers, to drop it, say, and become a writer.
    roles = sql.SQL(", ").join(map(sql.Identifier, (*READERS, *WRITER_ROLES)))
    connection.execute(sql.SQL("GRANT {} TO {}").format(roles, sql.Identifier(OWNER)))


def _add_postgis(connection: psycopg.Connection) -> None:
    """Also in template1, so that every further database has it without a superuser."""
    connection.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    connection.execute("ALTER EXTENSION postgis UPDATE")


def _close_large_objects(connection: psycopg.Connection) -> None:
    """Everybody may make them by default, even who may write to no table, and nothing needs any."""
    makers = "lo_creat(integer), lo_create(oid), lo_from_bytea(oid, bytea)"
    connection.execute(f"REVOKE EXECUTE ON FUNCTION {makers} FROM PUBLIC")


def _add_database(home: Home, name: str) -> None:
    with psycopg.connect(home.url(SUPERUSER, "postgres"), autocommit=True) as connection:
        there = {found for (found,) in connection.execute("SELECT datname FROM pg_database")}
        if name not in there:
            statement = sql.SQL("CREATE DATABASE {} OWNER {}")
            connection.execute(statement.format(sql.Identifier(name), sql.Identifier(OWNER)))
    with psycopg.connect(home.url(SUPERUSER, name), autocommit=True) as connection:
        _add_postgis(connection)
        _close_large_objects(connection)


def _last_words(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    fatal = [line for line in lines if "FATAL" in line or "PANIC" in line]
    return _last_line("\n".join(fatal or lines))


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1].rstrip(".") if lines else "no reason was given"
