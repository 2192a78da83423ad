"""Pool: the chunks of a table in processes of this machine, with the same outcomes."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from multiprocessing import get_context, parent_process
from threading import Thread

from geodata.geocoding.batch import Chunk, Done, Work, geocode_chunk, work_here
from geodata.geocoding.gazetteer import Gazetteer
from geodata.geocoding.geocode import GazetteerGeocoder
from geodata.geocoding.outcome import Outcome
from geodata.geocoding.place import Place

WORTHWHILE = 8
"""Chunks from which on the start of the processes, about a second, is won back."""

_GEOCODERS: list[GazetteerGeocoder] = []
"""The geocoder of a process of the pool."""


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0))


def work_in_processes(gazetteer: Gazetteer, processes: int, worthwhile: int = WORTHWHILE) -> Work:
    """Chunks go to processes of this machine; a few are done here.

    Args:
        gazetteer: searched by each.
        processes: how many; one is this one.
        worthwhile: chunks for which processes are started.
    """

    def work(chunks: Sequence[tuple[int, Chunk]]) -> Iterator[Done]:
        if processes < 2 or len(chunks) < worthwhile:
            yield from work_here(GazetteerGeocoder(gazetteer))(chunks)
            return
        # A fork would take over locks that threads of this process hold.
        pool = ProcessPoolExecutor(
            processes,
            mp_context=get_context("spawn"),
            initializer=_open,
            initargs=((*gazetteer.places, *gazetteer.anchors),),
        )
        numbers: dict[Future[list[Outcome]], int] = {}
        try:
            for number, addresses in chunks:
                numbers[pool.submit(_geocode, addresses)] = number
            for future in as_completed(numbers):
                yield numbers[future], future.result()
        finally:
            pool.shutdown(cancel_futures=True)

    return work


def _open(places: tuple[Place, ...]) -> None:
    """What each process does first; it ends with the process that started it, even a killed one."""
    Thread(target=_end_with_parent, daemon=True).start()
    _GEOCODERS.append(GazetteerGeocoder(Gazetteer(places)))


def _end_with_parent() -> None:
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _geocode(addresses: Chunk) -> list[Outcome]:
    return geocode_chunk(_GEOCODERS[0], addresses)
