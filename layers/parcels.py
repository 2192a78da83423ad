"""宗地: land parcels (ISO 19152 `LA_SpatialUnit`)."""

from layers.attribute import Attribute, Role, Scheme, ValueType
from layers.codelist import LAND_OWNERSHIP, SUPPLY_MODE
from layers.common import AREA_LAYERS, IN_DISTRICT
from layers.layer import Geometry, Layer
from layers.style import Style
from layers.text import Text

LAYER = Layer(
    id="parcels",
    title=Text("宗地", "Parcels"),
    description=Text(
        "建设用地使用权宗地；由国土部门数据导入，规划本身不含宗地",
        "Parcels of construction land, imported from the land bureau; the plan itself has none",
    ),
    geometry=Geometry.AREA,
    geometry_required=True,
    disjoint=True,
    registered_area="area_registered_m2",
    writer=Role.LAND_OFFICER,
    area="park",
    attributes=(
        Attribute(
            name="parcel_code",
            title=Text("宗地代码", "Parcel code"),
            required=True,
            unique=True,
            pattern=r"[0-9]{12}[GJZ][A-Z][0-9]{5}",
            scheme=Scheme.PARCEL_CODE,
            synonyms=("宗地编码", "宗地号", "地籍号", "ZDDM"),
            description=Text("GB/T 37346-2019，19位", "GB/T 37346-2019, 19 characters"),
        ),
        Attribute(
            name="land_ownership",
            title=Text("土地所有权", "Land ownership"),
            codes=LAND_OWNERSHIP,
        ),
        Attribute(
            name="land_use",
            title=Text("土地用途", "Land use"),
            pattern=r"[A-Za-z0-9/.-]{1,20}:[A-Z0-9]{1,8}",
            scheme=Scheme.LAND_USE,
            synonyms=("地类", "用途", "规划用途"),
            description=Text(
                "分类标准:代码，如 GBT21010-2007:061", "scheme:code, such as GBT21010-2007:061"
            ),
        ),
        Attribute(
            name="supply_mode",
            title=Text("供应方式", "Mode of supply"),
            codes=SUPPLY_MODE,
        ),
        Attribute(
            name="area_registered_m2",
            title=Text("证载面积", "Registered area"),
            type=ValueType.NUMBER,
            unit="m2",
            minimum=0,
            synonyms=("宗地面积", "登记面积", "使用权面积"),
            description=Text(
                "权属证书所载面积，与图形计算面积分开保存",
                "As registered; kept apart from the area computed from the geometry",
            ),
        ),
        Attribute(
            name="park",
            title=Text("所属园区", "Park"),
            references=AREA_LAYERS,
            description=Text(
                "由主管部门认定，不由宗地代码推得",
                "As assigned; never derived from the parcel code",
            ),
        ),
        Attribute(
            name="holder",
            title=Text("使用权人", "Holder"),
            synonyms=("土地使用者", "土地使用权人", "权利人"),
            reader=Role.LAND_OFFICER,
        ),
        IN_DISTRICT,
    ),
    style=Style(colour="#6d4c2f", fill_opacity=0.12, width=1, order=70, names_from=14),
)
