from xml.etree import ElementTree

import pytest

from layers.catalog import CATALOG
from layers.layer import Geometry, Layer
from service.maps.symbol import boundary_symbol, symbol

SHAPES = {Geometry.POINT: "circle", Geometry.LINE: "path", Geometry.AREA: "rect"}


@pytest.mark.parametrize("layer", list(CATALOG), ids=lambda layer: layer.id)
def test_a_symbol_has_the_declared_style(layer: Layer) -> None:
    (shape,) = ElementTree.fromstring(symbol(layer))
    assert shape.tag == SHAPES[layer.geometry]
    assert shape.get("stroke") == layer.style.colour
    assert float(shape.get("stroke-width", "")) == layer.style.width
    if layer.geometry is not Geometry.LINE:
        assert shape.get("fill") == layer.style.colour
        assert float(shape.get("fill-opacity", "")) == layer.style.fill_opacity


def test_symbols_carry_no_inline_style() -> None:
    assert not any("style=" in symbol(layer) for layer in CATALOG)


def test_a_schematic_boundary_is_dashed_and_an_authoritative_one_solid() -> None:
    assert 'stroke-dasharray="6 4"' in boundary_symbol(schematic=True)
    assert 'stroke-dasharray="none"' in boundary_symbol(schematic=False)
