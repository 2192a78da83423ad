"""Export of a whole layer: how long it takes and how much memory the server needs."""

import time
import urllib.request
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.server import Running
from bench.workload import Export

PIECE = 1 << 16
TIMEOUT_S = 900


@dataclass(frozen=True)
class Exported:
    """Outcome of one export.

    Args:
        seconds: until the last byte.
        megabytes: sent.
        peak_mb: most memory that the server's processes held at a time, each for itself.
    """

    seconds: float
    megabytes: float
    peak_mb: float


def measure_exports(
    exports: Sequence[Export], servers: Sequence[Running], count: int, rounds: int
) -> dict[str, dict[str, Exported | None]]:
    """Every export from every server in turn; medians."""
    runs: dict[str, dict[str, list[Exported]]] = {}
    for _ in range(rounds):
        for export in exports:
            for server in servers:
                if server.name not in export.paths:
                    continue
                made = runs.setdefault(export.name, {}).setdefault(server.name, [])
                if (
                    one := _export(server, export.paths[server.name].format(count=count))
                ) is not None:
                    made.append(one)
    return {
        name: {server: _median(made) for server, made in rows.items()}
        for name, rows in runs.items()
    }


def _export(server: Running, path: str) -> Exported | None:
    """None where the server refuses."""
    _forget_peaks(server)
    start, size = time.perf_counter(), 0
    try:
        with urllib.request.urlopen(server.base + path, timeout=TIMEOUT_S) as answer:
            while piece := answer.read(PIECE):
                size += len(piece)
    except OSError:
        return None
    return Exported(time.perf_counter() - start, size / 1e6, _peak_mb(server))


def _forget_peaks(server: Running) -> None:
    for pid in server.processes():
        with suppress(OSError):
            Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")


def _peak_mb(server: Running) -> float:
    """Peaks of the server's processes added up: no less than the peak of their sum."""
    total = 0
    for pid in server.processes():
        with suppress(OSError):
            status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
            total += sum(int(line.split()[1]) for line in status.splitlines() if "VmHWM" in line)
    return total / 1000


def _median(made: list[Exported]) -> Exported | None:
    if not made:
        return None
    columns = zip(*((one.seconds, one.megabytes, one.peak_mb) for one in made), strict=True)
    return Exported(*(median(column) for column in columns))
