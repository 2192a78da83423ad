"""Declarations of layers: refused when wrong, and the promises that every layer keeps."""

import ast
import dataclasses
import importlib
import inspect
import re
import sys
from pathlib import Path

import pytest

import layers
from layers.attribute import Attribute, Role, ValueType
from layers.catalog import CATALOG
from layers.common import AREA_LAYERS, COMMON
from layers.layer import RESERVED, Geometry, Layer, Precision
from layers.style import Style
from layers.text import Text

PACKAGE = Path(layers.__file__).parent
CHINESE = re.compile(r"[\u4e00-\u9fff]")
LATIN = re.compile(r"[A-Za-z]")
UCUM = {"m", "m2", "km2"}
WITHOUT_UNIT = {"level"}
"""Numbers that count or rank."""

every_layer = pytest.mark.parametrize("layer", list(CATALOG), ids=lambda layer: layer.id)
every_attribute = pytest.mark.parametrize(
    "attribute",
    [
        pytest.param(attribute, id=f"{layer.id}-{attribute.name}")
        for layer in CATALOG
        for attribute in layer.all_attributes
    ],
)


def declared(*names, layer_id="stations", **options):
    title = Text("站点", "Stations")
    return Layer(
        id=layer_id,
        title=title,
        description=title,
        geometry=Geometry.POINT,
        attributes=tuple(Attribute(name=name, title=title) for name in names),
        style=Style(colour="#000000"),
        **options,
    )


def module_of(layer):
    return importlib.import_module(f"layers.{layer.id}")


@pytest.mark.parametrize("layer_id", ["", "Stations", "metro stations", "9th", "站点"])
def test_an_id_that_is_no_plain_name_is_refused_and_shown(layer_id):
    with pytest.raises(ValueError, match=f"layer id '{layer_id}'"):
        declared(layer_id=layer_id)


@pytest.mark.parametrize("name", [attribute.name for attribute in COMMON])
def test_declaring_a_common_attribute_again_is_refused_by_name(name):
    with pytest.raises(ValueError, match=f"'stations': attribute declared twice: {name}"):
        declared(name)


def test_all_attributes_declared_twice_are_named():
    with pytest.raises(ValueError, match="'stations': attribute declared twice: exits, line"):
        declared("line", "exits", "line", "exits", "depth")


@pytest.mark.parametrize("name", sorted(RESERVED))
def test_names_that_the_system_needs_are_refused(name):
    with pytest.raises(ValueError, match=f"'stations': reserved attribute name: {name}"):
        declared(name)


def test_a_writer_reads_all_that_it_replaces():
    title = Text("使用权人", "Holder")
    holder = Attribute(name="holder", title=title, reader=Role.LAND_OFFICER)
    options = {"title": title, "description": title, "geometry": Geometry.POINT}
    options |= {"style": Style(colour="#000000"), "attributes": (holder,)}
    assert Layer(id="sites", writer=Role.LAND_OFFICER, **options).writer is Role.LAND_OFFICER
    with pytest.raises(ValueError, match="'sites': its writer planner cannot read holder"):
        Layer(id="sites", writer=Role.PLANNER, **options)


def test_the_public_writes_no_layer():
    assert declared("line").writer is Role.ADMIN
    with pytest.raises(ValueError, match="'stations': the public writes no layer"):
        declared("line", writer=Role.PUBLIC)


PARK = Attribute(name="park", title=Text("园区", "Park"), references=("sub_parks",))
OFFICES = {
    "an attribute that is not there": ({"area": "park"}, (), "area 'park' must be an attribute"),
    "a common attribute": ({"area": "source"}, (), "area 'source' must be an attribute"),
    "one that refers to no area": (
        {"area": "park"},
        (dataclasses.replace(PARK, references=("districts",)),),
        "area 'park' must be an attribute",
    ),
    "a keeper of nothing": ({"keeper": Role.PLANNER}, (), "nothing tells whose a feature is"),
    "a keeper above the writer": (
        {"area": "park", "keeper": Role.ADMIN, "writer": Role.PLANNER},
        (PARK,),
        "keeper admin is no less than the writer",
    ),
    "the public": (
        {"area": "park", "keeper": Role.PUBLIC},
        (PARK,),
        "the public writes no layer",
    ),
    "a keeper who cannot read": (
        {"area": "park", "keeper": Role.PLANNER},
        (dataclasses.replace(PARK, reader=Role.LAND_OFFICER),),
        "its writer planner cannot read park",
    ),
}


@pytest.mark.parametrize(("options", "attributes", "words"), OFFICES.values(), ids=OFFICES)
def test_what_an_office_could_not_keep_is_refused(options, attributes, words):
    with pytest.raises(ValueError, match=f"'stations': .*{words}"):
        dataclasses.replace(declared(), attributes=attributes, **options)


