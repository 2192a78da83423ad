"""Evidence that coordinates lie a shift of datum away from where they should be.

Places of a file are compared with where such places are known to be: those of the same name, or,
where names say nothing, whatever is near. If they lie off by what GCJ-02 or BD-09 add at that
very place, that is said, with the evidence; nothing is ever converted for it.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.geocoding.datum import Datum, Points, convert
from geodata.ingest.neighbours import metres
from layers.text import Text

NAMES = {Datum.GCJ02: "GCJ-02", Datum.BD09: "BD-09"}

LEAST_PLACES = 5
"""Fewer prove nothing."""

FARTHEST_M = 3_000
"""A place of the name farther off is another place."""

SHARE = 0.4
"""Of the expected shift by which the median may miss it."""

CERTAINTY = 3
"""Standard errors of the median by which the shift must exceed nothing."""

MOST_COMPARED = 500
"""Places that are compared with what is near; of more, every so many-th."""

REACHES_M = (20.0, 100.0)
"""Within which a place and a known one are taken for the same: of surveys, of maps."""

ANGLES = np.radians(np.arange(0, 360, 10))
LENGTHS = (0.6, 0.8, 1.0, 1.25, 1.6)
"""Of the shifts that no datum has, by angle and length to that of the datum: what chance does."""

CLEARLY = 2
"""Times as many places must meet known ones by the datum's shift as by any other, or by none."""

DEVIATIONS = 6
"""Standard deviations of a count of chance (Poisson) by which they must be more."""

Numbers = NDArray[np.float64]


class Evidence(NamedTuple):
    """A shift that was found: the datum whose shift it is, and what shows it."""

    datum: Datum
    message: Text


def find_named_shift(names: Sequence[str], given: Points, known: Points) -> Evidence | None:
    """The shift of datum that places of known names show, if they show one.

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
    datum, expected = min(
        ((datum, _expected(places, datum, latitude)) for datum in NAMES),
        key=lambda each: float(np.hypot(*(median - each[1]))),
    )
    size = float(np.hypot(*expected))
    if np.hypot(*(median - expected)) > SHARE * size or size < CERTAINTY * error:
        return None
    examples = [name for name, is_near in zip(names, near, strict=True) if is_near]
    return Evidence(datum, _named_words(datum, len(offsets), median, expected, scatter, examples))


def _expected(places: Points, datum: Datum, latitude: float) -> Numbers:
    shift = convert(places, Datum.CGCS2000, datum) - places
    expected: Numbers = np.median(metres(shift, latitude), axis=0)
    return expected


def _named_words(
    datum: Datum,
    places: int,
    median: Numbers,
    expected: Numbers,
    scatter: float,
    examples: Sequence[str],
) -> Text:
    (east, north), (wanted_east, wanted_north) = median, expected
    some = "、".join(list(dict.fromkeys(examples))[:3])
    name = NAMES[datum]
    return Text(
        f"{places} 处同名地点（如{some}）的位置比已知位置偏东 {east:.0f} 米、偏北"
        f" {north:.0f} 米（中位数，离散 {scatter:.0f} 米），与 {name} 在当地的偏移"
        f"（{wanted_east:.0f}、{wanted_north:.0f} 米）一致",
        f"{places} places of known names (such as {some}) lie {east:.0f} m east and"
        f" {north:.0f} m north of where they are known to be (median, scatter"
        f" {scatter:.0f} m), as {name} shifts there ({wanted_east:.0f},"
        f" {wanted_north:.0f} m)",
    )


class _Meetings(NamedTuple):
    """How many places meet a known one: by the datum's shift undone, by none, by any other."""

    datum: Datum
    reach_m: float
    undone: int
    as_given: int
    otherwise: NDArray[np.intp]

    @property
    def deviations(self) -> float:
        """By which the datum's shift does better than chance."""
        usual = float(self.otherwise.mean())
        return float((self.undone - usual) / np.sqrt(max(usual, 1.0)))

    @property
    def is_clear(self) -> bool:
        """Whether nothing else explains the places."""
        others = max(self.as_given, int(self.otherwise.max()))
        return self.undone >= max(LEAST_PLACES, CLEARLY * others) and self.deviations >= DEVIATIONS


def find_near_shift(given: Points, known: Points) -> Evidence | None:
    """The shift of datum without which far more places would lie where some are known.

    Shifts of other directions and lengths tell what chance does: they meet as many known places
    where these lie densely, or regularly.

    Args:
        given: places of the file, degrees, (n, 2).
        known: places that are known, CGCS2000, of whatever name.
    """
    if min(len(given), len(known)) < LEAST_PLACES:
        return None
    given = given[:: len(given) // MOST_COMPARED + 1]
    found = [each for each in _meetings(given, known) if each.is_clear]
    if not found:
        return None
    best = max(found, key=lambda each: each.deviations)
    return Evidence(best.datum, _near_words(best, len(given)))


def _meetings(given: Points, known: Points) -> Iterator[_Meetings]:
    latitude = float(np.median(known[:, 1]))
    tree = shapely.STRtree(_dots(metres(known, latitude)))
    places = metres(given, latitude)

    def met(moved: Numbers, reach_m: float) -> int:
        found = tree.query(_dots(moved), predicate="dwithin", distance=reach_m)
        return len(np.unique(found[0]))

    for datum in NAMES:
        shift = places - metres(convert(given, datum, Datum.CGCS2000), latitude)
        for reach_m in REACHES_M:
            otherwise = [met(places - other, reach_m) for other in _others(shift, reach_m)]
            yield _Meetings(
                datum,
                reach_m,
                met(places - shift, reach_m),
                met(places, reach_m),
                np.array(otherwise),
            )


def _dots(flat: Numbers) -> NDArray[np.object_]:
    return np.asarray(shapely.points(flat), dtype=object)


def _others(shift: Numbers, reach_m: float) -> Iterator[Numbers]:
    """Shifts of other lengths and directions, which lead elsewhere."""
    size = float(np.median(np.hypot(*shift.T)))
    for length in LENGTHS:
        for angle in ANGLES:
            cosine, sine = length * np.cos(angle), length * np.sin(angle)
            if size * np.hypot(cosine - 1, sine) > 2 * reach_m:
                yield shift @ np.array([[cosine, sine], [-sine, cosine]])


def _near_words(best: _Meetings, compared: int) -> Text:
    name, reach = NAMES[best.datum], f"{best.reach_m:.0f}"
    most = int(best.otherwise.max())
    return Text(
        f"所比较的 {compared} 处中，按 {name} 还原后有 {best.undone} 处与已知要素相距"
        f" {reach} 米以内；原样只有 {best.as_given} 处，其他方向和距离的平移至多 {most} 处",
        f"of {compared} places compared, {best.undone} lie within {reach} m of a known feature"
        f" once the shift of {name} is undone; as they are {best.as_given} do, and by shifts of"
        f" other lengths and directions at most {most}",
    )
