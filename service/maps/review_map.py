"""The map of a review: areas of the plan for orientation, candidates and a point to move."""

# Parts of Folium and branca carry no annotations.
# mypy: allow-untyped-calls

from functools import partial

import folium
from branca.element import MacroElement
from folium.template import Template

from service.maps.controls import Buttons, script_json
from service.maps.figure import take_apart
from service.maps.parts import MapParts
from service.maps.zone_map import CENTRE, MAX_ZOOM, MIN_ZOOM, START_ZOOM
from service.web.language import Language, translate

CONTEXT = ("districts", "sub_parks", "bases")
"""Layers drawn underneath."""


class ReviewHandles(MacroElement):
    """`window.zgcReview`: the map by a plain name, for our own module."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            window.zgcReview = {
                map: {{ this._parent.get_name() }},
                context: {{ this.context }},
            };
        {% endmacro %}
        """
    )

    def __init__(self, context: tuple[str, ...]) -> None:
        super().__init__()
        self._name = "ReviewHandles"
        self.context = script_json(context)


def review_map(language: Language) -> MapParts:
    """The parts of the map; what is under review comes with the page."""
    t = partial(translate, language=language)
    m = folium.Map(
        location=CENTRE,
        zoom_start=START_ZOOM,
        tiles=None,
        zoom_control=False,
        minZoom=MIN_ZOOM,
        maxZoom=MAX_ZOOM,
    )
    Buttons(t("map.zoom_in"), t("map.zoom_out")).add_to(m)
    ReviewHandles(CONTEXT).add_to(m)
    return take_apart(m)
