"""A Folium map taken apart into what a page of our own shell needs.

Folium renders whole pages with links to other hosts. Here the links are rewritten to our own
files, and anything that has not been seen before is refused rather than passed on.
"""

# Parts of Folium and branca carry no annotations.
# mypy: allow-untyped-calls

from hashlib import sha256
from typing import cast

import folium
from branca.element import CssLink, Figure, JavascriptLink

from service.maps.parts import MapParts
from service.web.assets import local_url

# Our shell sets type, colours and layout; of Folium's general links only Leaflet is needed.
UNUSED_LINKS = frozenset(
    {
        "jquery",
        "bootstrap",
        "bootstrap_css",
        "awesome_markers",
        "awesome_markers_css",
        "awesome_markers_font_css",
        "glyphicons_css",
        "awesome_rotate_css",
    }
)


class UnknownPartError(LookupError):
    """Folium put something into the page's head that nobody has decided about."""


def take_apart(m: folium.Map) -> MapParts:
    """The parts of a map, with every address a local one.

    Raises:
        LookupError: a library has no local copy, or the head holds an unknown part.
    """
    figure = cast(Figure, m.get_root())
    _name_in_order(m)
    m.render()
    links = _links(figure, m.get_name())
    script = figure.script.render()
    return MapParts(
        scripts=_addresses(links, JavascriptLink),
        styles=_addresses(links, CssLink),
        html=figure.html.render().strip(),
        script=script,
        version=sha256(script.encode()).hexdigest()[:16],
    )


def _name_in_order(m: folium.Map) -> None:
    """Numbers for Folium's random ids, so that every worker process builds the same script."""
    m._id = "zgc"
    for number, child in enumerate(m._children.values()):
        child._id = f"{number}"


def _links(figure: Figure, map_name: str) -> list[JavascriptLink | CssLink]:
    """The libraries that a page must load; Folium's own page-wide meta and style are not."""
    links = []
    for name, child in figure.header._children.items():
        if isinstance(child, JavascriptLink | CssLink):
            if name not in UNUSED_LINKS:
                links.append(child)
        elif name not in {"meta_http", map_name}:
            raise UnknownPartError(f"{name}: {child.render()[:200]!r}")
    return links


def _addresses(
    links: list[JavascriptLink | CssLink], kind: type[JavascriptLink | CssLink]
) -> tuple[str, ...]:
    local = (local_url(link.url) for link in links if isinstance(link, kind))
    return tuple(url for url in local if url is not None)
