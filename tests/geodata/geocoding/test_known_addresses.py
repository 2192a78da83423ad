"""Well-known addresses all over Beijing, held against where they are known to be.

`known_addresses.csv` was written down from public knowledge apart from the gazetteer, in CGCS2000
degrees, with the finest level that an address tells of and the metres by which its position may be
wrong itself. None of its rows may be copied into the gazetteer: then it would measure nothing.
"""

import csv
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import pytest

from geodata.geocoding.candidate import Candidate
from geodata.geocoding.distance import distance_m
from geodata.geocoding.gazetteer import open_gazetteer
from geodata.geocoding.geocode import GazetteerGeocoder
from geodata.geocoding.level import Level

FILE = Path(__file__).with_name("known_addresses.csv")
GEOCODER = GazetteerGeocoder(open_gazetteer())

PLACES = frozenset({Level.LANDMARK, Level.PARK, Level.BUILDING})
"""Levels that an institution or a park may be told by as well."""


@dataclass(frozen=True)
class Known:
    """An address, what is known of it, and the answer to it."""

    address: str
    districts: tuple[str, ...]
    finest: Level
    position: tuple[float, float]
    doubt_m: float
    best: Candidate | None

    @property
    def error_m(self) -> float:
        """Metres from where it is."""
        assert self.best is not None
        return distance_m(self.position, self.best.position)

    @property
    def is_true_level(self) -> bool:
        """Whether the answer claims to be no finer than the address is."""
        if self.best is None:
            return False
        same = self.best.level in PLACES and self.finest in PLACES
        return same or self.best.level.rank >= self.finest.rank


def known() -> Iterator[Known]:
    with FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found = GEOCODER.geocode([row["address"]])[0]
            yield Known(
                row["address"],
                tuple(row["district"].split("/")),
                Level(row["finest"]),
                (float(row["lon"]), float(row["lat"])),
                float(row["doubt_m"]),
                found[0] if found else None,
            )


KNOWN = list(known())
FINE = [each for each in KNOWN if each.best and not each.best.level.is_coarse]


def share(true: Callable[[Known], bool], rows: list[Known]) -> float:
    return sum(map(true, rows)) / len(rows)


def test_they_get_their_district_a_true_level_and_an_honest_radius(
    capsys: pytest.CaptureFixture[str],
) -> None:
    district = share(lambda each: bool(each.best and each.best.district in each.districts), KNOWN)
    level = share(lambda each: each.is_true_level, KNOWN)
    answered = [each for each in KNOWN if each.best]
    within = share(lambda each: each.error_m <= each.best.accuracy_m + each.doubt_m, answered)  # type: ignore[union-attr]
    median = statistics.median(each.error_m for each in FINE)
    with capsys.disabled():
        click.echo(
            f"\n{len(KNOWN)} known addresses: district {district:.1%}, level {level:.1%},"
            f" within the stated accuracy {within:.1%};"
            f" {len(FINE)} finer than a town, median error {median:.0f} m"
        )
    assert len(KNOWN) > 500
    assert district >= 0.99
    assert level >= 0.95
    assert within >= 0.9
    assert median < 500


@pytest.mark.parametrize(
    "said_otherwise",
    [
        lambda address: address.removeprefix("北京市"),
        lambda address: "中国北京市" + address.removeprefix("北京市"),
        lambda address: address + "3号楼5层512室",
        lambda address: address + "（集群注册）",
        lambda address: "住所：" + address + "（自主申报）邮编：100080",
        lambda address: address.translate(str.maketrans("0123456789", "０１２３４５６７８９")),
    ],
)
def test_an_address_said_otherwise_is_the_same(said_otherwise: Callable[[str], str]) -> None:
    changed = [
        each.address
        for each in KNOWN[::5]
        if each.best
        for other in [GEOCODER.geocode([said_otherwise(each.address)])[0][:1]]
        if not other or (other[0].name, other[0].district) != (each.best.name, each.best.district)
    ]
    assert len(changed) <= 1, changed
