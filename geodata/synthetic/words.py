"""Words that synthetic names are put together from: none is taken from a real firm's name."""

from dataclasses import dataclass

Word = tuple[str, str]
"""Chinese, and what it is in an English name."""

MARK: Word = ("合成", "Synthetic")
"""What every synthetic name begins with."""

SYLLABLES: tuple[Word, ...] = (
    ("晨", "chen"),
    ("屿", "yu"),
    ("川", "chuan"),
    ("砚", "yan"),
    ("岚", "lan"),
    ("禾", "he"),
    ("澄", "cheng"),
    ("柏", "bai"),
    ("溪", "xi"),
    ("榆", "yu"),
    ("沐", "mu"),
    ("麓", "lu"),
    ("汀", "ting"),
    ("翎", "ling"),
    ("樾", "yue"),
    ("泊", "bo"),
    ("蔚", "wei"),
    ("屹", "yi"),
    ("朔", "shuo"),
    ("珩", "heng"),
    ("葵", "kui"),
    ("峤", "qiao"),
    ("湛", "zhan"),
    ("皓", "hao"),
)

FORMS: tuple[Word, ...] = (
    ("有限公司", "Co., Ltd."),
    ("股份有限公司", "Corporation"),
    ("研究院", "Institute"),
    ("中心", "Center"),
)
FORM_WEIGHTS = (0.82, 0.1, 0.05, 0.03)

ROADS: tuple[str, ...] = ("路", "街", "东路", "西路", "南街", "北街", "大街")


@dataclass(frozen=True)
class Trade:
    """What the enterprises of one industry are called and how they are classified.

    Args:
        words: trade words of names.
        emerging: code of the strategic emerging industry, None where there is no match.
        classes: GB/T 4754-2017 codes.
        clusters: the plan's clusters of that industry.
    """

    words: tuple[Word, ...]
    emerging: str | None
    classes: tuple[str, ...]
    clusters: tuple[str, ...]


TRADES: dict[str, Trade] = {
    "electronic_information": Trade(
        (
            ("软件", "Software"),
            ("数据", "Data"),
            ("微电子", "Microelectronics"),
            ("通信技术", "Communication"),
        ),
        "next_generation_it",
        ("6513", "6531", "3973", "3921"),
        ("N1", "N2", "N3", "N7", "S1", "S2"),
    ),
    "biology": Trade(
        (
            ("生物科技", "Biotech"),
            ("医药", "Pharma"),
            ("医疗器械", "Medical"),
        ),
        "biology",
        ("2760", "2720", "3581"),
        ("N5", "S4"),
    ),
    "new_energy_environment": Trade(
        (
            ("节能", "Energy Saving"),
            ("环保工程", "Environment"),
            ("新能源", "New Energy"),
        ),
        "energy_saving_environment",
        ("7722", "4415", "3591"),
        ("N8", "S5"),
    ),
    "new_energy_vehicles": Trade(
        (
            ("电动汽车", "Electric Vehicles"),
            ("动力电池", "Batteries"),
        ),
        "new_energy_vehicles",
        ("3612", "3841"),
        (),
    ),
    "new_materials": Trade(
        (
            ("新材料", "Materials"),
            ("合金", "Alloys"),
            ("复合材料", "Composites"),
        ),
        "new_materials",
        ("3240", "2659", "3062"),
        ("N6", "S6"),
    ),
    "equipment": Trade(
        (
            ("自动化", "Automation"),
            ("精密机械", "Machinery"),
            ("轨道装备", "Rail Equipment"),
        ),
        "high_end_equipment",
        ("3491", "3569", "3714"),
        ("S3",),
    ),
    "aerospace": Trade(
        (
            ("航空技术", "Aviation"),
            ("航天电子", "Space Electronics"),
        ),
        "high_end_equipment",
        ("3741", "3742"),
        (),
    ),
    "cultural_creative": Trade(
        (
            ("文化传媒", "Media"),
            ("设计", "Design"),
            ("动漫", "Animation"),
        ),
        None,
        ("7251", "8770", "7492"),
        ("N4", "P2", "P3", "P4"),
    ),
    "modern_services": Trade(
        (
            ("科技服务", "Technology Services"),
            ("电子商务", "E-Commerce"),
            ("物流", "Logistics"),
        ),
        None,
        ("7590", "6432", "5960"),
        (),
    ),
}
