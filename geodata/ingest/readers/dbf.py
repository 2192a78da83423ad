"""dBASE tables without a code page: which encoding their bytes are in."""

import struct
from collections.abc import Iterator
from pathlib import Path

LOOKED_AT = 5_000
TEXT = ord("C")
FIELD_SIZE = 32
END = 0x0D
MOST_FAULTS = 0.02
"""Share of fields that may be cut within a character."""


def dbf_encoding(path: Path) -> str:
    """UTF-8 where nearly all texts are valid in it, else GB18030."""
    texts = [text for text in _texts(path) if not text.isascii()]
    broken = sum(1 for text in texts if not _is_utf8(text))
    return "utf-8" if broken <= MOST_FAULTS * len(texts) else "gb18030"


def _texts(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        head = file.read(FIELD_SIZE)
        if len(head) < FIELD_SIZE:
            return
        header_size, record_size = struct.unpack("<HH", head[8:12])
        fields = list(_text_fields(file.read(max(header_size - FIELD_SIZE, 0))))
        for _ in range(LOOKED_AT):
            record = file.read(record_size)
            if len(record) < record_size or not record_size:
                return
            for start, size in fields:
                yield record[start : start + size].rstrip(b" \0")


def _text_fields(header: bytes) -> Iterator[tuple[int, int]]:
    """Start and size in a record, whose first byte marks deletion."""
    start = 1
    for at in range(0, len(header) - FIELD_SIZE + 1, FIELD_SIZE):
        if header[at] == END:
            return
        if header[at + 11] == TEXT:
            yield start, header[at + 16]
        start += header[at + 16]


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
