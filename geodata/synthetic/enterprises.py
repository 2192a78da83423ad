"""Synthetic enterprises: clustered positions, industries by cluster, some facts missing."""

from collections.abc import Iterator

import numpy as np
import shapely
from numpy.random import Generator

from geodata.plan.load import Inventory
from geodata.synthetic.areas import Areas
from geodata.synthetic.batch import (
    Batch,
    Flags,
    Indices,
    Objects,
    but_for,
    constant,
    life_spans,
    pick,
    pick_any,
    serials,
    source,
)
from geodata.synthetic.credit_code import credit_codes
from geodata.synthetic.frame import Numbers, to_degrees
from geodata.synthetic.names import addresses, enterprise_names
from geodata.synthetic.sites import (
    INDUSTRIES,
    Sites,
    find_sites,
    industries_at,
    industry_codes,
)
from geodata.synthetic.words import TRADES

ROWS = 10_000
"""Rows of a batch; each has a random stream of its own, so a larger set begins like a smaller."""

STREAM = 1
PREFIX = "syn-e"

UNPLACED, UNCLASSIFIED, UNREGISTERED = 0.03, 0.05, 0.1
"""Parts without a position, without an industry, without a credit code."""

ACCURACIES_M = (10.0, 30.0, 100.0, 500.0)


def enterprises(inventory: Inventory, areas: Areas, seed: int, count: int) -> Iterator[Batch]:
    """Enterprises in batches; the same seed gives the same ones."""
    sites = find_sites(inventory, areas, seed)
    for number, first in enumerate(range(0, count, ROWS)):
        yield _batch(sites, areas, seed, number).head(count - first)


def _batch(sites: Sites, areas: Areas, seed: int, number: int) -> Batch:
    random = np.random.default_rng((seed, STREAM, number))
    first = number * ROWS
    site = pick(random, ROWS, sites.weights)
    places = sites.places(random, site)
    return Batch(
        {
            "id": serials(PREFIX, first + 1, ROWS),
            "source": constant(ROWS, source(seed)),
            "boundary_status": constant(ROWS, "schematic"),
            "uscc": but_for(credit_codes(first + 1, ROWS), random.random(ROWS) < UNREGISTERED),
            **life_spans(random, ROWS),
            **_trade(random, sites, site),
            **_position(random, places, random.random(ROWS) < UNPLACED),
            **_neighbourhood(random, areas, places),
        }
    )


def _trade(random: Generator, sites: Sites, site: Indices) -> dict[str, Objects]:
    """Names and classifications that agree with each other."""
    industry = industries_at(random, sites, site)
    chinese, latin = enterprise_names(random, industry)
    unknown = random.random(ROWS) < UNCLASSIFIED
    return {
        "name_zh": chinese,
        "name_en": latin,
        "industry": but_for(industry_codes(industry), unknown),
        "emerging_industry": but_for(_EMERGING[industry], unknown),
        "industry_code": but_for(_drawn(random, industry, _CLASSES), unknown),
        "plan_cluster": but_for(_drawn(random, industry, _CLUSTERS), unknown),
    }


def _position(random: Generator, places: Numbers, unplaced: Flags) -> dict[str, Objects]:
    points = np.asarray(shapely.points(to_degrees(places)), dtype=object)
    accuracies = np.array(ACCURACIES_M, dtype=object)[random.integers(4, size=ROWS)]
    return {
        "geom": but_for(points, unplaced),
        "accuracy_m": but_for(accuracies, unplaced),
        "location_source": but_for(constant(ROWS, "合成位置 synthetic"), unplaced),
    }


def _neighbourhood(random: Generator, areas: Areas, places: Numbers) -> dict[str, Objects]:
    """Park and district by position, as a register would have them assigned."""
    holding = areas.holding(places)
    districts = areas.districts_at(places, holding)
    return {
        "area": but_for(areas.ids[holding], holding < 0),
        "district": districts,
        "address": addresses(random, districts),
    }


def _drawn(random: Generator, industry: Indices, options: list[tuple[str, ...]]) -> Objects:
    """One of the options of each row's industry; None where it has none."""
    result = constant(ROWS, None)
    for position, values in enumerate(options):
        rows = np.flatnonzero(industry == position)
        if values:
            result[rows] = pick_any(random, len(rows), values)
    return result


_EMERGING: Objects = np.array([TRADES[name].emerging for name in INDUSTRIES], dtype=object)
_CLASSES = [tuple(f"2017:{code}" for code in TRADES[name].classes) for name in INDUSTRIES]
_CLUSTERS = [TRADES[name].clusters for name in INDUSTRIES]
