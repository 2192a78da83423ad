"""园区: the sub-parks of 一区多园 and the hosts of the clusters."""

from layers.attribute import Attribute, Role
from layers.codelist import Codelist
from layers.common import IN_REGULATION, PLAN_AREA
from layers.layer import Geometry, Layer
from layers.style import Style
from layers.text import Text

SUB_PARK_KIND = Codelist(
    "sub_park_kind",
    "规划 八(一)-(三)",
    {
        "park": Text("园区", "Park"),
        "special_park": Text("特色专业园", "Specialised park"),
        "industrial_park": Text("园中园", "Park within a park"),
        "development_area": Text("开发区", "Development area"),
        "group": Text("园区组", "Group of parks"),
    },
)

LAYER = Layer(
    id="sub_parks",
    title=Text("园区", "Sub-parks"),
    description=Text(
        "一区多园各园区、特色专业园及聚集区所依托的开发区",
        "The parks of the zone, its specialised parks and the host areas of the clusters",
    ),
    geometry=Geometry.AREA,
    keeper=Role.PLANNER,
    attributes=(
        Attribute(
            name="kind",
            title=Text("类别", "Kind"),
            codes=SUB_PARK_KIND,
            required=True,
        ),
        IN_REGULATION,
        *PLAN_AREA,
    ),
    style=Style(colour="#8a5fb5", fill_opacity=0.15, width=1.8, order=40),
)