def test_an_office_keeps_with_a_lesser_role_than_the_whole_layer_needs():
    kept = dataclasses.replace(declared(), attributes=(PARK,), area="park", keeper=Role.PLANNER)
    assert [kept.least_writer(bound=each) for each in (False, True)] == [Role.ADMIN, Role.PLANNER]
    assert [declared().least_writer(bound=each) for each in (False, True)] == [Role.ADMIN] * 2


@pytest.mark.parametrize(
    ("digits", "reader", "words"),
    [
        (-1, Role.PLANNER, "digits -1: must be from 0 to 6"),
        (7, Role.PLANNER, "digits 7: must be from 0 to 6"),
        (3, Role.PUBLIC, "the public is told more"),
    ],
)
def test_a_precision_that_hides_nothing_is_refused(digits, reader, words):
    with pytest.raises(ValueError, match=words):
        Precision(digits=digits, reader=reader)


def test_who_is_told_less_of_positions_does_not_write_them():
    hidden = Precision(digits=3, reader=Role.LAND_OFFICER)
    kept = declared(precision=hidden, writer=Role.LAND_OFFICER)
    assert [role for role in Role if kept.tells_positions(role)] == [Role.LAND_OFFICER, Role.ADMIN]
    assert all(declared().tells_positions(role) for role in Role)
    with pytest.raises(ValueError, match="its writer planner cannot read the positions"):
        declared(precision=hidden, writer=Role.PLANNER)


@every_layer
def test_a_layer_that_names_one_area_says_that_its_features_lie_in_it(layer):
    naming = [each.name for each in layer.attributes if set(each.references) == set(AREA_LAYERS)]
    assert layer.is_area or naming == ([] if layer.area is None else [layer.area])


def test_common_attributes_come_first_in_display_order():
    names = [attribute.name for attribute in declared("line", "exits").all_attributes]
    assert names == [*(attribute.name for attribute in COMMON), "line", "exits"]


def test_an_unknown_attribute_is_a_key_error_with_its_name():
    assert declared("line").attribute("line").name == "line"
    with pytest.raises(KeyError, match="depth"):
        declared("line").attribute("depth")


@every_layer
def test_a_layer_is_found_in_the_module_of_its_id(layer):
    assert module_of(layer).LAYER is layer


@every_layer
def test_the_module_says_in_its_first_words_what_the_layer_is_called(layer):
    assert (inspect.getdoc(module_of(layer)) or "").startswith(layer.title.zh)


@every_layer
def test_title_and_description_are_in_both_languages_and_say_different_things(layer):
    for text in (layer.title, layer.description):
        assert CHINESE.search(text.zh)
        assert LATIN.search(text.en)
        assert not CHINESE.search(text.en)
    assert len(layer.description.en) > len(layer.title.en)


@every_layer
def test_every_feature_says_what_it_is_whence_and_since_when(layer):
    promised = {
        "name_zh", "name_en", "source", "as_of", "valid_from", "valid_to", "accuracy_m",
        "boundary_status",
    }  # fmt: skip
    assert promised <= {attribute.name for attribute in layer.all_attributes}


@every_layer
def test_areas_and_only_areas_declare_their_place_in_the_hierarchy(layer):
    names = {attribute.name for attribute in layer.all_attributes}
    assert ({"parent", "counted_in", "level"} <= names) == layer.is_area


@every_layer
def test_only_a_layer_that_is_shown_has_something_to_see(layer):
    style = layer.style
    assert style.width > 0
    assert style.radius > 0
    assert layer.geometry is not Geometry.LINE or style.fill_opacity == 0


@every_attribute
def test_an_attribute_has_a_title_in_both_languages(attribute):
    assert CHINESE.search(attribute.title.zh)
    assert LATIN.search(attribute.title.en)
    if attribute.description is not None:
        assert attribute.description.zh
        assert attribute.description.en


@every_attribute
def test_a_number_has_a_unit_unless_it_ranks(attribute):
    if attribute.type in (ValueType.NUMBER, ValueType.INTEGER):
        assert attribute.unit in UCUM or attribute.name in WITHOUT_UNIT
    if attribute.unit is not None:
        assert attribute.name.endswith(f"_{attribute.unit}")


@every_attribute
def test_a_reference_names_area_layers(attribute):
    assert set(attribute.references) <= set(AREA_LAYERS)


@every_attribute
def test_common_attributes_and_names_are_for_everyone(attribute):
    if attribute in COMMON:
        assert attribute.reader is Role.PUBLIC


def test_no_two_attributes_of_a_layer_share_a_title():
    for layer in CATALOG:
        titles = [attribute.title.zh for attribute in layer.all_attributes]
        assert sorted(titles) == sorted(set(titles)), layer.id


def test_who_holds_a_parcel_is_not_public():
    assert CATALOG.get("parcels").attribute("holder").reader is Role.LAND_OFFICER


@pytest.mark.parametrize("path", sorted(PACKAGE.glob("*.py")), ids=lambda path: path.stem)
def test_layers_import_the_standard_library_and_each_other_only(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = [
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    ]
    names += [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    roots = {name.partition(".")[0] for name in names}
    assert roots <= {"layers", *sys.stdlib_module_names}
