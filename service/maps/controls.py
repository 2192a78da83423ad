"""Folium elements of our own: what Folium has no class for."""

# Parts of Folium and branca carry no annotations.
# mypy: allow-untyped-calls

import json
from typing import Any

from branca.element import Element, MacroElement
from folium.elements import JSCSSMixin
from folium.template import Template

from service.web.assets import asset_url


def script_json(value: Any) -> str:
    """JSON that is also safe inside a script."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True).replace("<", "\\u003c")


class DrawWords(MacroElement):
    """Words of Leaflet.draw; goes before the `Draw` control, which reads them once."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            (function translate(into, words) {
                for (const [key, word] of Object.entries(words)) {
                    if (typeof word === "string") into[key] = word;
                    else translate(into[key], word);
                }
            })(L.drawLocal, {{ this.words }});
        {% endmacro %}
        """
    )

    def __init__(self, words: dict[str, Any]) -> None:
        super().__init__()
        self._name = "DrawWords"
        self.words = script_json(words)


class Buttons(MacroElement):
    """Zoom buttons with words in the reader's language, and a scale bar without miles."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            L.control.zoom({{ this.words }}).addTo({{ this._parent.get_name() }});
            L.control.scale({imperial: false}).addTo({{ this._parent.get_name() }});
        {% endmacro %}
        """
    )

    def __init__(self, zoom_in: str, zoom_out: str) -> None:
        super().__init__()
        self._name = "Buttons"
        self.words = script_json({"zoomInTitle": zoom_in, "zoomOutTitle": zoom_out})


class Handles(JSCSSMixin, MacroElement):
    """`window.zgc`: the objects of this map by plain names, for our own modules; goes last.

    Brings the reader of vector tiles' wire format with it.
    """

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            window.zgc = {
                map: {{ this._parent.get_name() }},
                overlays: {
                    {%- for layer_id, group in this.overlays.items() %}
                    {{ layer_id|tojson }}: {{ group.get_name() }},
                    {%- endfor %}
                },
                control: {{ this.control.get_name() }},
                drawn: drawnItems_{{ this.draw.get_name() }},
                layers: {{ this.layers }},
            };
        {% endmacro %}
        """
    )

    def __init__(
        self,
        overlays: dict[str, Element],
        control: Element,
        draw: Element,
        layers: list[dict[str, Any]],
    ) -> None:
        super().__init__()
        self._name = "Handles"
        self.default_js = [("pbf", asset_url("pbf", "dist/pbf.js"))]
        self.overlays = overlays
        self.control = control
        self.draw = draw
        self.layers = script_json(layers)
