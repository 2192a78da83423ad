"""Synthetic parcels: lots of street blocks in and round the parks, with what a register says."""

from collections.abc import Iterator

import numpy as np
import shapely
from numpy.random import Generator
from numpy.typing import NDArray

from geodata.errors import GeodataError
from geodata.synthetic.areas import Areas
from geodata.synthetic.batch import (
    Batch,
    Indices,
    Objects,
    but_for,
    constant,
    life_spans,
    pick,
    serials,
    source,
)
from geodata.synthetic.blocks import BLOCKS, SURE_LOTS, centres, cut, nearest_blocks
from geodata.synthetic.frame import Numbers, degree_size, to_degrees
from geodata.synthetic.names import enterprise_names
from geodata.synthetic.sites import BASE_MIX

MOST = BLOCKS * SURE_LOTS
"""Parcels that there is certainly room for."""

BLOCKS_AT_ONCE = 2_000
STREAM = 2
PREFIX = "syn-p"

LAND_USES = {
    "GBT21010-2017:0601": 0.32,
    "GBT21010-2017:0604": 0.06,
    "GBT21010-2017:0804": 0.14,
    "GBT21010-2017:0803": 0.04,
    "GBT21010-2017:0505": 0.1,
    "GBT21010-2017:0701": 0.16,
    "GBT21010-2007:061": 0.06,
    "GB50137-2011:M1": 0.04,
    "GB50137-2011:A35": 0.03,
    "DB11/996-2013:M4": 0.03,
    "DB11/996-2013:B23": 0.02,
}
SUPPLY_MODES = {
    "allocation": 0.22,
    "agreement": 0.2,
    "tender": 0.06,
    "auction": 0.03,
    "listing": 0.4,
    "lease": 0.06,
    "equity": 0.03,
}
OWNERSHIP = {"G": 0.92, "J": 0.07, "Z": 0.01}

UNKNOWN_USE, UNKNOWN_HOLDER = 0.02, 0.04
SURVEY_ERROR = 0.003
"""Standard deviation of the registered area from the drawn one, as a part of it."""


class TooManyParcelsError(GeodataError):
    """More parcels than the plane has room for."""


def check_count(count: int) -> None:
    """Refuse more parcels than fit.

    Raises:
        TooManyParcelsError: names the most that there is room for.
    """
    if count > MOST:
        raise TooManyParcelsError(f"{count} parcels: there is room for {MOST}.")


def parcels(areas: Areas, seed: int, count: int) -> Iterator[Batch]:
    """Parcels in batches; the same seed gives the same ones."""
    check_count(count)
    # Whole batches, so that a larger set begins like a smaller one.
    batches = 1 + count // (SURE_LOTS * BLOCKS_AT_ONCE)
    blocks = nearest_blocks(areas, batches * BLOCKS_AT_ONCE)
    made = 0
    for number, start in enumerate(range(0, len(blocks), BLOCKS_AT_ONCE)):
        if made == count:
            return
        chunk = blocks[start : start + BLOCKS_AT_ONCE]
        batch = _batch(areas, seed, number, chunk, made).head(count - made)
        made += len(batch)
        yield batch


def _batch(areas: Areas, seed: int, number: int, blocks: Indices, first: int) -> Batch:
    random = np.random.default_rng((seed, STREAM, number))
    lots = cut(random, blocks)
    size = len(lots.shapes)
    shapes = shapely.transform(lots.shapes, to_degrees)
    middles = centres(blocks)
    holding = areas.holding(middles)
    districts = areas.districts_at(middles, holding)[lots.block]
    park = holding[lots.block]
    ownership = _weighted(random, size, OWNERSHIP)
    return Batch(
        {
            "id": serials(PREFIX, first + 1, size),
            "source": constant(size, source(seed)),
            "boundary_status": constant(size, "schematic"),
            "geom": _multi(shapes),
            "parcel_code": _codes(districts, blocks[lots.block], ownership, lots.number),
            "land_ownership": ownership,
            "district": districts,
            "park": but_for(areas.ids[park], park < 0),
            "accuracy_m": constant(size, 1.0),
            "location_source": constant(size, "合成界址 synthetic"),
            "area_registered_m2": _registered(random, shapes),
            **life_spans(random, size),
            **_rights(random, size),
        }
    )


def _multi(shapes: Objects) -> Objects:
    """Each polygon as a MultiPolygon, the layer's geometry type."""
    return np.asarray(shapely.multipolygons(shapes, indices=np.arange(len(shapes))), dtype=object)


def _rights(random: Generator, size: int) -> dict[str, Objects]:
    """Holder, use and supply; the parcel is named after its holder."""
    chinese, latin = enterprise_names(random, pick(random, size, BASE_MIX))
    uses = _weighted(random, size, LAND_USES)
    return {
        "name_zh": chinese + "用地",
        "name_en": latin + " site",
        "holder": but_for(chinese, random.random(size) < UNKNOWN_HOLDER),
        "land_use": but_for(uses, random.random(size) < UNKNOWN_USE),
        "supply_mode": _weighted(random, size, SUPPLY_MODES),
    }


def _weighted(random: Generator, size: int, weights: dict[str, float]) -> Objects:
    values = np.array(list(weights), dtype=object)
    drawn: Objects = values[pick(random, size, list(weights.values()))]
    return drawn


def _codes(districts: Objects, blocks: Indices, ownership: Objects, numbers: Indices) -> Objects:
    """19 characters: county, cadastral zone and subzone, kind of right B, serial number."""
    zone = _padded(blocks, 6)
    codes: Objects = districts + zone + ownership + "B" + _padded(numbers, 5)
    return codes


def _padded(numbers: Indices, digits: int) -> Objects:
    texts = np.char.zfill(numbers.astype(str), digits)
    padded: Objects = texts.astype(object)
    return padded


def _registered(random: Generator, shapes: NDArray[np.object_]) -> Objects:
    """Areas as a certificate states them: the drawn one but for errors of survey."""
    exact = _ellipsoidal_areas(shapes)
    stated = exact * (1 + random.normal(0, SURVEY_ERROR, len(shapes)))
    column: Objects = stated.round(2).astype(object)
    return column


def _ellipsoidal_areas(shapes: NDArray[np.object_]) -> Numbers:
    """Square metres; a parcel is small enough for one scale."""
    latitudes = shapely.bounds(shapes)[:, [1, 3]].mean(axis=1)
    east, north = degree_size(latitudes)
    areas: Numbers = shapely.area(shapes) * east * north
    return areas
