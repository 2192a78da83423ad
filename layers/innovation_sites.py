"""创新园和研究院: specialised innovation parks, towers and institutes of the Science City."""

from layers.attribute import Attribute, Role
from layers.codelist import Codelist
from layers.common import PLAN_AREA
from layers.layer import Geometry, Layer
from layers.style import Style
from layers.text import Text

SITE_KIND = Codelist(
    "site_kind",
    "规划 六(一)",
    {
        "innovation_park": Text("特色产业创新园", "Specialised innovation park"),
        "institute": Text("新型产业技术研究院", "Industrial technology institute"),
    },
)

LAYER = Layer(
    id="innovation_sites",
    title=Text("创新园和研究院", "Innovation sites"),
    description=Text(
        "中关村科学城的特色产业创新园（楼）和新型产业技术研究院",
        "Specialised innovation parks, towers and industrial technology institutes",
    ),
    geometry=Geometry.POINT,
    keeper=Role.PLANNER,
    attributes=(
        Attribute(name="kind", title=Text("类别", "Kind"), codes=SITE_KIND, required=True),
        *PLAN_AREA,
    ),
    style=Style(colour="#0f8fa8", fill_opacity=0.9, radius=7, order=80),
)
