"""企业: enterprises and institutions."""

from layers.attribute import Attribute, Role, Scheme
from layers.codelist import EMERGING_INDUSTRY, PLAN_CLUSTER
from layers.common import ALIASES, AREA_LAYERS, IN_DISTRICT, IN_INDUSTRY, SECTION
from layers.layer import Geometry, Layer
from layers.style import Style
from layers.text import Text

LAYER = Layer(
    id="enterprises",
    title=Text("企业", "Enterprises"),
    description=Text(
        "规划点名的代表企业和机构；位置为公开资料所载总部或主要场所，不详者无位置",
        "Enterprises that the plan names; located at a publicly known head office or main site,"
        " without a location where none is known",
    ),
    geometry=Geometry.POINT,
    writer=Role.PLANNER,
    area="area",
    attributes=(
        ALIASES,
        IN_INDUSTRY,
        Attribute(
            name="emerging_industry",
            title=Text("战略性新兴产业", "Strategic emerging industry"),
            codes=EMERGING_INDUSTRY,
        ),
        Attribute(
            name="plan_cluster",
            title=Text("规划产业集群", "Cluster of the plan"),
            codes=PLAN_CLUSTER,
            description=Text(
                "首次点名所在集群；全部归属见归属表",
                "The cluster that names it first; all are in the assignments",
            ),
        ),
        Attribute(
            name="area",
            title=Text("规划归属区域", "Area assigned by the plan"),
            references=AREA_LAYERS,
        ),
        Attribute(
            name="industry_code",
            title=Text("国民经济行业代码", "GB/T 4754 code"),
            pattern=r"(2002|2011|2017):[A-T]?[0-9]{0,4}",
            scheme=Scheme.INDUSTRY,
            description=Text("版本:代码，如 2011:6510", "edition:code, such as 2011:6510"),
            synonyms=("行业代码",),
        ),
        Attribute(
            name="uscc",
            title=Text("统一社会信用代码", "Unified social credit code"),
            pattern=r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}",
            scheme=Scheme.CREDIT_CODE,
            unique=True,
            synonyms=("信用代码", "社会信用代码"),
        ),
        Attribute(
            name="address",
            title=Text("地址", "Address"),
            synonyms=("详细地址", "注册地址", "经营地址", "通讯地址", "住所"),
        ),
        IN_DISTRICT,
        SECTION,
    ),
    style=Style(colour="#d14343", fill_opacity=0.85, width=1, radius=5, order=90, names_from=14),
)
