"""天地图 Tianditu: geocoder (GET /geocoder?ds={"keyWord":...}); positions in CGCS2000."""

import json
from collections.abc import Sequence

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

GRADES = {
    "门址": Grade(Level.HOUSE),
    "门牌号": Grade(Level.HOUSE),
    "地名地址": Grade(Level.LANDMARK),
    "兴趣点": Grade(Level.LANDMARK),
    "POI": Grade(Level.LANDMARK),
    "建筑物": Grade(Level.BUILDING),
    "小区": Grade(Level.PARK, 500),
    "道路": Grade(Level.ROAD),
    "道路交叉口": Grade(Level.ROAD, 150),
    "村庄": Grade(Level.TOWN, 1500),
    "村": Grade(Level.TOWN, 1500),
    "乡镇": Grade(Level.TOWN),
    "街道": Grade(Level.TOWN),
    "乡镇街道": Grade(Level.TOWN),
    "区县": Grade(Level.DISTRICT),
}
"""Tianditu publishes no closed list of levels; these occur. Of others only a road is believed."""

UNLISTED = Grade(Level.ROAD)
NO_PLACE = frozenset({"省", "市", "国家", "城市", "省级", "地级市"})

CODES = (
    Code("0", Outcome.FOUND),
    Code("101", Outcome.NOTHING),  # 结果为空
    Code("404", Outcome.FAILED),  # 出错
)
"""A wrong key or Referer is HTTP 403; see `geodata.geocoding.providers.client`."""


def _parameters(account: Account, addresses: Sequence[str]) -> Parameters:
    (address,) = addresses
    # There is no parameter for the city.
    keyword = address if "北京" in address else CITY + address
    return {
        "ds": json.dumps({"keyWord": keyword}, ensure_ascii=False, separators=(",", ":")),
        "tk": account.key.get_secret_value(),
    }


def _parts(document: Document, count: int) -> list[Document] | None:
    return [object_of(document.get("location"))] if count == 1 else None


def _hits(part: Document) -> list[Hit]:
    lon, lat = number_of(part.get("lon")), number_of(part.get("lat"))
    level = text_of(part.get("level"))
    if lon is None or lat is None or level in NO_PLACE:
        return []
    hit = Hit(
        lon=lon,
        lat=lat,
        grade=GRADES.get(level, UNLISTED),
        accuracy_m=None,
        score=(number_of(part.get("score")) or 0) / 100,
        level=level,
        name=text_of(part.get("keyWord")),
    )
    return [hit]


PROVIDER = Provider(
    name="tianditu",
    title=Text("天地图", "Tianditu"),
    url="https://api.tianditu.gov.cn",
    path="/geocoder",
    datum=Datum.CGCS2000,
    per_second=5,
    per_day=10000,
    codes=CODES,
    code=lambda document: document.get("status"),
    message="msg",
    parameters=_parameters,
    parts=_parts,
    hits=_hits,
)
