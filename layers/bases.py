"""产业基地: industry bases and other spaces of the clusters."""

from layers.attribute import Attribute, Role
from layers.codelist import Codelist
from layers.common import IN_REGULATION, PLAN_AREA
from layers.layer import Geometry, Layer
from layers.style import Style
from layers.text import Text

BASE_KIND = Codelist(
    "base_kind",
    "规划 八(一)-(三)",
    {
        "base": Text("产业基地", "Industry base"),
        "specialised_park": Text("专业园", "Specialised park"),
        "facility": Text("载体设施", "Facility"),
    },
)

LAYER = Layer(
    id="bases",
    title=Text("产业基地", "Bases"),
    description=Text(
        "聚集区的空间资源、产业基地和载体设施",
        "Spaces of the clusters: industry bases, specialised parks and facilities",
    ),
    geometry=Geometry.AREA,
    keeper=Role.PLANNER,
    attributes=(
        Attribute(name="kind", title=Text("类别", "Kind"), codes=BASE_KIND, required=True),
        IN_REGULATION,
        *PLAN_AREA,
    ),
    style=Style(colour="#c2711a", fill_opacity=0.2, width=1.8, order=50),
)
