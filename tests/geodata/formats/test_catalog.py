"""The formats as rows, and the names of files."""

from dataclasses import replace
from urllib.parse import unquote

import pytest

from geodata.formats.catalog import FORMATS, find_format, format_of_file
from geodata.formats.errors import UnknownFormatError
from geodata.formats.files import content_disposition, file_name
from layers.catalog import CATALOG
from layers.text import Text


def test_no_two_formats_share_a_name_or_an_ending():
    assert len({row.name for row in FORMATS}) == len(FORMATS)
    assert len({row.extension for row in FORMATS}) == len(FORMATS)


@pytest.mark.parametrize("format", FORMATS, ids=lambda each: each.name)
def test_a_format_is_found_by_name_and_by_ending(format):
    assert find_format(format.name) is format
    assert format_of_file(f"Layer.{format.extension.upper()}") is format


@pytest.mark.parametrize("name", ["", "geojson", "a.doc", "zip", "a.shp"])
def test_another_ending_is_refused_with_those_there_are(name):
    with pytest.raises(UnknownFormatError, match="the formats are geojson, geojsonseq, csv"):
        format_of_file(name)


@pytest.mark.parametrize("layer", tuple(CATALOG), ids=lambda each: each.id)
def test_a_browser_gets_both_names(layer):
    """`filename` for those who know no other, `filename*` as in RFC 8187."""
    for format in FORMATS:
        text = content_disposition(layer, format)
        kind, plain, encoded = text.split("; ")
        assert text.isascii()
        assert kind == "attachment"
        assert plain == f'filename="{layer.id}.{format.extension}"'
        assert unquote(encoded.removeprefix("filename*=UTF-8''")) == file_name(layer, format)
        assert file_name(layer, format) == f"{layer.title.zh}.{format.extension}"


def test_names_are_free_of_what_file_systems_refuse():
    layer = replace(CATALOG.get("axes"), title=Text('轴/线: "一"', "Axes"))
    assert file_name(layer, find_format("csv")) == "轴_线_ _一_.csv"
