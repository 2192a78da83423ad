"""Load: `wrk` on a server, `pgbench` on the database; one thread, eight connections."""

import os
import re
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

import click

from bench.probe import ask
from bench.server import Running
from geodata.database.binaries import find_binaries

CONNECTIONS = 8
SCRIPT = Path(__file__).with_name("wrk.lua")
MOST_SETTLING_S = 5
TURNS_A_ROUND = 100_000
RESULT = re.compile(r"^RESULT (\d+) (\d+) (\d+) (\d+) ([0-9.]+) ([0-9.]+)$", re.M)
PROGRESS = re.compile(r"^progress: [0-9.]+ s, ([0-9.]+) tps, lat ([0-9.]+) ms", re.M)


@dataclass(frozen=True)
class Rate:
    """Outcome of one run of load.

    Args:
        per_second: answers.
        p50_ms, p99_ms: latency; 0 where it is not known.
        errors: answers that were none.
    """

    per_second: float
    p50_ms: float = 0
    p99_ms: float = 0
    errors: int = 0


def wrk(server: Running, paths: list[str], *, seconds: int, turn: int, tag: str = "") -> Rate:
    """Ask for the paths in turn, as fast as answers come."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(paths) + "\n")
        file.flush()
        environment = {
            "BENCH_PATHS": file.name,
            "BENCH_TURN": str(turn * TURNS_A_ROUND),
            "BENCH_TAG": tag,
            "BENCH_TOKEN": server.token,
        }
        options = ("-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "30s")
        said = _output(["wrk", *options, "-s", str(SCRIPT), server.base], environment)
    found = RESULT.search(said)
    if found is None:
        raise click.ClickException(f"wrk gave no result: {said}")
    requests, microseconds, _, errors, p50, p99 = map(float, found.groups())
    # wrk drops its open requests at the end; the server may still be at work on them.
    time.sleep(min(MOST_SETTLING_S, CONNECTIONS * p50 / 1000))
    return Rate((requests - errors) / (microseconds / 1e6), p50, p99, int(errors))


def one_by_one(server: Running, paths: list[str], *, seconds: float, turn: int) -> Rate:
    """Single requests, for answers so slow that load would only pile up."""
    start, count = time.perf_counter(), 0
    while count == 0 or time.perf_counter() - start < seconds:
        ask(server, paths[(turn + count) % len(paths)])
        count += 1
    taken = time.perf_counter() - start
    return Rate(count / taken, taken / count * 1000)


def pgbench(url: str, statements: list[str], *, seconds: int) -> Rate:
    """Run statements at random, each prepared once a connection.

    The first second is left out: a connection that first needs PROJ takes a tenth of it.
    """
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for number, statement in enumerate(statements):
            path = Path(folder, f"{number}.sql")
            path.write_text(statement + "\n", encoding="utf-8")
            files += ["-f", str(path)]
        load = ("-n", "-M", "prepared", "-c", str(CONNECTIONS), "-j1")
        timing = ("-T", str(seconds + 1), "-P1")
        said = _output([_pgbench_program(), *load, *timing, *files, url], {"PGOPTIONS": SERVING})
    rows = [(float(rate), float(latency)) for rate, latency in PROGRESS.findall(said)][1:]
    if not rows:
        raise click.ClickException(f"pgbench gave no result: {said}")
    return Rate(*(mean(column) for column in zip(*rows, strict=True)))


SERVING = "-c max_parallel_workers_per_gather=0 -c jit=off"
"""As the service's own connections are set."""


def _pgbench_program() -> str:
    return find_binaries().program("pgbench")


def _output(command: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | environment)
    if done.returncode:
        raise click.ClickException(f"{command[0]}: {(done.stderr or done.stdout).strip()}")
    return done.stdout + done.stderr
