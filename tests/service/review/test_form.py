"""The form of a decision is read field by field."""

import pytest

from geodata.geocoding.level import Level
from geodata.geocoding.review import InvalidDecisionError, Item, Placement, Queue
from service.review.form import Fields, read_decision, read_seen

POINT = {
    "choice": "point",
    "lon": "116.3",
    "lat": " 39.9 ",
    "level": "building",
    "accuracy_m": "20",
}
SIGNED = {"reason": "现场核对", "seen": "0"}


@pytest.fixture
def item(queue: Queue) -> Item:
    return queue.waiting()[0]


@pytest.mark.parametrize(
    ("fields", "placement"),
    [
        ({"choice": "none"}, None),
        ({"choice": "none", "lon": "nonsense"}, None),
        ({"choice": "0"}, Placement(lon=116.32, lat=39.98, level=Level.HOUSE, accuracy_m=150)),
        (
            {"choice": "1", "lon": "1", "lat": "1"},
            Placement(lon=116.36, lat=39.99, level=Level.ROAD, accuracy_m=800),
        ),
        (POINT, Placement(lon=116.3, lat=39.9, level=Level.BUILDING, accuracy_m=20)),
    ],
)
def test_a_form_states_a_decision(fields: Fields, placement: Placement | None, item: Item) -> None:
    decision = read_decision({**SIGNED, **fields}, item, "wang")
    assert (decision.placement, decision.by, decision.reason) == (placement, "wang", "现场核对")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "choice"),
        ({"choice": "2"}, "choice"),
        ({"choice": "-1"}, "choice"),
        ({"choice": "01"}, "choice"),
        (POINT | {"lon": ""}, "lon"),
        (POINT | {"lon": "east"}, "lon"),
        (POINT | {"lon": "39.9", "lat": "116.3"}, "lon"),
        (POINT | {"lat": "nan"}, "lat"),
        (POINT | {"level": "planet"}, "level"),
        (POINT | {"accuracy_m": "0"}, "accuracy_m"),
        (POINT | {"accuracy_m": "inf"}, "accuracy_m"),
        (POINT | {"reason": "  "}, "reason"),
        (POINT | {"reason": "\x00"}, "reason"),
    ],
)
def test_a_wrong_field_is_named(fields: Fields, field: str, item: Item) -> None:
    with pytest.raises(InvalidDecisionError, match=f"^{field} = ") as refusal:
        read_decision({**SIGNED, **fields}, item, "wang")
    assert refusal.value.field_name == field


@pytest.mark.parametrize("seen", ["", "-1", "1.5", "一", "9" * 30])
def test_the_decisions_seen_are_a_number(seen: str) -> None:
    with pytest.raises(InvalidDecisionError, match=r"^seen = "):
        read_seen({"seen": seen})
