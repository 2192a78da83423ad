"""The command line as people meet it: real processes, real exit codes, one sentence per failure."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def _environment(settings: dict[str, str]) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("ZGC_")}
    return ours | settings


def run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "service.cli", *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=_environment(settings),
    )


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the account which runs PostgreSQL may enter, unlike pytest's own."""
    made = Path(tempfile.mkdtemp(prefix="zgc-test-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yield taken.getsockname()[1]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.mark.parametrize(
    "command",
    [(), ("serve",), ("test",), ("db",), *(("db", verb) for verb in ("upgrade", "shell"))],
)
def test_each_command_explains_itself(command: tuple[str, ...]) -> None:
    done = run(*command, "--help")
    assert done.returncode == 0
    assert done.stdout.startswith("Usage: ")


@pytest.mark.parametrize(
    "arguments", [("fly",), ("serve", "--port", "0"), ("serve", "--wings"), ("db", "revision")]
)
def test_wrong_usage_is_exit_code_2(arguments: tuple[str, ...]) -> None:
    assert run(*arguments).returncode == 2


@pytest.mark.parametrize(
    ("settings", "arguments", "sentence"),
    [
        ({"ZGC_PORT": "99999"}, (), "ZGC_PORT=99999: "),
        ({"ZGC_DATABASE_URL": "mysql://here"}, (), "must start with postgresql://"),
        ({}, ("--host", "192.0.2.1"), "192.0.2.1 is not an address of this machine"),
        ({"ZGC_DATABASE_URL": "postgresql://127.0.0.1:1/zgc"}, (), "does not answer"),
        ({"ZGC_PG_BIN": "/nonexistent"}, (), "No PostgreSQL server programs in ZGC_PG_BIN"),
    ],
)
def test_an_expected_failure_is_one_sentence(
    folder: Path, settings: dict[str, str], arguments: tuple[str, ...], sentence: str
) -> None:
    settings = {"ZGC_DATA": str(folder / "data"), "ZGC_PORT": str(_free_port())} | settings
    done = run("serve", *arguments, **settings)
    assert done.returncode == 1
    assert done.stdout == ""
    assert sentence in done.stderr
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") == 1


def test_a_port_in_use_is_named_before_anything_slow(folder: Path, taken_port: int) -> None:
    done = run("serve", "--port", str(taken_port), "--data", str(folder / "data"))
    assert done.returncode == 1
    assert f"Port {taken_port} on 127.0.0.1 is in use" in done.stderr
    assert not (folder / "data").exists()


@pytest.fixture
def start(folder: Path) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """Starts a service that is ready, on the folder's data."""
    started: list[subprocess.Popen[str]] = []

    def ready() -> subprocess.Popen[str]:
        port = _free_port()
        options = ("--port", str(port), "--data", str(folder / "data"))
        process = subprocess.Popen(
            [sys.executable, "-m", "service.cli", "serve", *options],
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=_environment({}),
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == f"ready: http://127.0.0.1:{port}\n"
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz") as answer:
            assert answer.status == 200
        return process

    yield ready
    for process in started:
        process.terminate()
        process.communicate()


def _postmaster(folder: Path) -> Path:
    pid = (folder / "data" / "postgres" / "postmaster.pid").read_text().splitlines()[0]
    return Path("/proc") / pid


def test_serve_from_nothing_to_every_kind_of_end(
    folder: Path, start: Callable[[], subprocess.Popen[str]]
) -> None:
    for end in (signal.SIGTERM, signal.SIGINT):
        service = start()
        postmaster = _postmaster(folder)
        service.send_signal(end)
        assert service.wait() == 0
        assert not postmaster.exists()
    start().kill()
    service = start()
    data = {"ZGC_DATA": str(folder / "data")}
    shell = run("db", "shell", "-Atc", "SELECT current_user", **data)
    assert (shell.returncode, shell.stdout) == (0, "zgc\n")
    assert run("db", "status", **data).stdout.startswith("database 0")
    second = run("serve", "--port", str(_free_port()), **data)
    assert second.returncode == 1
    assert f"in use by the service with process id {service.pid}:" in second.stderr


def test_a_given_database_is_upgraded_and_asked(new_database: Callable[[], str]) -> None:
    url = new_database()
    assert "database empty" in run("db", "status", ZGC_DATABASE_URL=url).stdout
    assert run("db", "upgrade", ZGC_DATABASE_URL=url).returncode == 0
    assert "database empty" not in run("db", "status", ZGC_DATABASE_URL=url).stdout
    query = ("db", "shell", "-Atc", "SELECT count(*) FROM enterprises")
    assert run(*query, ZGC_DATABASE_URL=url).stdout == "0\n"
    assert run("db", "shell", "-c", "SELEC", ZGC_DATABASE_URL=url).returncode == 1
