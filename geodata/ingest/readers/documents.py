"""Features of GeoJSON files one after the other, so that a large file takes no memory.

Small files are parsed whole, which tells the very line and column of a fault.
"""

from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from typing import Any, BinaryIO

import ijson
import orjson

from geodata.ingest.geojson import UnreadableFileError

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
RECORD_SEPARATOR = b"\x1e"

SMALL_BYTES = 16 << 20
"""Of a file that is parsed whole; it takes some eight times its size in memory."""

PIECE = 1 << 20

COLLECTION = "FeatureCollection"

Json = dict[str, Any]


class Documents:
    """The features of a file, to be gone through as often as needed.

    Args:
        path: where the file lies.
        file: its name as the user knows it.

    Raises:
        UnreadableFileError: neither a collection, a feature nor a sequence; names the place.
    """

    def __init__(self, path: Path, file: str) -> None:
        self._path = path
        self._file = file
        self._parsed: list[object] | None = None
        self._separator = self._find_separator()
        self.is_sequence = self._separator is not None
        self.members: Json = {} if self.is_sequence else self._members()

    def __iter__(self) -> Iterator[Json]:
        """Features in file order.

        Raises:
            UnreadableFileError: no JSON, or no feature; names the place.
        """
        for number, feature in enumerate(self._each(), start=1):
            yield _feature(self._file, number, feature)

    def _open(self) -> BufferedReader:
        stream = self._path.open("rb")
        if stream.read(len(BYTE_ORDER_MARK)) != BYTE_ORDER_MARK:
            stream.seek(0)
        return stream

    def _find_separator(self) -> bytes | None:
        """What stands between records that follow each other: a sign for it, or line ends."""
        with self._open() as stream:
            line = next((line for line in stream if line.strip()), b"")
            if line.startswith(RECORD_SEPARATOR):
                return RECORD_SEPARATOR
            is_feature = line.rstrip().endswith(b"}") and b'"Feature"' in line
            return b"\n" if is_feature and stream.read(PIECE).strip() else None

    def _members(self) -> Json:
        """What a collection says of itself; a lone feature is a collection of one."""
        small = self._path.stat().st_size <= SMALL_BYTES
        document = self._whole() if small else self._skimmed()
        if isinstance(document, dict) and document.get("type") == "Feature":
            self._parsed = [document if small else self._whole()]
            return {"type": COLLECTION}
        if not isinstance(document, dict) or document.get("type") != COLLECTION:
            raise UnreadableFileError(f"{self._file}: must be a GeoJSON {COLLECTION}")
        if small:
            self._parsed = document.pop("features", None)
            if not isinstance(self._parsed, list):
                raise UnreadableFileError(f"{self._file}: 'features' must be a list")
        return document

    def _whole(self) -> object:
        with self._open() as stream:
            return _parsed(self._file, stream.read())

    def _skimmed(self) -> Json:
        """The members that are looked at, without the features."""
        found = {name: next(self._items(name), None) for name in ("type", "crs")}
        return {name: value for name, value in found.items() if value is not None}

    def _each(self) -> Iterator[object]:
        if self._separator is not None:
            return self._records(self._separator)
        return self._items("features.item") if self._parsed is None else iter(self._parsed)

    def _items(self, prefix: str) -> Iterator[object]:
        count = 0
        with self._open() as stream:
            try:
                for item in ijson.items(stream, prefix, use_float=True):
                    count += 1
                    yield item
            except (ijson.JSONError, UnicodeDecodeError) as error:
                where = f", behind feature {count}" if count else ""
                words = " ".join(str(error).split())
                raise UnreadableFileError(f"{self._file}{where}: {words}") from error

    def _records(self, separator: bytes) -> Iterator[object]:
        with self._open() as stream:
            records = filter(bytes.strip, _split(stream, separator))
            for number, record in enumerate(records, start=1):
                yield _parsed(f"{self._file}, record {number}", record)


def _split(stream: BinaryIO, separator: bytes) -> Iterator[bytes]:
    rest = b""
    while piece := stream.read(PIECE):
        *whole, rest = (rest + piece).split(separator)
        yield from whole
    yield rest


def _parsed(place: str, text: bytes) -> object:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise UnreadableFileError(
            f"{place}, line {error.lineno}, column {error.colno}: {error.msg}"
        ) from error


def _feature(file: str, number: int, feature: object) -> Json:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise UnreadableFileError(f"{file}, feature {number}: must be a GeoJSON Feature")
    for name in ("properties", "geometry"):
        if not isinstance(feature.get(name), dict | None):
            raise UnreadableFileError(f"{file}, feature {number}: {name} must be an object or null")
    return feature
