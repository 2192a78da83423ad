"""Places that a file's positions can be held to, and whether these lie a shift of datum away."""

from collections.abc import Mapping
from functools import cache

import numpy as np
import pyarrow as pa

from geodata.geocoding.datum import Points
from geodata.geocoding.gazetteer import Gazetteer, open_gazetteer
from geodata.geocoding.normalise import normal_text
from geodata.ingest.placed import Placed, is_one_of, where
from geodata.ingest.present import Present
from geodata.ingest.shift import Evidence, find_named_shift, find_near_shift

NAME = "name_zh"

ENOUGH_NAMES = 20_000
"""Names that are looked up for evidence of a shift; of more, every so many-th."""

KNOWN_TO_M = 500.0
"""Places known less well than this prove no shift of datum."""

ABOUT_DEGREES = 0.02
"""Two kilometres about a file, in which known features may lie that it means."""


def check_datum(placed: Placed, present: Present, *, crs_named: bool) -> None:
    """Tell of a shift of datum, with the evidence; the whole file is refused for it.

    Args:
        crs_named: the operator named the reference system: it is then a warning.
    """
    evidence = _by_name(placed, present) or _by_nearness(placed, present)
    if evidence is not None:
        rule = "datum-doubt" if crs_named else "datum-shift"
        placed.ledger.add(None, "geometry", evidence.datum.upper(), rule, evidence.message)


def _by_name(placed: Placed, present: Present) -> Evidence | None:
    """Where the file has places, and where other features or the gazetteer have such names."""
    names = placed.column(NAME)
    distinct = names.unique().drop_null()
    wanted = distinct.take(pa.array(np.arange(0, len(distinct), len(distinct) // ENOUGH_NAMES + 1)))
    places = _named_places(wanted.to_pylist(), present)
    rows = where(is_one_of(names, list(places)))
    found = names.take(pa.array(rows, pa.int64())).to_pylist()
    known = np.array([places[name] for name in found]).reshape(-1, 2)
    return find_named_shift(found, placed.points[rows], known)


def _named_places(names: list[str], present: Present) -> Mapping[str, tuple[float, float]]:
    places = {
        each.name: (each.lon, each.lat)
        for each in present.known_places(names)
        if each.accuracy_m is not None and each.accuracy_m <= KNOWN_TO_M
    }
    gazetteer = _gazetteer()
    for name in names:
        found = gazetteer.named(normal_text(name))
        exact = [each.place for each in found if each.place.accuracy_m <= KNOWN_TO_M]
        if len(exact) == 1 and name not in places:
            places[name] = (exact[0].lon, exact[0].lat)
    return places


def _by_nearness(placed: Placed, present: Present) -> Evidence | None:
    west, south = placed.points.min(axis=0) - ABOUT_DEGREES
    east, north = placed.points.max(axis=0) + ABOUT_DEGREES
    known: Points = present.points((west, south, east, north))
    return find_near_shift(placed.points, known)


@cache
def _gazetteer() -> Gazetteer:
    """The built-in places: read once."""
    return open_gazetteer()
