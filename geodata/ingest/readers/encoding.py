"""Character encodings of Chinese tables: UTF-8, with or without a mark, and GB18030."""

import codecs
from pathlib import Path

from geodata.ingest.geojson import UnreadableFileError

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""Byte order marks."""

CANDIDATES = ("utf-8", "gb18030")
"""UTF-8 first: text in GB18030 is hardly ever valid UTF-8, but not the other way round."""

PIECE = 1 << 20


def known_encoding(name: str) -> str:
    """Python's name of an encoding.

    Raises:
        UnreadableFileError: no such encoding.
    """
    try:
        return codecs.lookup(name).name
    except LookupError:
        raise UnreadableFileError(
            f"no encoding {name!r}; usual ones are UTF-8, GB18030, GBK, Big5"
        ) from None


def detect_encoding(path: Path, file: str) -> str:
    """The encoding in which every byte of the file has a meaning.

    Raises:
        UnreadableFileError: none of those tried; says where UTF-8 fails.
    """
    with path.open("rb") as stream:
        head = stream.read(4)
    for mark, name in MARKS:
        if head.startswith(mark):
            return name
    faults = {}
    for name in CANDIDATES:
        if (fault := _first_fault(path, name)) is None:
            return name
        faults[name] = fault
    raise UnreadableFileError(
        f"{file}: neither UTF-8 (byte {faults['utf-8']}) nor GB18030 (byte {faults['gb18030']});"
        " name its encoding"
    )


def _first_fault(path: Path, name: str) -> int | None:
    decoder = codecs.getincrementaldecoder(name)()
    done = 0
    with path.open("rb") as stream:
        try:
            while piece := stream.read(PIECE):
                decoder.decode(piece)
                done += len(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            return done + error.start
    return None
