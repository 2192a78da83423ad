"""Addresses of a file: where people have decided that they are, else where the gazetteer says.

A check writes nothing: no provider is asked, and nothing is put into the review queue.
"""

from collections.abc import Sequence

from sqlalchemy import Engine

from geodata.geocoding.cache import Cache
from geodata.geocoding.candidate import DECIDED, Candidate, Geocoder
from geodata.geocoding.normalise import normal_text
from geodata.geocoding.review import decided


class DecidedGeocoder:
    """Decisions of the review before what another geocoder finds.

    Args:
        engine: of the owner of the schema.
        other: asked about addresses that nobody has decided on.
    """

    def __init__(self, engine: Engine, other: Geocoder) -> None:
        self._cache = Cache(engine)
        self._other = other

    def geocode(self, addresses: Sequence[str]) -> list[list[Candidate]]:
        """Candidates of each address, best first; none where it was decided that there is none."""
        keys = [normal_text(address) for address in addresses]
        kept = self._cache.get(DECIDED, list(dict.fromkeys(keys)))
        settled = {key: decided(answer) for key, answer in kept.items()}
        pairs = zip(keys, addresses, strict=True)
        open_ = list(dict.fromkeys(address for key, address in pairs if key not in settled))
        found = dict(zip(open_, self._other.geocode(open_), strict=True))
        pairs = zip(keys, addresses, strict=True)
        return [settled[key] if key in settled else found[address] for key, address in pairs]
