"""PostgreSQL server programs of this machine that have PostGIS."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from geodata.errors import GeodataError

OLDEST_POSTGRESQL = 15
DEBIAN_FOLDERS = Path("/usr/lib/postgresql")
HOW_TO_INSTALL = "install the package postgresql-15-postgis-3 (Debian 12) or a newer one"


class BinariesError(GeodataError):
    """No usable PostgreSQL server programs."""


@dataclass(frozen=True)
class Binaries:
    """One installation of the PostgreSQL server.

    Args:
        folder: holds `initdb`, `postgres`, `psql`.
        major: PostgreSQL major version.
        has_postgis: the extension's files are installed for this version.
    """

    folder: Path
    major: int
    has_postgis: bool

    def program(self, name: str) -> str:
        """Absolute path of a program."""
        return str(self.folder / name)


def find_binaries(major: int | None = None) -> Binaries:
    """Newest usable installation; with `major`, of exactly that version.

    `ZGC_PG_BIN` names the folder to use; otherwise Debian's folders and `PATH` are searched.

    Raises:
        BinariesError: says what is missing and what to install.
    """
    installed = sorted(_installed(), key=lambda found: found.major, reverse=True)
    if not installed:
        raise BinariesError(f"No PostgreSQL server programs {_searched()}: {HOW_TO_INSTALL}.")
    recent = [found for found in installed if found.major >= OLDEST_POSTGRESQL]
    if not recent:
        raise BinariesError(
            f"PostgreSQL {installed[0].major} in {installed[0].folder} is too old, "
            f"{OLDEST_POSTGRESQL} is the oldest that works: {HOW_TO_INSTALL}."
        )
    return _of_version(recent, major) if major else _with_postgis(recent)


def _of_version(installed: list[Binaries], major: int) -> Binaries:
    same = [found for found in installed if found.major == major]
    if not same:
        versions = ", ".join(str(found.major) for found in installed)
        raise BinariesError(
            f"The data was written by PostgreSQL {major}, installed is {versions}: "
            f"install the package postgresql-{major}-postgis-3, "
            "or choose another folder with --data."
        )
    return _with_postgis(same)


def _with_postgis(installed: list[Binaries]) -> Binaries:
    for found in installed:
        if found.has_postgis:
            return found
    found = installed[0]
    raise BinariesError(
        f"PostgreSQL {found.major} in {found.folder} has no PostGIS extension: "
        f"install the package postgresql-{found.major}-postgis-3."
    )


def _installed() -> Iterator[Binaries]:
    for folder in _candidates():
        if (folder / "initdb").is_file() and (major := _major(folder)):
            yield Binaries(folder, major, _has_postgis(folder, major))


def _candidates() -> list[Path]:
    if chosen := os.environ.get("ZGC_PG_BIN"):
        return [Path(chosen)]
    on_path = shutil.which("postgres")
    return [
        *DEBIAN_FOLDERS.glob("*/bin"),
        *([Path(on_path).resolve().parent] if on_path else []),
    ]


def _searched() -> str:
    chosen = os.environ.get("ZGC_PG_BIN")
    return f"in ZGC_PG_BIN={chosen}" if chosen else f"below {DEBIAN_FOLDERS} or on PATH"


def _major(folder: Path) -> int | None:
    found = re.search(r"\(PostgreSQL\) (\d+)", _output(folder / "postgres", "--version"))
    return int(found.group(1)) if found else None


def _has_postgis(folder: Path, major: int) -> bool:
    shared = _output(folder / "pg_config", "--sharedir").strip()
    folders = [Path(shared)] if shared else [Path(f"/usr/share/postgresql/{major}")]
    return any((path / "extension" / "postgis.control").is_file() for path in folders)


def _output(program: Path, argument: str) -> str:
    try:
        return subprocess.run([program, argument], capture_output=True, text=True).stdout
    except OSError:
        return ""
