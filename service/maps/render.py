"""`python -m service.maps.render`: every map in every language as JSON on standard output."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from functools import partial
from typing import Any

from layers.catalog import CATALOG
from service.maps.parts import MapName, MapParts
from service.maps.review_map import review_map
from service.maps.zone_map import zone_map
from service.web.language import Language

MAPS: Mapping[MapName, Callable[[Language], MapParts]] = {
    MapName.ZONE: partial(zone_map, CATALOG),
    MapName.REVIEW: review_map,
}


def rows() -> Iterator[dict[str, Any]]:
    """Each map with its name and language."""
    for name, make in MAPS.items():
        for language in Language:
            yield {"name": name, "language": language, **asdict(make(language))}


if __name__ == "__main__":
    json.dump(list(rows()), sys.stdout)
