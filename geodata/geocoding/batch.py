"""Batch: all addresses of a table in chunks, kept as they come, here or on a Dask cluster."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from geodata.geocoding.candidate import Geocoder
from geodata.geocoding.geocode import LONGEST_ADDRESS
from geodata.geocoding.journal import Journal
from geodata.geocoding.outcome import NO_ROW, REFUSED, Outcome, outcome_of
from geodata.geocoding.place import built_in_files
from geodata.geocoding.table import AddressTable

CHUNK = 1000

Chunk = tuple[str | None, ...]
Done = tuple[int, list[Outcome]]
"""The number of a chunk and its outcomes."""

Work = Callable[[Sequence[tuple[int, Chunk]]], Iterator[Done]]
"""Geocodes numbered chunks and gives them back in whatever order they are done."""


def geocode_chunk(geocoder: Geocoder, addresses: Chunk) -> list[Outcome]:
    """Outcomes of some addresses: a pure function of them and the geocoder."""
    usable = [address for address in addresses if _is_usable(address)]
    found = iter(geocoder.geocode([address for address in usable if address]))
    return [outcome_of(next(found)) if _is_usable(address) else REFUSED for address in addresses]


def _is_usable(address: str | None) -> bool:
    return address is not None and len(address) <= LONGEST_ADDRESS


def work_here(geocoder: Geocoder) -> Work:
    """One chunk after the other, in this process."""

    def work(chunks: Sequence[tuple[int, Chunk]]) -> Iterator[Done]:
        for number, addresses in chunks:
            yield number, geocode_chunk(geocoder, addresses)

    return work


def geocode_table(
    table: AddressTable,
    work: Work,
    journal: Journal,
    progress: Callable[[int], None],
    size: int | None = None,
) -> list[Outcome]:
    """Outcomes of all rows of a table, in order.

    Args:
        table: with the addresses.
        work: geocodes the chunks that the journal does not hold yet.
        journal: keeps each chunk.
        progress: told how many rows more are done.
        size: addresses of a chunk, where they take so long that fewer should be awaited.
    """
    size = size or CHUNK
    chunks = [table.addresses[at : at + size] for at in range(0, len(table.addresses), size)]
    progress(sum(len(chunks[number]) for number in journal.done))
    pending = [(at, chunk) for at, chunk in enumerate(chunks) if at not in journal.done]
    for number, outcomes in work(pending):
        journal.put(number, outcomes)
        progress(len(outcomes))
    rows = [outcome for at in range(len(chunks)) for outcome in journal.done[at]]
    return [NO_ROW if row in table.blank else outcome for row, outcome in enumerate(rows)]


def key_of(table: AddressTable, own: Sequence[Path]) -> str:
    """Says what a journal is of: the file's content, the column and the gazetteer."""
    digest = hashlib.sha256(repr((table.column, table.facts, CHUNK)).encode())
    for path in (table.path, *built_in_files(), *own):
        digest.update(_digest_of(path))
    return digest.hexdigest()


def _digest_of(path: Path) -> bytes:
    if path.is_dir():
        return b"".join(map(_digest_of, sorted(path.glob("*.csv"))))
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for piece in iter(partial(file.read, 1 << 20), b""):
            digest.update(piece)
    return digest.digest()
