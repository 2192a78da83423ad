"""Attributes that every feature, or every area of the plan, carries."""

from layers.attribute import Attribute, ValueType
from layers.codelist import BOUNDARY_STATUS, DISTRICT, INDUSTRY
from layers.text import Text

COMMON = (
    Attribute(
        name="name_zh",
        title=Text("中文名称", "Chinese name"),
        required=True,
        synonyms=("名称", "名字", "企业名称", "单位名称", "公司名称", "项目名称", "name"),
    ),
    Attribute(
        name="name_en",
        title=Text("英文名称", "English name"),
        synonyms=("英文名", "name:en"),
    ),
    Attribute(
        name="source",
        title=Text("来源", "Source"),
        required=True,
        description=Text(
            "规划章节和原文，或数据来源", "Plan section and quotation, or the origin of the data"
        ),
        synonyms=("数据来源", "资料来源"),
    ),
    Attribute(
        name="as_of",
        title=Text("资料日期", "As of"),
        type=ValueType.DATE,
        required=True,
        description=Text("资料所反映的日期", "The day whose state the data describe"),
        synonyms=("数据日期", "截止日期"),
    ),
    Attribute(
        name="valid_from",
        title=Text("生效日期", "Valid from"),
        type=ValueType.DATE,
        description=Text("空值表示不详", "Null: not known"),
    ),
    Attribute(
        name="valid_to",
        title=Text("失效日期", "Valid to"),
        type=ValueType.DATE,
        description=Text("含当日；空值表示至今有效", "Inclusive; null: still valid"),
    ),
    Attribute(
        name="accuracy_m",
        title=Text("位置精度", "Positional accuracy"),
        type=ValueType.NUMBER,
        unit="m",
        minimum=0,
        description=Text(
            "真实位置应在此距离之内；无位置时为空",
            "The true position lies within this distance; null without a position",
        ),
    ),
    Attribute(
        name="boundary_status",
        title=Text("边界性质", "Boundary status"),
        codes=BOUNDARY_STATUS,
        required=True,
    ),
    Attribute(
        name="location_source",
        title=Text("位置依据", "Source of the location"),
        description=Text(
            "位置或边界的依据；空值表示无位置",
            "What the position or boundary was compiled from; null without one",
        ),
    ),
)

AREA_LAYERS = (
    "demonstration_zone",
    "science_cities",
    "clusters",
    "sub_parks",
    "bases",
    "innovation_sites",
    "axes",
)

ALIASES = Attribute(
    name="aliases",
    title=Text("别名", "Aliases"),
    description=Text("以顿号分隔", "Separated by 、"),
    synonyms=("简称", "alias"),
)

IN_DISTRICT = Attribute(
    name="district",
    title=Text("所在区", "District"),
    codes=DISTRICT,
    description=Text(
        "主要所在的区（GB/T 2260）；跨区时为空", "GB/T 2260 code; null when it spans several"
    ),
    synonyms=("区", "行政区", "区县", "county"),
)

IN_INDUSTRY = Attribute(
    name="industry",
    title=Text("产业", "Industry"),
    codes=INDUSTRY,
    description=Text("规划八大产业集群及现代服务业", "The plan's eight clusters and services"),
)

SECTION = Attribute(
    name="section",
    title=Text("规划章节", "Plan section"),
    max_length=40,
)

HIERARCHY = (
    Attribute(
        name="parent",
        title=Text("上级区域", "Parent area"),
        references=AREA_LAYERS,
        description=Text(
            "规划所述上级区域，不由空间叠置推得", "As the plan words it, never derived by overlap"
        ),
    ),
    Attribute(
        name="counted_in",
        title=Text("计入区域", "Counted in"),
        references=AREA_LAYERS,
        description=Text(
            "指标汇总时计入的区域；每个区域只计入一处",
            "The area whose totals include this one; each area counts in one place only",
        ),
    ),
    Attribute(
        name="level",
        title=Text("层级", "Level"),
        type=ValueType.INTEGER,
        minimum=0,
        maximum=9,
        required=True,
    ),
)

PUBLISHED_AREA = (
    Attribute(
        name="published_area_km2",
        title=Text("公布面积", "Published area"),
        type=ValueType.NUMBER,
        unit="km2",
        minimum=0,
        description=Text(
            "公开报道的面积，与示意边界的计算面积无关",
            "As published; not computed from the schematic boundary",
        ),
    ),
    Attribute(name="published_area_source", title=Text("公布面积来源", "Source of that area")),
)

IN_REGULATION = Attribute(
    name="in_regulation",
    title=Text("条例所列", "Listed in the regulation"),
    type=ValueType.BOOLEAN,
    description=Text(
        "中关村国家自主创新示范区条例第三条所列十园",
        "One of the ten parks of article 3 of the zone's regulation",
    ),
)

PLAN_AREA = (ALIASES, *HIERARCHY, IN_DISTRICT, IN_INDUSTRY, SECTION, *PUBLISHED_AREA)
