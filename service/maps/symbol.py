"""Legend symbols, drawn from the declared style."""

from html import escape

from layers.layer import Geometry, Layer
from layers.style import SCHEMATIC_DASH, Style

WIDTH, HEIGHT = 22, 16


def symbol(layer: Layer) -> str:
    """SVG of the layer's symbol, as its features look on the map."""
    return _svg(_SHAPES[layer.geometry](layer.style))


def boundary_symbol(*, schematic: bool) -> str:
    """SVG of a boundary in any colour: dashed when schematic, solid when authoritative."""
    dash = " ".join(map(str, SCHEMATIC_DASH)) if schematic else "none"
    return _svg(
        f'<path d="M1 {HEIGHT / 2:g}H{WIDTH - 1}" fill="none" stroke="currentColor"'
        f' stroke-width="2" stroke-dasharray="{dash}"/>'
    )


def _svg(shape: str) -> str:
    return (
        f'<svg class="symbol" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}"'
        f' aria-hidden="true">{shape}</svg>'
    )


def _point(style: Style) -> str:
    return (
        f'<circle cx="{WIDTH / 2:g}" cy="{HEIGHT / 2:g}" r="{min(style.radius, 6):g}"'
        f" {_paint(style)}/>"
    )


def _line(style: Style) -> str:
    return f'<path d="M1 {HEIGHT / 2:g}H{WIDTH - 1}" fill="none" {_stroke(style)}/>'


def _area(style: Style) -> str:
    return f'<rect x="2" y="3" width="{WIDTH - 4}" height="{HEIGHT - 6}" {_paint(style)}/>'


_SHAPES = {Geometry.POINT: _point, Geometry.LINE: _line, Geometry.AREA: _area}


def _stroke(style: Style) -> str:
    return f'stroke="{escape(style.colour)}" stroke-width="{style.width:g}"'


def _paint(style: Style) -> str:
    return f'fill="{escape(style.colour)}" fill-opacity="{style.fill_opacity:g}" {_stroke(style)}'
