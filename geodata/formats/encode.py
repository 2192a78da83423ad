"""The worker, `python -m geodata.formats.encode`: job and rows come in, a file goes out."""

import os
import sys
from importlib import import_module
from importlib.abc import MetaPathFinder

from geodata.formats.job import read_job
from geodata.formats.rows import Rows

NICENESS = 5
"""Whoever asks for a map comes before who asks for a file."""

BUFFER = 1 << 20


class Unused(MetaPathFinder):
    """Hides what pyogrio and Arrow load where it is: a second and 70 MB that no encoder needs."""

    NAMES = ("geopandas", "pandas")

    def find_spec(self, fullname: str, *_: object) -> None:
        """Finds nothing, and for some names says that nobody will."""
        if fullname in self.NAMES:
            raise ModuleNotFoundError(fullname)


def main() -> None:
    """Encode one file."""
    os.nice(NICENESS)
    sys.meta_path.insert(0, Unused())
    with open(0, "rb", buffering=BUFFER) as rows, open(1, "wb", buffering=BUFFER) as file:
        job = read_job(rows)
        import_module(f"geodata.formats.{job.format}").encode(Rows(job, rows), file)


if __name__ == "__main__":
    main()
