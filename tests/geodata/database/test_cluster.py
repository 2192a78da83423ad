"""The private cluster survives what operators and machines do to it."""

import asyncio
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import psycopg
import pytest

from geodata.database.account import AccountError, known_account
from geodata.database.binaries import BinariesError
from geodata.database.cluster import (
    ClusterError,
    ClusterInUseError,
    reachable_cluster,
    require_space,
    running_cluster,
)
from geodata.database.home import LONGEST_SOCKET_FOLDER, SYSTEM_HOMES, find_home

ROOT = Path(__file__).parents[3]
PATIENCE = 60  # seconds, far more than any step takes

# A service in a process of its own; it ends with its standard input.
HOLDER = """
import pathlib, signal, sys
from geodata.database.cluster import running_cluster
signal.signal(signal.SIGINT, signal.SIG_IGN)
with running_cluster(pathlib.Path(sys.argv[1]), lambda text: None) as url:
    print(url, flush=True)
    sys.stdin.read()
"""


def silent(_: str) -> None:
    return None


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the service user may enter, unlike pytest's own."""
    made = Path(tempfile.mkdtemp(prefix="zgc-test-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def template() -> Iterator[Path]:
    """A data folder with a stopped cluster, for tests that would only wait for `initdb`."""
    made = Path(tempfile.mkdtemp(prefix="zgc-test-"))
    made.chmod(0o755)
    with running_cluster(made / "data", silent):
        pass
    yield made / "data"
    shutil.rmtree(made)


@pytest.fixture
def data(template: Path, folder: Path) -> Path:
    """A data folder of one's own with a stopped cluster."""
    subprocess.run(["cp", "-a", template, folder / "data"], check=True)
    return folder / "data"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The URL of a running throw-away cluster."""
    made = Path(tempfile.mkdtemp(prefix="zgc-test-"))
    made.chmod(0o755)
    with running_cluster(made, silent, throw_away=True) as url:
        yield url
    shutil.rmtree(made)


@pytest.fixture
def hold() -> Iterator[Callable[..., tuple[subprocess.Popen[str], str]]]:
    """Starts services in processes of their own, and ends them."""
    started: list[subprocess.Popen[str]] = []

    def start(data: Path, **environment: str) -> tuple[subprocess.Popen[str], str]:
        process = _spawn(data, environment)
        started.append(process)
        assert process.stdout is not None
        return process, process.stdout.readline().strip()

    yield start
    for process in started:
        process.communicate()


def _spawn(data: Path, environment: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(data)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=os.environ | environment,
        process_group=0,
    )


def _value(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def _until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def _postmaster(data: Path) -> int:
    return int((data / "postgres" / "postmaster.pid").read_text().splitlines()[0])


def _is_alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


@pytest.mark.parametrize(
    ("query", "value"),
    [
        ("SELECT current_user", "zgc"),
        ("SELECT rolsuper FROM pg_roles WHERE rolname = current_user", False),
        ("SELECT datdba::regrole::text FROM pg_database WHERE datname = 'zgc'", "zgc"),
        ("SELECT rolcanlogin FROM pg_roles WHERE rolname = 'zgc_reader'", True),
        ("SELECT extname FROM pg_extension WHERE extname = 'postgis'", "postgis"),
        ("SHOW server_encoding", "UTF8"),
        ("SHOW lc_collate", "C"),
        ("SHOW data_checksums", "on"),
        ("SHOW listen_addresses", ""),
        ("SHOW timezone", "UTC"),
        ("SELECT current_setting('max_connections')::int >= 60", True),
    ],
)
def test_the_cluster_is_as_promised(url: str, query: str, value: object) -> None:
    assert _value(url, query) == value


def test_both_drivers_take_the_url(url: str) -> None:
    async def ask() -> object:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval("SELECT current_user")
        finally:
            await connection.close()

    assert asyncio.run(ask()) == _value(url, "SELECT current_user")


def test_the_reader_logs_in_without_rights(url: str) -> None:
    as_reader = url.replace("zgc@", "zgc_reader@")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        _value(as_reader, "CREATE TABLE t ()")


def test_databases_made_by_tests_have_postgis(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE another")
    another = url.replace("/zgc?", "/another?")
    assert str(_value(another, "SELECT postgis_version()")).startswith("3.")


def test_only_the_service_reaches_the_socket(data: Path) -> None:
    with running_cluster(data, silent) as url:
        assert str(data / "run") in url
        assert (data / "run").stat().st_mode & 0o777 == 0o700


def test_a_second_service_is_refused_and_told_by_whom(data: Path, hold: Callable) -> None:
    first, _ = hold(data)
    with pytest.raises(ClusterInUseError, match=rf"process id {first.pid}\b"):
        running_cluster(data, silent).__enter__()


def test_a_command_reaches_the_cluster_of_a_running_service(data: Path, hold: Callable) -> None:
    _, url = hold(data)
    with reachable_cluster(data, silent) as reached:
        assert reached == url
        assert _value(reached, "SELECT 1") == 1


def test_a_command_starts_the_cluster_when_no_service_runs(data: Path) -> None:
    with reachable_cluster(data, silent) as url:
        assert _value(url, "SELECT 1") == 1


def test_stopping_leaves_no_process(data: Path) -> None:
    with running_cluster(data, silent):
        pid = _postmaster(data)
    assert not _is_alive(pid)


def test_committed_rows_survive_kill_9(data: Path, hold: Callable) -> None:
    service, url = hold(data)
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    service.kill()
    service.wait()
    with running_cluster(data, silent) as url:
        assert _value(url, "SELECT answer FROM kept") == 42


def test_kill_9_of_service_and_server_is_recovered(data: Path, hold: Callable) -> None:
    service, url = hold(data)
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    os.kill(_postmaster(data), signal.SIGKILL)
    service.kill()
    service.wait()
    with running_cluster(data, silent) as url:
        assert _value(url, "SELECT answer FROM kept") == 42


def test_an_orphaned_server_is_stopped(data: Path, hold: Callable) -> None:
    service, _ = hold(data, PATH="/nonexistent")  # no setpriv: nothing ends PostgreSQL
    orphan = _postmaster(data)
    service.kill()
    service.wait()
    assert _is_alive(orphan)
    told: list[str] = []
    with running_cluster(data, told.append):
        assert _postmaster(data) != orphan
    assert "Stopping the PostgreSQL that a killed service left running" in told


def test_a_stale_pid_file_hurts_no_stranger(data: Path) -> None:
    stranger = os.getpid()
    for lock in (data / "postgres" / "postmaster.pid", data / "run" / ".s.PGSQL.5432.lock"):
        lock.write_text(f"{stranger}\n{data / 'postgres'}\n")
    with running_cluster(data, silent) as url:
        assert _value(url, "SELECT 1") == 1


def test_ctrl_c_in_the_terminal_does_not_reach_the_server(data: Path, hold: Callable) -> None:
    service, url = hold(data)
    os.killpg(service.pid, signal.SIGINT)
    assert _value(url, "SELECT 1") == 1


def test_a_killed_initdb_is_started_over(folder: Path) -> None:
    data = folder / "data"
    service = _spawn(data, {})
    _until(lambda: list(data.glob("postgres.new-*/PG_VERSION")))
    service.kill()
    service.communicate()
    assert not (data / "postgres").exists()
    with running_cluster(data, silent) as url:
        assert _value(url, "SELECT 1") == 1
    assert (data / "postgres").is_dir()


def test_data_of_another_version_is_refused(folder: Path) -> None:
    (folder / "data" / "postgres").mkdir(parents=True)
    (folder / "data" / "postgres" / "PG_VERSION").write_text("14\n")
    _own_as_service(folder / "data" / "postgres")
    with pytest.raises(BinariesError, match=r"written by PostgreSQL 14, .*postgresql-14-postgis-3"):
        running_cluster(folder / "data", silent).__enter__()


def test_a_foreign_folder_is_left_alone(folder: Path) -> None:
    (folder / "data" / "postgres").mkdir(parents=True)
    (folder / "data" / "postgres" / "thesis.txt").write_text("years of work")
    _own_as_service(folder / "data" / "postgres")
    with pytest.raises(ClusterError, match="not a PostgreSQL data directory: move it away"):
        running_cluster(folder / "data", silent).__enter__()
    assert (folder / "data" / "postgres" / "thesis.txt").read_text() == "years of work"
    assert list((folder / "data").glob("postgres.new-*")) == []


def test_a_server_that_does_not_start_tells_why(data: Path) -> None:
    with (data / "postgres" / "postgresql.conf").open("a") as settings:
        settings.write("shared_buffers = plenty\n")
    with pytest.raises(
        ClusterError, match=r"did not start: .*(errors|shared_buffers).*postgres\.log"
    ):
        running_cluster(data, silent).__enter__()


def test_a_file_is_no_data_folder(folder: Path) -> None:
    (folder / "data").touch()
    with pytest.raises(ClusterError, match="is not a folder"):
        running_cluster(folder / "data", silent).__enter__()


def test_too_little_space_is_one_sentence(folder: Path) -> None:
    with pytest.raises(ClusterError, match=r"MB free, the database needs 1000000000 MB: make room"):
        require_space(folder, 10**15)


def test_a_long_path_gets_a_short_socket(folder: Path) -> None:
    data = folder / ("long" * 20) / "data"
    home = find_home(data, silent)
    assert len(os.fsencode(home.socket)) <= LONGEST_SOCKET_FOLDER
    assert not home.socket.is_relative_to(data)
    with running_cluster(data, silent, throw_away=True) as url:
        assert _value(url, "SELECT 1") == 1
    home.socket.rmdir()


def test_a_user_without_a_name_is_told() -> None:
    with pytest.raises(AccountError, match="User id 3999999 has no name"):
        known_account(3_999_999)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as another user")
def test_data_below_a_closed_folder_is_kept_elsewhere(folder: Path) -> None:
    folder.chmod(0o700)
    told: list[str] = []
    with running_cluster(folder / "data", told.append) as url:
        assert _value(url, "SELECT 1") == 1
    elsewhere = (folder / "data" / "postgres").readlink().parent
    try:
        assert elsewhere.parent == SYSTEM_HOMES
        assert any(re.search(f"kept in {elsewhere}, linked from", text) for text in told)
        with running_cluster(folder / "data", told.append) as url:
            assert str(elsewhere) in url
    finally:
        shutil.rmtree(elsewhere)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as another user")
def test_a_throw_away_cluster_leaves_nothing_elsewhere(folder: Path) -> None:
    folder.chmod(0o700)
    with running_cluster(folder / "data", silent, throw_away=True):
        elsewhere = (folder / "data" / "postgres").readlink().parent
        assert elsewhere.is_dir()
    assert not elsewhere.exists()


def _own_as_service(path: Path) -> None:
    """Makes a prepared folder look like one that the service made."""
    home = find_home(path.parent / "other", silent)
    for each in (path, *path.iterdir()):
        home.account.own(each)
