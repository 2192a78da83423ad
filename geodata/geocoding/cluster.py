"""Geocoding on a Dask cluster: the same chunks, the same outcomes, many machines.

The workers need this package and `distributed`; the gazetteer is sent to them with the first
chunk, so that an operator's own places count there too.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import lru_cache
from importlib import import_module
from typing import Any

from geodata.errors import GeodataError
from geodata.geocoding.batch import Chunk, Done, Work, geocode_chunk
from geodata.geocoding.gazetteer import Gazetteer
from geodata.geocoding.geocode import GazetteerGeocoder
from geodata.geocoding.outcome import Outcome
from geodata.geocoding.place import Place

CONNECT_TIMEOUT_S = 10.0


class ClusterError(GeodataError):
    """The cluster cannot be used."""


def work_on_cluster(
    scheduler: str, gazetteer: Gazetteer, timeout_s: float = CONNECT_TIMEOUT_S
) -> Work:
    """Chunks go to the workers of a cluster.

    Args:
        scheduler: address of its scheduler, such as tcp://10.0.0.5:8786.
        gazetteer: searched by the workers.
        timeout_s: seconds in which the scheduler must answer and a worker be there.

    Raises:
        ClusterError: `distributed` is not installed, the scheduler does not answer, or there is
            no worker.
    """
    try:
        dask: Any = import_module("distributed")
    except ImportError:
        raise ClusterError(
            "ZGC_DASK_SCHEDULER is set and distributed is not installed:"
            " .venv/bin/pip install --require-hashes -r requirements/cluster.txt"
        ) from None
    places = (*gazetteer.places, *gazetteer.anchors)

    def work(chunks: Sequence[tuple[int, Chunk]]) -> Iterator[Done]:
        with ExitStack() as stack:
            try:
                client = stack.enter_context(dask.Client(scheduler, timeout=timeout_s))
                client.wait_for_workers(1, timeout=timeout_s)
                (rows,) = client.scatter([places], broadcast=True, hash=False)
            except (OSError, ValueError) as error:
                raise ClusterError(f"ZGC_DASK_SCHEDULER={scheduler}: {error}") from error
            numbers = {
                client.submit(geocode_remotely, rows, addresses, pure=False): number
                for number, addresses in chunks
            }
            for future in dask.as_completed(numbers, loop=client.loop):
                yield numbers[future], [Outcome(*cells) for cells in future.result()]

    return work


def geocode_remotely(places: tuple[Place, ...], addresses: Chunk) -> list[Outcome]:
    """Outcomes of some addresses, on a worker."""
    return geocode_chunk(_geocoder(places), addresses)


@lru_cache(maxsize=1)
def _geocoder(places: tuple[Place, ...]) -> GazetteerGeocoder:
    return GazetteerGeocoder(Gazetteer(places))
