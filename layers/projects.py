"""项目: projects and programmes of the plan."""

from layers.attribute import Attribute, Role
from layers.codelist import Codelist
from layers.common import ALIASES, AREA_LAYERS, IN_DISTRICT, IN_INDUSTRY, SECTION
from layers.layer import Geometry, Layer
from layers.style import Style
from layers.text import Text

PROJECT_KIND = Codelist(
    "project_kind",
    "规划 三-十一",
    {
        "product": Text("产品项目", "Product project"),
        "national_major": Text("国家科技重大专项", "National science and technology major project"),
        "infrastructure": Text("国家重大科技基础设施", "National science infrastructure"),
        "national_centre": Text("国家科学中心", "National science centre"),
        "pilot": Text("试点", "Pilot"),
        "standard": Text("标准", "Standard"),
        "programme": Text("工程和计划", "Programme"),
        "city_theme": Text("城市主题", "City theme"),
    },
)

LAYER = Layer(
    id="projects",
    title=Text("项目", "Projects"),
    description=Text(
        "规划所列重大项目、专项、工程和计划；规划未指明场所者无位置",
        "Projects and programmes of the plan; without a location where the plan names no site",
    ),
    geometry=Geometry.POINT,
    writer=Role.PLANNER,
    area="area",
    attributes=(
        Attribute(name="kind", title=Text("类别", "Kind"), codes=PROJECT_KIND, required=True),
        ALIASES,
        IN_INDUSTRY,
        Attribute(
            name="area",
            title=Text("规划归属区域", "Area assigned by the plan"),
            references=AREA_LAYERS,
        ),
        IN_DISTRICT,
        SECTION,
    ),
    style=Style(colour="#b8860b", fill_opacity=0.9, radius=6, order=85),
)
