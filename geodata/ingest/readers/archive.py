"""Zip archives: looked into before anything is unpacked, and unpacked no further than allowed.

Python's `zipfile` gives no more of a member than its header says, so sizes can be judged there.
"""

import stat
import struct
from io import FileIO
from pathlib import Path, PurePosixPath
from zipfile import BadZipFile, ZipFile, ZipInfo

from geodata.ingest.geojson import UnreadableFileError

MOST_MEMBERS = 2_000
MOST_BYTES = 4 << 30
MOST_RATIO = 200
"""Text tables pack to about a fiftieth; a bomb to a thousandth."""

SMALL = 20 << 20
"""So much may be packed as tightly as it likes."""

ENCRYPTED = 0x1

MOST_LISTED = 4 << 20
"""Bytes of an archive's directory, which is read whole before its members can be counted."""


def open_archive(path: Path, file: str) -> ZipFile:
    """An archive whose members are harmless in name, number and size.

    Raises:
        UnreadableFileError: damaged, encrypted, a bomb, or with names that lead elsewhere.
    """
    try:
        with _Listed(path) as listed:
            ZipFile(listed).close()
        archive = ZipFile(path)
        members = archive.infolist()
    except (BadZipFile, OSError, ValueError, NotImplementedError, struct.error) as error:
        raise UnreadableFileError(f"{file}: not a whole zip archive: {error}") from error
    try:
        check_members(file, members)
    except UnreadableFileError:
        archive.close()
        raise
    return archive


def check_members(file: str, members: list[ZipInfo]) -> None:
    """Refuse what no honest archive holds.

    Raises:
        UnreadableFileError: names the member.
    """
    if len(members) > MOST_MEMBERS:
        raise UnreadableFileError(f"{file}: {len(members)} members; at most {MOST_MEMBERS}")
    if (total := sum(each.file_size for each in members)) > MOST_BYTES:
        raise UnreadableFileError(f"{file}: unpacks to {total} bytes; at most {MOST_BYTES}")
    for each in members:
        if (reason := _harm(each)) is not None:
            raise UnreadableFileError(f"{file}, member {each.filename!r}: {reason}")


def unpacked(archive: ZipFile, file: str, member: ZipInfo, folder: Path, name: str) -> Path:
    """One member as a file of the given name.

    Raises:
        UnreadableFileError: the member is damaged.
    """
    path = folder / name
    try:
        with archive.open(member) as packed, path.open("wb") as target:
            while piece := packed.read(1 << 20):
                target.write(piece)
    except (BadZipFile, OSError, EOFError, ValueError, NotImplementedError) as error:
        raise UnreadableFileError(f"{file}, member {member.filename!r}: {error}") from error
    return path


class _Listed(FileIO):
    """A file of which no more is read at a time than a directory may have."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Bytes; the size is what the archive says its directory has."""
        if size is not None and size > MOST_LISTED:
            raise BadZipFile(f"a directory of {size} bytes; at most {MOST_LISTED} are read")
        return super().read(size) or b""


def _harm(member: ZipInfo) -> str | None:
    path = PurePosixPath(member.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or any(":" in part for part in path.parts[:1]):
        return "its name leads out of the archive"
    if member.flag_bits & ENCRYPTED:
        return "is encrypted; unpack it first"
    if stat.S_ISLNK(member.external_attr >> 16):
        return "is a link"
    if member.file_size > SMALL and member.file_size > MOST_RATIO * max(member.compress_size, 1):
        return f"unpacks to {MOST_RATIO} times its size or more, as a zip bomb does"
    return None
