"""产业基地: industry bases and other spaces of the clusters."""

from layers.attribute import Attribute, ValueType
from layers.codelist import Codelist
from layers.common import PLAN_AREA
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
    attributes=(
        Attribute(name="kind", title=Text("类别", "Kind"), codes=BASE_KIND, required=True),
        Attribute(
            name="in_regulation",
            title=Text("条例所列", "Listed in the regulation"),
            type=ValueType.BOOLEAN,
            description=Text(
                "中关村国家自主创新示范区条例第三条所列十园",
                "One of the ten parks of article 3 of the zone's regulation",
            ),
        ),
        *PLAN_AREA,
    ),
    style=Style(colour="#c2711a", fill_opacity=0.2, width=1.8, order=50),
)
