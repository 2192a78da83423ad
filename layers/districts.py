"""行政区: the districts of Beijing."""

from layers.attribute import Attribute
from layers.common import ALIASES
from layers.layer import Geometry, Layer
from layers.style import Style
from layers.text import Text

LAYER = Layer(
    id="districts",
    title=Text("行政区", "Districts"),
    description=Text(
        "北京市十六区；轮廓由可选数据包或用户文件载入",
        "The sixteen districts of Beijing; outlines come from an optional package or file",
    ),
    geometry=Geometry.AREA,
    disjoint=True,
    attributes=(
        Attribute(
            name="code",
            title=Text("行政区划代码", "Administrative code"),
            pattern=r"[0-9]{6}",
            required=True,
            unique=True,
            description=Text("GB/T 2260", "GB/T 2260"),
        ),
        ALIASES,
    ),
    style=Style(colour="#9aa5b1", fill_opacity=0, width=1, order=0),
)
