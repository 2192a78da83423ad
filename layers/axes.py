"""轴线: the roads along which the plan lays out the Science City and the north."""

from layers.attribute import Attribute, Role
from layers.codelist import Codelist
from layers.common import PLAN_AREA
from layers.layer import Geometry, Layer
from layers.style import Style
from layers.text import Text

AXIS_KIND = Codelist(
    "axis_kind",
    "规划 六(一), 八(一)",
    {
        "axis": Text("发展轴", "Development axis"),
        "corridor": Text("产业走廊", "Industry corridor"),
    },
)

LAYER = Layer(
    id="axes",
    title=Text("轴线", "Axes"),
    description=Text(
        "科学城三条轴线和北清路至七北路沿线",
        "The three axes of the Science City and the Beiqing-Qibei road corridor",
    ),
    geometry=Geometry.LINE,
    keeper=Role.PLANNER,
    attributes=(
        Attribute(name="kind", title=Text("类别", "Kind"), codes=AXIS_KIND, required=True),
        *PLAN_AREA,
    ),
    style=Style(colour="#b3261e", fill_opacity=0, width=3.5, order=60),
)
