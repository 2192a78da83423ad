"""Centres that synthetic enterprises gather round: spots in the parks and along the axes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.random import Generator

from geodata.plan.load import Inventory
from geodata.synthetic.areas import Areas
from geodata.synthetic.batch import Indices, Objects, pick
from geodata.synthetic.frame import Numbers, to_metres
from geodata.synthetic.words import TRADES

INDUSTRIES = tuple(TRADES)

SPOTS_PER_PARK = 12
AXIS_STEP_M = 250.0
PARK_SPREAD_M = 220.0
AXIS_SPREAD_M = 140.0

PARK_SHARE, AXIS_SHARE = 0.62, 0.16
"""Parts of the enterprises that gather in parks and along axes; the rest is anywhere."""

REST = ((115.95, 39.66), (116.75, 40.24))
"""South-western and north-eastern corner of where the rest is, degrees: the built-up plain."""

LAYOUT_STREAM = 0


@dataclass(frozen=True)
class Sites:
    """Centres with what is typical there; the last one stands for anywhere.

    Args:
        centres: the plane, metres.
        spreads: standard deviation of distances east and north, metres.
        weights: parts of all enterprises.
        industries: position of the leading industry in `INDUSTRIES`.
    """

    centres: Numbers
    spreads: Numbers
    weights: Numbers
    industries: Indices

    def places(self, random: Generator, site: Indices) -> Numbers:
        """A place for each of the sites given, metres."""
        scatter = random.standard_normal((len(site), 2)) * self.spreads[site, np.newaxis]
        low, high = to_metres(np.array(REST))
        anywhere = random.uniform(low, high, (len(site), 2))
        is_rest = (site == len(self.weights) - 1)[:, np.newaxis]
        return np.where(is_rest, anywhere, self.centres[site] + scatter)


def find_sites(inventory: Inventory, areas: Areas, seed: int) -> Sites:
    """Sites of a seed; larger parks get more enterprises, by the square root of their area."""
    random = np.random.default_rng((seed, LAYOUT_STREAM))
    in_parks = np.concatenate([_inside(random, shape) for shape in areas.shapes])
    weight = np.repeat(np.sqrt(shapely.area(areas.shapes)), SPOTS_PER_PARK)
    weight *= random.gamma(1.5, 1.0, len(weight))
    along = _along_axes(inventory)
    sizes = (len(in_parks), len(along), 1)
    shares = (PARK_SHARE, AXIS_SHARE, 1 - PARK_SHARE - AXIS_SHARE)
    weights = np.concatenate((weight / weight.sum(), np.full(sizes[1], 1 / sizes[1]), [1.0]))
    return Sites(
        np.concatenate((in_parks, along, [(0.0, 0.0)])),
        np.repeat((PARK_SPREAD_M, AXIS_SPREAD_M, 0.0), sizes),
        weights * np.repeat(shares, sizes),
        _leading_industries(random, areas, sizes),
    )


def _inside(random: Generator, shape: shapely.Polygon) -> Numbers:
    """Spots inside a park."""
    west, south, east, north = shape.bounds
    spots = np.empty((0, 2))
    while len(spots) < SPOTS_PER_PARK:
        tried = random.uniform((west, south), (east, north), (4 * SPOTS_PER_PARK, 2))
        spots = np.concatenate((spots, tried[shapely.contains_xy(shape, tried)]))
    return spots[:SPOTS_PER_PARK]


def _along_axes(inventory: Inventory) -> Numbers:
    """Spots at equal steps along the plan's axes."""
    lines = [each.geometry for each in inventory.features["axes"] if each.geometry is not None]
    spots = []
    for line in shapely.get_parts(shapely.transform(lines, to_metres)):
        steps = np.arange(0, line.length, AXIS_STEP_M)
        spots.append(shapely.get_coordinates(shapely.line_interpolate_point(line, steps)))
    return np.concatenate(spots)


def _leading_industries(random: Generator, areas: Areas, sizes: Sequence[int]) -> Indices:
    """The plan's word where it has one, else one that every other spot of a park shares."""
    own = random.integers(len(INDUSTRIES), size=sum(sizes))
    for position, industry in enumerate(areas.industries):
        spots = slice(position * SPOTS_PER_PARK, (position + 1) * SPOTS_PER_PARK)
        if industry is None:
            own[spots][::2] = own[spots][0]
        else:
            own[spots] = INDUSTRIES.index(industry)
    return own


BASE_MIX = (0.34, 0.09, 0.09, 0.03, 0.07, 0.1, 0.03, 0.1, 0.15)
"""Parts of the industries over the whole zone, in the order of `INDUSTRIES`."""

LEADING_SHARE = 0.55


def industries_at(random: Generator, sites: Sites, site: Indices) -> Indices:
    """An industry for each site: the leading one, or one of the zone's mix."""
    mixed = pick(random, len(site), BASE_MIX)
    return np.where(random.random(len(site)) < LEADING_SHARE, sites.industries[site], mixed)


def industry_codes(industry: Indices) -> Objects:
    """Codes of the layer's code list."""
    codes: Objects = np.array(INDUSTRIES, dtype=object)[industry]
    return codes
