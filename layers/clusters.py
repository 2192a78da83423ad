"""产业聚集区: the northern and the southern cluster belt."""

from layers.attribute import Role
from layers.common import PLAN_AREA
from layers.layer import Geometry, Layer
from layers.style import Style
from layers.text import Text

LAYER = Layer(
    id="clusters",
    title=Text("产业聚集区", "Clusters"),
    description=Text(
        "北部研发服务和高技术产业聚集区、南部高技术制造业和战略性新兴产业聚集区",
        "The northern cluster of R&D services and high technology and the southern cluster of"
        " high-tech manufacturing and emerging industries",
    ),
    geometry=Geometry.AREA,
    keeper=Role.PLANNER,
    attributes=PLAN_AREA,
    style=Style(colour="#2e8b6f", fill_opacity=0.08, width=2, order=20),
)
