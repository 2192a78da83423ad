"""Evidence that coordinates lie a shift of datum away from where they should be.

Places of a file whose names are known are compared with where they are known to be. If they lie
off by what GCJ-02 or BD-09 add at that very place, that is said, with the evidence; nothing is
ever converted for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geodata.geocoding.datum import Datum, Points, convert
from geodata.ingest.neighbours import metres
from layers.text import Text

LEAST_PLACES = 5
"""Fewer prove nothing."""

FARTHEST_M = 3_000
"""A place of the name farther off is another place."""

SHARE = 0.4
"""Of the expected shift by which the median may miss it."""

CERTAINTY = 3
"""Standard errors of the median by which the shift must exceed nothing."""

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Evidence:
    """A shift that was found.

    Args:
        datum: the datum whose shift it is.
        places: how many places were compared.
        offset_m: median of (file - known), metres east and north.
        expected_m: what the datum adds at these places, metres east and north.
        scatter_m: median distance of the single offsets from their median.
        examples: some of the names.
    """

    datum: Datum
    places: int
    offset_m: tuple[float, float]
    expected_m: tuple[float, float]
    scatter_m: float
    examples: tuple[str, ...]

    @property
    def message(self) -> Text:
        """The evidence in words."""
        names = {Datum.GCJ02: "GCJ-02", Datum.BD09: "BD-09"}[self.datum]
        east, north = self.offset_m
        wanted_east, wanted_north = self.expected_m
        some = "、".join(self.examples)
        return Text(
            f"{self.places} 处同名地点（如{some}）的位置比已知位置偏东 {east:.0f} 米、偏北"
            f" {north:.0f} 米（中位数，离散 {self.scatter_m:.0f} 米），与 {names} 在当地的偏移"
            f"（{wanted_east:.0f}、{wanted_north:.0f} 米）一致",
            f"{self.places} places of known names (such as {some}) lie {east:.0f} m east and"
            f" {north:.0f} m north of where they are known to be (median, scatter"
            f" {self.scatter_m:.0f} m), as {names} shifts there ({wanted_east:.0f},"
            f" {wanted_north:.0f} m)",
        )


def find_shift(names: Sequence[str], given: Points, known: Points) -> Evidence | None:
    """The shift of datum that the places show, if they show one.

    Args:
        names: of the places.
        given: where the file has them, degrees, (n, 2).
        known: where they are known to be, CGCS2000.
    """
    if not len(names):
        return None
    latitude = float(np.median(known[:, 1]))
    offsets = metres(given - known, latitude)
    near = np.hypot(*offsets.T) < FARTHEST_M
    if near.sum() < LEAST_PLACES:
        return None
    offsets, places = offsets[near], known[near]
    median = np.median(offsets, axis=0)
    scatter = float(np.median(np.hypot(*(offsets - median).T)))
    error = 1.25 * scatter / np.sqrt(len(offsets))
    found = min(
        ((datum, _expected(places, datum, latitude)) for datum in (Datum.GCJ02, Datum.BD09)),
        key=lambda each: float(np.hypot(*(median - each[1]))),
    )
    datum, expected = found
    size = float(np.hypot(*expected))
    if np.hypot(*(median - expected)) > SHARE * size or size < CERTAINTY * error:
        return None
    examples = [name for name, is_near in zip(names, near, strict=True) if is_near]
    return Evidence(
        datum,
        int(near.sum()),
        (float(median[0]), float(median[1])),
        (float(expected[0]), float(expected[1])),
        scatter,
        tuple(dict.fromkeys(examples))[:3],
    )


def _expected(places: Points, datum: Datum, latitude: float) -> Numbers:
    shift = convert(places, Datum.CGCS2000, datum) - places
    expected: Numbers = np.median(metres(shift, latitude), axis=0)
    return expected
