"""Code lists: closed sets of values with two-language labels."""

from collections.abc import Iterator
from dataclasses import dataclass

from layers.text import Text


@dataclass(frozen=True, eq=False)
class Codelist:
    """An ordered enumeration.

    Args:
        name: identifier of the list.
        source: the text, standard or plan section that fixes it.
        codes: code -> label, in the order of the source.
    """

    name: str
    source: str
    codes: dict[str, Text]

    def __iter__(self) -> Iterator[str]:
        return iter(self.codes)

    def label(self, code: str) -> Text:
        """Label of a code; a code outside the list is a KeyError."""
        return self.codes[code]


BOUNDARY_STATUS = Codelist(
    "boundary_status",
    "ZGC-GIS: who drew the boundary",
    {
        "schematic": Text("示意边界", "schematic"),
        "authoritative": Text("法定边界", "authoritative"),
    },
)

INDUSTRY = Codelist(
    "industry",
    "规划 八: 八大产业集群; 三(八): 现代服务业",
    {
        "electronic_information": Text("电子信息", "Electronic information"),
        "biology": Text("生物", "Biology"),
        "new_energy_environment": Text(
            "新能源和节能环保", "New energy, energy saving and environment"
        ),
        "new_energy_vehicles": Text("新能源汽车", "New-energy vehicles"),
        "new_materials": Text("新材料", "New materials"),
        "equipment": Text("装备", "Equipment"),
        "aerospace": Text("航空航天", "Aerospace"),
        "cultural_creative": Text("文化创意", "Cultural and creative"),
        "modern_services": Text("现代服务业", "Modern services"),
    },
)

EMERGING_INDUSTRY = Codelist(
    "emerging_industry",
    "国发〔2010〕32号: 七个战略性新兴产业; 规划 一(一)1",
    {
        "next_generation_it": Text("新一代信息技术", "Next-generation information technology"),
        "energy_saving_environment": Text("节能环保", "Energy saving and environment"),
        "biology": Text("生物", "Biology"),
        "high_end_equipment": Text("高端装备制造", "High-end equipment"),
        "new_energy": Text("新能源", "New energy"),
        "new_materials": Text("新材料", "New materials"),
        "new_energy_vehicles": Text("新能源汽车", "New-energy vehicles"),
    },
)

PLAN_CLUSTER = Codelist(
    "plan_cluster",
    "规划 六(二), 八(一)-(三): 产业集群及代表企业",
    {
        "N1": Text("软件和信息服务产业集群", "Software and information services"),
        "N2": Text("集成电路产业集群", "Integrated circuits"),
        "N3": Text("网络通信产业集群", "Network communication"),
        "N4": Text("文化创意产业集群", "Cultural and creative"),
        "N5": Text("生物产业集群", "Biology"),
        "N6": Text("新材料产业集群", "New materials"),
        "N7": Text("空间信息产业集群", "Spatial information"),
        "N8": Text("节能环保产业集群", "Energy saving and environment"),
        "S1": Text("移动通信产业集群", "Mobile communication"),
        "S2": Text("高端信息装备制造业产业集群", "High-end information equipment"),
        "S3": Text("轨道交通产业集群", "Rail transit"),
        "S4": Text("生物医药产业集群", "Biomedicine"),
        "S5": Text("新能源产业集群", "New energy"),
        "S6": Text("新材料产业集群", "New materials"),
        "P1": Text("新一代移动通讯产业集群", "Next-generation mobile communication"),
        "P2": Text("工业设计创意产业和出版业", "Industrial design and publishing"),
        "P3": Text("文化创意产业", "Cultural and creative"),
        "P4": Text("动漫游戏文化创意产业", "Animation and games"),
        "F1": Text("中央企业创新资源", "Innovation resources of central enterprises"),
    },
)

DISTRICT = Codelist(
    "district",
    "GB/T 2260 county codes of Beijing",
    {
        "110101": Text("东城区", "Dongcheng District"),
        "110102": Text("西城区", "Xicheng District"),
        "110105": Text("朝阳区", "Chaoyang District"),
        "110106": Text("丰台区", "Fengtai District"),
        "110107": Text("石景山区", "Shijingshan District"),
        "110108": Text("海淀区", "Haidian District"),
        "110109": Text("门头沟区", "Mentougou District"),
        "110111": Text("房山区", "Fangshan District"),
        "110112": Text("通州区", "Tongzhou District"),
        "110113": Text("顺义区", "Shunyi District"),
        "110114": Text("昌平区", "Changping District"),
        "110115": Text("大兴区", "Daxing District"),
        "110116": Text("怀柔区", "Huairou District"),
        "110117": Text("平谷区", "Pinggu District"),
        "110118": Text("密云区", "Miyun District"),
        "110119": Text("延庆区", "Yanqing District"),
    },
)

LAND_OWNERSHIP = Codelist(
    "land_ownership",
    "GB/T 37346-2019: 宗地特征码首位",
    {
        "G": Text("国家土地所有权", "State-owned"),
        "J": Text("集体土地所有权", "Collectively owned"),
        "Z": Text("所有权未确定", "Ownership undetermined"),
    },
)

SUPPLY_MODE = Codelist(
    "supply_mode",
    "城市房地产管理法; 招标拍卖挂牌出让国有建设用地使用权规定",
    {
        "allocation": Text("划拨", "Allocation"),
        "agreement": Text("协议出让", "Grant by agreement"),
        "tender": Text("招标出让", "Grant by tender"),
        "auction": Text("拍卖出让", "Grant by auction"),
        "listing": Text("挂牌出让", "Grant by listing"),
        "lease": Text("租赁", "Lease"),
        "equity": Text("作价出资(入股)", "Contribution as equity"),
    },
)
