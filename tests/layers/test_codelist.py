"""Code lists: stable codes, labels in both languages, a source."""

import re
from itertools import chain

import pytest

from layers import codelist
from layers.catalog import CATALOG
from layers.codelist import Codelist

SHARED = [each for each in vars(codelist).values() if isinstance(each, Codelist)]
USED = [each.codes for layer in CATALOG for each in layer.all_attributes if each.codes is not None]
LISTS = list({each.name: each for each in chain(SHARED, USED)}.values())


def test_no_two_lists_share_a_name():
    names = [each.name for each in {id(each): each for each in chain(SHARED, USED)}.values()]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("codes", LISTS, ids=lambda codes: codes.name)
def test_a_list_has_codes_two_labels_for_each_and_a_source(codes):
    assert len(list(codes)) > 1
    assert codes.source
    for code in codes:
        assert re.fullmatch(r"[A-Za-z0-9_]+", code)
        assert re.search(r"[\u4e00-\u9fff]", codes.label(code).zh)
        assert re.search(r"[A-Za-z]", codes.label(code).en)


@pytest.mark.parametrize(
    "codes",
    [codes for codes in LISTS if codes is not codelist.PLAN_CLUSTER],
    ids=lambda codes: codes.name,
)
def test_no_two_codes_of_a_list_share_a_label_but_the_plan_s_clusters_of_new_materials(codes):
    labels = [codes.label(code).zh for code in codes]
    assert sorted(labels) == sorted(set(labels))


def test_a_code_outside_the_list_has_no_label():
    with pytest.raises(KeyError, match="110000"):
        codelist.DISTRICT.label("110000")


def test_there_are_sixteen_districts_of_beijing():
    assert len(list(codelist.DISTRICT)) == 16
    assert all(re.fullmatch(r"1101\d{2}", code) for code in codelist.DISTRICT)
