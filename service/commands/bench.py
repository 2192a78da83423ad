"""`./zgc bench`: the measured comparison, which is not part of what is installed."""

import subprocess
import sys
from pathlib import Path

from geodata.errors import GeodataError

ROOT = Path(__file__).parents[2]


class NoBenchError(GeodataError):
    """The comparison is not there."""


def bench(arguments: tuple[str, ...]) -> int:
    """Runs it; returns its exit code.

    Raises:
        NoBenchError: this is an installed package, not the repository.
    """
    if not (ROOT / "bench" / "__main__.py").exists():
        raise NoBenchError("The comparison is in the repository only: run ./zgc bench there.")
    return subprocess.call((sys.executable, "-m", "bench", *arguments), cwd=ROOT)
