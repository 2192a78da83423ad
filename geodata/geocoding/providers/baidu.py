"""百度 Baidu: geocoding v3 (GET /geocoding/v3/); positions in BD-09 (bd09ll, the default).

`sn` is the MD5 of path, encoded query as it is sent and secret, all of it form-encoded again.
"""

from collections.abc import Sequence
from hashlib import md5
from urllib.parse import quote_plus

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
    encoded,
    number_of,
    object_of,
    text_of,
)
from layers.text import Text

PATH = "/geocoding/v3/"

LANDMARK = Grade(Level.LANDMARK)
GRADES = {
    "门址": Grade(Level.HOUSE),
    "商务大厦": Grade(Level.BUILDING),
    "地产小区": Grade(Level.PARK, 500),
    "工业园区": Grade(Level.PARK),
    "商圈": Grade(Level.PARK, 1500),
    "交叉路口": Grade(Level.ROAD, 150),
    "桥": LANDMARK,
    "道路": Grade(Level.ROAD),
    "村庄": Grade(Level.TOWN, 1500),
    "乡镇": Grade(Level.TOWN),
    "区县": Grade(Level.DISTRICT),
    **dict.fromkeys(
        (
            *("政府机构", "生活服务", "休闲娱乐", "餐饮", "宾馆", "购物", "金融", "教育", "医疗"),
            *("旅游景点", "汽车服务", "火车站", "长途汽车站", "停车场/停车区", "港口/码头"),
            *("收费区/收费站", "收费处/收费站", "飞机场", "机场", "加油站", "绿地"),
        ),
        LANDMARK,
    ),
}
"""Baidu's 地址类型; 国家, 省, 城市 and UNKNOWN are no place."""

ERRORS_M = (
    (100, 20),
    (90, 50),
    (80, 100),
    (75, 200),
    (70, 300),
    (60, 500),
    (50, 1000),
    (40, 2000),
    (30, 5000),
    (25, 8000),
    (20, 10000),
)
"""Least `confidence` and the error in metres that Baidu states for it (解析误差绝对精度)."""

UNCERTAIN_M = 15000.0

CODES = (
    Code("0", Outcome.FOUND),
    Code("1", Outcome.NOTHING, word="无相关结果"),
    Code("1", Outcome.FAILED),  # 服务器内部错误
    Code("2", Outcome.REFUSED),  # 请求参数非法
    Code("3", Outcome.BAD_KEY),  # 权限校验失败
    Code("4", Outcome.QUOTA),  # 配额校验失败
    Code("5", Outcome.BAD_KEY),  # ak 不存在或者非法
    Code("101", Outcome.BAD_KEY),  # 服务禁用
    Code("102", Outcome.BAD_KEY),  # 不通过白名单或者安全码不对
    Code("2??", Outcome.BAD_KEY),  # 无权限: 210 IP, 211 SN, 220 Referer, 240 服务被禁用
    Code("3??", Outcome.QUOTA),  # 301 永久, 302 天配额超限
    Code("4??", Outcome.BUSY),  # 401, 402 并发量超限
)


def _parameters(account: Account, addresses: Sequence[str]) -> Parameters:
    (address,) = addresses
    given = {
        "address": address,
        "city": CITY,
        "output": "json",
        "ak": account.key.get_secret_value(),
    }
    if account.secret is not None:
        given["sn"] = signature(PATH, given, account.secret.get_secret_value())
    return given


def signature(path: str, parameters: Parameters, secret: str) -> str:
    """`sn` of a request whose parameters are sent in the order given."""
    signed = f"{path}?{encoded(parameters)}{secret}"
    return md5(quote_plus(signed).encode(), usedforsecurity=False).hexdigest()


def _parts(document: Document, count: int) -> list[Document] | None:
    return [object_of(document.get("result"))] if count == 1 else None


def _hits(part: Document) -> list[Hit]:
    location = object_of(part.get("location"))
    lon, lat = number_of(location.get("lng")), number_of(location.get("lat"))
    level = text_of(part.get("level"))
    if lon is None or lat is None or level not in GRADES:
        return []
    hit = Hit(
        lon=lon,
        lat=lat,
        grade=GRADES[level],
        accuracy_m=_accuracy_m(part, GRADES[level]),
        score=(number_of(part.get("comprehension")) or 0) / 100,
        level=level,
    )
    return [hit]


def _accuracy_m(part: Document, grade: Grade) -> float:
    """Baidu's own bound on the error; not precise (模糊打点): no better than the level."""
    confidence = number_of(part.get("confidence")) or 0
    stated = next((error for least, error in ERRORS_M if confidence >= least), UNCERTAIN_M)
    precise = number_of(part.get("precise")) == 1
    return float(stated) if precise else max(stated, grade.accuracy)


PROVIDER = Provider(
    name="baidu",
    title=Text("百度", "Baidu"),
    url="https://api.map.baidu.com",
    path=PATH,
    datum=Datum.BD09,
    longest=84,
    per_second=3,
    per_day=5000,
    codes=CODES,
    code=lambda document: document.get("status"),
    message="msg",
    parameters=_parameters,
    parts=_parts,
    hits=_hits,
)
