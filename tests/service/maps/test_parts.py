"""Maps are made in a process of their own, once, and the service never holds Folium."""

import subprocess
import sys

import pytest

from layers.catalog import CATALOG
from service.maps.parts import MapName, all_maps, map_parts
from service.maps.zone_map import zone_map
from service.web.language import Language


@pytest.mark.anyio
@pytest.mark.parametrize("language", Language)
async def test_a_map_is_what_folium_makes_of_it(language: Language) -> None:
    assert await map_parts(MapName.ZONE, language) == zone_map(CATALOG, language)


def test_maps_are_made_once() -> None:
    assert all_maps() is all_maps()
    assert set(all_maps()) == {(name, language) for name in MapName for language in Language}


def test_the_service_does_not_load_folium() -> None:
    program = "import sys, service.app; sys.exit('folium' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0
