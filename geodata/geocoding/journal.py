"""Journal: outcomes as they come, on disk, so that a run which was killed goes on where it was.

One line for each finished chunk, behind a first line that says of what. A line that a kill cut
off is dropped; a journal of another file, column or gazetteer is not continued.
"""

import fcntl
import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson

from geodata.errors import GeodataError
from geodata.geocoding.outcome import Outcome


class JournalBusyError(GeodataError):
    """Another run writes the same output."""


class Journal:
    """Outcomes of finished chunks, by the number of the chunk.

    Args:
        path: of the journal.
        key: says of which work; a journal of other work is begun anew.

    Raises:
        JournalBusyError: another run writes it.
    """

    def __init__(self, path: Path, key: str) -> None:
        self._path = path
        self._file = path.open("a+b")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            raise JournalBusyError(f"{path}: another run is writing it; wait for its end") from None
        self.done = self._read(key)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def put(self, chunk: int, outcomes: Sequence[Outcome]) -> None:
        """Keep the outcomes of a chunk; when this returns they are on disk."""
        self._append({"chunk": chunk, "outcomes": [tuple(row) for row in outcomes]})
        self.done[chunk] = list(outcomes)

    def remove(self) -> None:
        """The work is done and its result written."""
        self._path.unlink(missing_ok=True)

    def _read(self, key: str) -> dict[int, list[Outcome]]:
        self._file.seek(0)
        head = orjson.dumps({"key": key}) + b"\n"
        if self._file.readline() != head:
            self._restart(0)
            self._append({"key": key})
            return {}
        size, done = len(head), {}
        for line in self._file:
            if (row := _whole(line)) is None:
                break
            done[row["chunk"]] = [Outcome(*cells) for cells in row["outcomes"]]
            size += len(line)
        self._restart(size)
        return done

    def _restart(self, size: int) -> None:
        self._file.truncate(size)
        self._file.seek(size)

    def _append(self, document: object) -> None:
        self._file.write(orjson.dumps(document) + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())


def _whole(line: bytes) -> dict[str, Any] | None:
    """What a line holds; nothing where a kill or a crash of the machine spoilt it."""
    try:
        row: dict[str, Any] = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return row if line.endswith(b"\n") else None
