"""科学城: Zhongguancun Science City and Future Science City."""

from layers.attribute import Role
from layers.common import PLAN_AREA
from layers.layer import Geometry, Layer
from layers.style import Style
from layers.text import Text

LAYER = Layer(
    id="science_cities",
    title=Text("科学城", "Science cities"),
    description=Text(
        "中关村科学城和未来科技城", "Zhongguancun Science City and Future Science City"
    ),
    geometry=Geometry.AREA,
    keeper=Role.PLANNER,
    attributes=PLAN_AREA,
    style=Style(colour="#1f5fa8", fill_opacity=0.15, width=2, order=30),
)
