"""Servers as processes on loopback: started, awaited, watched, ended."""

import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

PATIENCE_S = 60


class ServerError(click.ClickException):
    """A server did not start."""


@dataclass(frozen=True)
class Running:
    """A running server.

    Args:
        name: one of `bench.workload.SERVERS`.
        port: where it listens on 127.0.0.1.
        pid: its first process.
        token: what requests show; empty: nothing.
    """

    name: str
    port: int
    pid: int
    token: str = ""

    @property
    def base(self) -> str:
        """URL without a path."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def headers(self) -> dict[str, str]:
        """Headers of requests."""
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    def processes(self) -> list[int]:
        """Its processes: a server may have workers."""
        found, pending = [], [self.pid]
        while pending:
            pid = pending.pop()
            found.append(pid)
            for task in Path(f"/proc/{pid}/task").glob("*/children"):
                pending += [int(child) for child in task.read_text().split()]
        return found


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@contextmanager
def running(
    name: str, port: int, command: Sequence[str], environment: Mapping[str, str], log: Path
) -> Iterator[Running]:
    """Runs a server until the context ends; what it says goes to a file.

    Raises:
        ServerError: it ended, or does not answer in time.
    """
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=output, env=os.environ | environment, cwd=log.parent
        )
    try:
        server = Running(name, port, process.pid)
        _await(server, process, log)
        yield server
    finally:
        process.terminate()
        process.wait()


def _await(server: Running, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not _answers(server):
        if process.poll() is not None or time.monotonic() > deadline:
            raise ServerError(f"{server.name} did not start; what it said is in {log}")
        time.sleep(0.1)


def _answers(server: Running) -> bool:
    try:
        with urllib.request.urlopen(f"{server.base}/conformance", timeout=5):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
