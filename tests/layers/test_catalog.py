"""The catalog: the eleven layers in reading order, and what a registry must refuse."""

import re

import pytest

from layers.attribute import Attribute
from layers.catalog import CATALOG, Catalog, UnknownLayerError
from layers.common import AREA_LAYERS
from layers.layer import Geometry, Layer
from layers.style import Style
from layers.text import Text

NAMED_IN_THE_DESIGN = (
    "demonstration_zone",
    "science_cities",
    "clusters",
    "sub_parks",
    "bases",
    "innovation_sites",
    "axes",
    "districts",
    "enterprises",
    "projects",
    "parcels",
)

TITLE = Text("图层", "Layer")


def made_up(layer_id, *references):
    attribute = Attribute(name="belongs_to", title=TITLE, references=references)
    return Layer(
        id=layer_id,
        title=TITLE,
        description=TITLE,
        geometry=Geometry.POINT,
        attributes=(attribute,),
        style=Style(colour="#123456"),
    )


def test_the_catalog_holds_the_layers_of_the_design_in_its_order():
    assert CATALOG.ids == NAMED_IN_THE_DESIGN
    assert tuple(layer.id for layer in CATALOG) == NAMED_IN_THE_DESIGN
    assert len(CATALOG) == len(NAMED_IN_THE_DESIGN)


def test_every_area_layer_is_in_the_catalog_and_says_that_it_is_one():
    assert tuple(layer.id for layer in CATALOG if layer.is_area) == AREA_LAYERS


def test_a_layer_is_found_by_its_id():
    assert all(CATALOG.get(layer.id) is layer for layer in CATALOG)


def test_an_unknown_layer_is_an_error_that_lists_those_there_are():
    with pytest.raises(UnknownLayerError) as caught:
        CATALOG.get("roads")
    assert str(caught.value) == f"no layer 'roads'; the layers are {', '.join(NAMED_IN_THE_DESIGN)}"
    assert caught.value.known == NAMED_IN_THE_DESIGN


def test_layers_that_share_an_id_are_refused_by_name():
    twice = (made_up("b"), made_up("a"), made_up("b"), made_up("a"), made_up("c"))
    with pytest.raises(ValueError, match=re.escape("layer declared twice: a, b")):
        Catalog(twice)


def test_a_reference_to_no_layer_is_refused_with_layer_attribute_and_name():
    with pytest.raises(ValueError, match="'a', attribute 'belongs_to': refers to no layer x, y"):
        Catalog((made_up("a", "y", "b", "x"), made_up("b")))


def test_layers_may_refer_to_themselves_and_to_later_ones():
    assert Catalog((made_up("a", "a", "b"), made_up("b"))).ids == ("a", "b")


def test_a_catalog_with_one_layer_more_leaves_the_former_as_it_was():
    more = CATALOG.with_layer(made_up("roads", "bases"))
    assert more.ids == (*NAMED_IN_THE_DESIGN, "roads")
    assert "roads" not in CATALOG.ids
    with pytest.raises(ValueError, match="layer declared twice: bases"):
        CATALOG.with_layer(made_up("bases"))
