import folium
import pytest
from branca.element import Element
from folium.plugins import HeatMapWithTime

from service.maps.figure import UnknownPartError, take_apart


def test_a_library_without_a_local_copy_is_refused() -> None:
    m = folium.Map(location=(40, 116), tiles=None)
    HeatMapWithTime([[[40, 116, 1]]]).add_to(m)
    with pytest.raises(LookupError):
        take_apart(m)


def test_an_unknown_part_of_the_head_is_refused() -> None:
    m = folium.Map(location=(40, 116), tiles=None)
    m.get_root().header.add_child(Element("<style>body {}</style>"), name="surprise")
    with pytest.raises(UnknownPartError, match="surprise"):
        take_apart(m)


def test_a_plain_map_needs_only_leaflet() -> None:
    parts = take_apart(folium.Map(location=(40, 116), tiles=None))
    assert [url.rsplit("/", 1)[1] for url in parts.scripts] == ["leaflet.js"]
    assert [url.rsplit("/", 1)[1] for url in parts.styles] == ["leaflet.css"]
    assert parts.html == '<div class="folium-map" id="map_zgc" ></div>'
