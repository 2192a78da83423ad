"""What holds for the rows of both layers: repeatable, labelled, valid by the declaration."""

from collections.abc import Callable, Iterable, Iterator

import numpy as np
import pytest
import shapely

from geodata.ingest.geojson import RawFeature
from geodata.ingest.validation import validate
from geodata.plan.load import Inventory
from geodata.synthetic.areas import Areas
from geodata.synthetic.batch import Batch, life_spans, pick
from geodata.synthetic.enterprises import enterprises
from geodata.synthetic.parcels import parcels
from layers.catalog import CATALOG
from layers.common import AREA_LAYERS

Generate = Callable[[int, int], list[Batch]]
"""Batches of a seed and a number of rows."""

COUNT = 13_000
"""More than one batch of either layer."""


@pytest.fixture(params=["enterprises", "parcels"])
def layer_id(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def generate(layer_id: str, inventory: Inventory, areas: Areas) -> Generate:
    def enterprise_batches(seed: int, count: int) -> list[Batch]:
        return list(enterprises(inventory, areas, seed, count))

    def parcel_batches(seed: int, count: int) -> list[Batch]:
        return list(parcels(areas, seed, count))

    return enterprise_batches if layer_id == "enterprises" else parcel_batches


def rows(batches: Iterable[Batch]) -> Iterator[dict[str, object]]:
    for batch in batches:
        columns = [column.tolist() for column in batch.columns.values()]
        for values in zip(*columns, strict=True):
            yield dict(zip(batch.columns, values, strict=True))


def raw(row: dict[str, object], number: int) -> RawFeature:
    shape = row["geom"]
    properties = {name: value for name, value in row.items() if name not in ("id", "geom")}
    geometry = None if shape is None else shapely.geometry.mapping(shape)
    return RawFeature("synthetic", number, row["id"], properties, geometry)


@pytest.mark.parametrize("count", [0, 1, 10_000, 10_001, COUNT])
def test_there_are_as_many_rows_as_asked_for(generate: Generate, count: int) -> None:
    assert sum(len(batch) for batch in generate(1, count)) == count


def test_the_same_seed_gives_the_same_rows(generate: Generate) -> None:
    assert list(rows(generate(5, 500))) == list(rows(generate(5, 500)))


def test_another_seed_gives_other_rows(generate: Generate) -> None:
    assert list(rows(generate(5, 100))) != list(rows(generate(6, 100)))


def test_a_larger_set_begins_like_a_smaller_one(generate: Generate) -> None:
    assert list(rows(generate(1, COUNT)))[:700] == list(rows(generate(1, 700)))


def test_every_row_meets_the_declaration(
    layer_id: str, generate: Generate, inventory: Inventory
) -> None:
    known = {area.id: layer for layer in AREA_LAYERS for area in inventory.features[layer]}
    features = [raw(row, number) for number, row in enumerate(rows(generate(1, COUNT)))]
    checked = validate(CATALOG.get(layer_id), features, known)
    assert checked.findings == ()
    assert len(checked.features) == COUNT


def test_every_row_says_that_it_is_synthetic(generate: Generate) -> None:
    for row in rows(generate(7, 1000)):
        assert row["source"] == "合成数据 synthetic (seed 7)"
        assert row["boundary_status"] == "schematic"
        assert str(row["name_zh"]).startswith("合成·")
        assert str(row["name_en"]).startswith("Synthetic ")


def test_no_name_holds_a_firm_of_the_plan(generate: Generate, inventory: Inventory) -> None:
    firms = inventory.features["enterprises"]
    real = {str(firm.values["name_zh"]) for firm in firms}
    real |= {
        alias for firm in firms for alias in str(firm.values["aliases"] or "").split("、") if alias
    }
    texts = " ".join(str(row["name_zh"]) for row in rows(generate(1, COUNT)))
    assert [name for name in real if name in texts] == []


def test_dates_are_spread_and_in_order() -> None:
    spans = life_spans(np.random.default_rng(1), 20_000)
    began, ended, seen = (spans[name] for name in ("valid_from", "valid_to", "as_of"))
    is_over = np.array([day is not None for day in ended])
    assert (began <= seen).all()
    assert (began[is_over] <= ended[is_over]).all()
    assert 0.05 < is_over.mean() < 0.07
    assert len({str(day)[:4] for day in began}) == 20


def test_values_are_drawn_in_proportion_to_their_weights() -> None:
    drawn = pick(np.random.default_rng(1), 100_000, (1.0, 0.0, 3.0))
    assert np.bincount(drawn) / 100_000 == pytest.approx([0.25, 0, 0.75], abs=0.01)
