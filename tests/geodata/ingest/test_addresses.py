"""Addresses of files: what a reviewer decided counts before the gazetteer."""

import pytest

from geodata.geocoding.candidate import Issue
from geodata.geocoding.gazetteer import open_gazetteer
from geodata.geocoding.geocode import GazetteerGeocoder
from geodata.geocoding.level import Level
from geodata.geocoding.normalise import normal_text
from geodata.geocoding.review import Decision, Entry, Placement, Queue
from geodata.ingest.addresses import DecidedGeocoder

OTHER = "北京市海淀区中关村大街27号"
PLACE = Placement(lon=116.3, lat=39.9, level=Level.BUILDING, accuracy_m=30)


@pytest.mark.parametrize(
    ("address", "placement", "position"),
    [
        ("北京市海淀区某某新路1号", PLACE, (116.3, 39.9)),
        ("北京市海淀区某某旧路2号", None, None),
    ],
)
def test_a_decision_counts_before_the_gazetteer_and_others_stay(
    migrated, address, placement, position
):
    offline = GazetteerGeocoder(open_gazetteer())
    queue = Queue(migrated)
    entry = Entry(
        key=normal_text(address), address=address, issues=(Issue.NO_CANDIDATE,), candidates=()
    )
    queue.put([entry])
    number = next(item.id for item in queue.waiting() if item.address == address)
    queue.decide(number, Decision(placement=placement, by="王工", reason="现场核对"), seen=0)
    mine, other = DecidedGeocoder(migrated, offline).geocode([f" {address}", OTHER])
    assert [(each.lon, each.lat) for each in mine] == ([] if position is None else [position])
    assert other == offline.geocode([OTHER])[0]
    assert queue.count() == 0
