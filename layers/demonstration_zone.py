"""示范区: the demonstration zone and its core area."""

from layers.attribute import Role
from layers.common import PLAN_AREA
from layers.layer import Geometry, Layer
from layers.style import Style
from layers.text import Text

LAYER = Layer(
    id="demonstration_zone",
    title=Text("示范区", "Demonstration zone"),
    description=Text(
        "中关村国家自主创新示范区（一区多园）及其核心区",
        "The Zhongguancun National Innovation Demonstration Zone and its core area",
    ),
    geometry=Geometry.AREA,
    keeper=Role.PLANNER,
    attributes=PLAN_AREA,
    style=Style(colour="#5b6b7b", fill_opacity=0.04, width=2.5, order=10),
)
