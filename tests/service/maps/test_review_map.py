"""The map of a review: its own small script, in the reader's language, from our own files."""

import re

import pytest

from layers.catalog import CATALOG
from service.maps.review_map import CONTEXT, review_map
from service.web.language import Language


def test_layers_for_orientation_are_those_of_the_catalog() -> None:
    assert set(CONTEXT) <= set(CATALOG.ids)


@pytest.mark.parametrize(("language", "word"), [(Language.ZH, "放大"), (Language.EN, "Zoom in")])
def test_the_map_speaks_the_readers_language_and_loads_from_here(
    language: Language, word: str
) -> None:
    parts = review_map(language)
    assert word in parts.script
    assert "zgcReview" in parts.script
    assert all(address.startswith("/static/") for address in (*parts.scripts, *parts.styles))
    assert not re.search(r"https?://", parts.script)


def test_each_process_makes_the_same_script() -> None:
    assert review_map(Language.ZH).version == review_map(Language.ZH).version
    assert review_map(Language.ZH).version != review_map(Language.EN).version
