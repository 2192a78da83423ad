"""腾讯 Tencent: WebService geocoder v1 (GET /ws/geocoder/v1/); positions in GCJ-02.

`sig` is the MD5 of the path, the sorted, unencoded query and the secret.
"""

from collections.abc import Sequence
from hashlib import md5

from geodata.geocoding.datum import Datum
from geodata.geocoding.level import Level
from geodata.geocoding.providers.provider import (
    CITY,
    Account,
    Code,
    Document,
    Grade,
    Hit,
    Outcome,
    Parameters,
    Provider,
    number_of,
    object_of,
    text_of,
)
from layers.text import Text

PATH = "/ws/geocoder/v1/"

GRADES = {
    "2": Grade(Level.DISTRICT),  # 区、县
    "3": Grade(Level.TOWN),  # 乡镇、街道
    "4": Grade(Level.TOWN, 1500),  # 村、社区
    "5": Grade(Level.PARK, 2000),  # 开发区
    "6": Grade(Level.PARK, 1500),  # 热点区域、商圈
    "7": Grade(Level.ROAD),  # 道路
    "8": Grade(Level.ROAD, 150),  # 道路附属点: 交叉口、收费站、出入口等
    "9": Grade(Level.HOUSE),  # 门址
    "10": Grade(Level.BUILDING, 300),  # 小区、大厦
    "11": Grade(Level.LANDMARK),  # POI 点
}
"""Tencent's 解析精度级别; 0 and 1 (城市) are no place."""

RELIABLE = 7
"""Least `reliability` (1-10) of a usable answer, by Tencent's own word."""

DOUBT = 2.0
"""By this the accuracy of an answer below it is widened."""

CODES = (
    Code("0", Outcome.FOUND),
    Code("120", Outcome.BUSY),  # 此key每秒请求量已达到上限
    Code("121", Outcome.QUOTA),  # 此key每日调用量已达到上限
    Code("11?", Outcome.BAD_KEY),  # 110 来源, 111 签名, 112 IP, 113 功能未被授权
    Code("190", Outcome.BAD_KEY),  # 无效的KEY
    Code("199", Outcome.BAD_KEY),  # 此key未开启webservice功能
    Code("301", Outcome.BAD_KEY),  # 缺少key
    Code("311", Outcome.BAD_KEY),  # key格式错误
    Code("347", Outcome.NOTHING),  # 查询无结果
    Code("348", Outcome.REFUSED),  # 参数错误
    Code("3??", Outcome.REFUSED),  # 300, 306 缺少参数, 310 参数信息有误, 320 数据类型错误
    Code("5??", Outcome.FAILED),  # 后端超时, 处理失败
)


def _parameters(account: Account, addresses: Sequence[str]) -> Parameters:
    (address,) = addresses
    given = {
        # The address must name its city (the plain geocoder has no parameter for it).
        "address": address if "北京" in address else CITY + address,
        "key": account.key.get_secret_value(),
        "output": "json",
    }
    if account.secret is not None:
        given["sig"] = signature(given, account.secret.get_secret_value())
    return given


def signature(parameters: Parameters, secret: str) -> str:
    """`sig` of a request."""
    query = "&".join(f"{name}={value}" for name, value in sorted(parameters.items()))
    return md5(f"{PATH}?{query}{secret}".encode(), usedforsecurity=False).hexdigest()


def _parts(document: Document, count: int) -> list[Document] | None:
    return [object_of(document.get("result"))] if count == 1 else None


def _hits(part: Document) -> list[Hit]:
    location = object_of(part.get("location"))
    lon, lat = number_of(location.get("lng")), number_of(location.get("lat"))
    grade = GRADES.get(str(part.get("level")))
    if lon is None or lat is None or grade is None:
        return []
    components = object_of(part.get("address_components"))
    reliability = number_of(part.get("reliability")) or 0
    hit = Hit(
        lon=lon,
        lat=lat,
        grade=grade,
        accuracy_m=_accuracy_m(part, grade, reliability),
        score=reliability / 10,
        level=str(part.get("level")),
        name="".join(text_of(components.get(name)) for name in ("district", "street"))
        + text_of(components.get("street_number")),
        district=text_of(components.get("district")) or None,
    )
    return [hit]


def _accuracy_m(part: Document, grade: Grade, reliability: float) -> float:
    """Tencent's `deviation` in metres where it gives one, else that of the level."""
    deviation = number_of(part.get("deviation"))
    stated = deviation if deviation is not None and deviation > 0 else grade.accuracy
    return stated if reliability >= RELIABLE else max(stated, grade.accuracy) * DOUBT


PROVIDER = Provider(
    name="tencent",
    title=Text("腾讯", "Tencent"),
    url="https://apis.map.qq.com",
    path=PATH,
    datum=Datum.GCJ02,
    per_second=5,
    per_day=6000,
    codes=CODES,
    code=lambda document: document.get("status"),
    message="message",
    parameters=_parameters,
    parts=_parts,
    hits=_hits,
)
