"""Places of addresses, as rows that have no other get them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from geodata.geocoding.candidate import Candidate, Geocoder, issues_of
from geodata.ingest.shapes import Fault, Read
from geodata.ingest.validation import shown
from layers.text import Text

NOTED = ("accuracy_m", "location_source")
"""What a geocoder says of a place, where the file does not."""


def located(addresses: Sequence[Any], geocoder: Geocoder) -> Read:
    """Places by a geocoder; a town or district is no place of an address."""
    wanted = [str(each) for each in dict.fromkeys(addresses) if each is not None]
    found = dict(zip(wanted, geocoder.geocode(wanted), strict=True))
    nowhere = np.full(len(addresses), None, dtype=object)
    read = Read(nowhere, notes={name: {} for name in NOTED})
    for row, address in enumerate(addresses):
        if address is not None:
            _locate(read, row, str(address), found[str(address)])
    return read


def _locate(read: Read, row: int, address: str, candidates: list[Candidate]) -> None:
    usable = [each for each in candidates if not each.level.is_coarse]
    if not usable:
        message = Text("未找到道路、门牌或地点", "no road, number or place of it is known")
        read.drop(row, Fault("address-unknown", shown(address), message))
        return
    best = usable[0]
    read.shapes[row] = shapely.Point(round(best.lon, 8), round(best.lat, 8))
    read.notes["accuracy_m"][row] = best.accuracy_m
    read.notes["location_source"][row] = f"{best.provider}: {best.name} ({best.level})"
    if issues := issues_of(candidates):
        why = ", ".join(issues)
        message = Text(
            f"定位到 {best.name}（{best.level}，±{best.accuracy_m:.0f} 米）；{why}",
            f"placed at {best.name} ({best.level}, ±{best.accuracy_m:.0f} m); {why}",
        )
        read.faults[row] = Fault("address-unsure", shown(address), message)
