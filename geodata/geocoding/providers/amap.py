"""高德 Amap: Web service API, geocoding v3 (GET /v3/geocode/geo); positions in GCJ-02.

A digital signature is the MD5 of the sorted, unencoded `name=value&...` followed by the secret.
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
    list_of,
    object_of,
    text_of,
)
from layers.text import Text

SEPARATOR = "|"
"""Between the addresses of a batch."""

GRADES = {
    "门牌号": Grade(Level.HOUSE),
    "门址": Grade(Level.HOUSE),
    "单元号": Grade(Level.BUILDING),
    "兴趣点": Grade(Level.LANDMARK),
    "公交站台": Grade(Level.LANDMARK),
    "公交站点": Grade(Level.LANDMARK),
    "地铁站": Grade(Level.LANDMARK),
    "道路交叉路口": Grade(Level.ROAD, 150),
    "开发区": Grade(Level.PARK, 2000),
    "热点商圈": Grade(Level.PARK, 1500),
    "道路": Grade(Level.ROAD),
    "村庄": Grade(Level.TOWN, 1500),
    "乡镇": Grade(Level.TOWN),
    "区县": Grade(Level.DISTRICT),
}
"""Amap's 匹配级别; 国家, 省, 市 and 未知 are no place."""

SCORE = 0.8
"""Amap gives no score; `level` is all it says."""

CODES = (
    Code("10000", Outcome.FOUND),
    Code("10001", Outcome.BAD_KEY),  # INVALID_USER_KEY
    Code("10002", Outcome.BAD_KEY),  # SERVICE_NOT_AVAILABLE: the key lacks this service
    Code("10003", Outcome.QUOTA),  # DAILY_QUERY_OVER_LIMIT
    Code("10004", Outcome.BUSY),  # ACCESS_TOO_FREQUENT
    Code("10010", Outcome.QUOTA),  # IP_QUERY_OVER_LIMIT
    Code("10014", Outcome.BUSY),  # QPS_HAS_EXCEEDED_THE_LIMIT
    Code("10015", Outcome.BUSY),  # GATEWAY_TIMEOUT
    Code("10016", Outcome.FAILED),  # SERVER_IS_BUSY
    Code("10017", Outcome.FAILED),  # RESOURCE_UNAVAILABLE
    Code("10019", Outcome.BUSY),  # CQPS_HAS_EXCEEDED_THE_LIMIT
    Code("10020", Outcome.BUSY),  # CKQPS_HAS_EXCEEDED_THE_LIMIT
    Code("10021", Outcome.BUSY),  # CUQPS_HAS_EXCEEDED_THE_LIMIT
    Code("10029", Outcome.BUSY),  # ABROAD_QPS_HAS_EXCEEDED_THE_LIMIT
    Code("10044", Outcome.QUOTA),  # USER_DAILY_QUERY_OVER_LIMIT
    Code("10045", Outcome.QUOTA),  # USER_ABROAD_DAILY_QUERY_OVER_LIMIT
    Code("100??", Outcome.BAD_KEY),  # IP, domain, signature, platform, rights, recycled keys
    Code("20003", Outcome.FAILED),  # UNKNOWN_ERROR
    Code("20???", Outcome.REFUSED),  # INVALID_PARAMS, MISSING_REQUIRED_PARAMS, ILLEGAL_REQUEST
    Code("30???", Outcome.FAILED),  # ENGINE_RESPONSE_DATA_ERROR
    Code("40???", Outcome.QUOTA),  # QUOTA_PLAN_RUN_OUT, SERVICE_EXPIRED
)


def _parameters(account: Account, addresses: Sequence[str]) -> Parameters:
    plain = [address.replace(SEPARATOR, " ") for address in addresses]
    given = {
        "key": account.key.get_secret_value(),
        "address": SEPARATOR.join(plain),
        "city": CITY,
        "output": "JSON",
    }
    if len(plain) > 1:
        given["batch"] = "true"
    if account.secret is not None:
        given["sig"] = signature(given, account.secret.get_secret_value())
    return given


def signature(parameters: Parameters, secret: str) -> str:
    """`sig` of a request."""
    joined = "&".join(f"{name}={value}" for name, value in sorted(parameters.items()))
    return md5((joined + secret).encode(), usedforsecurity=False).hexdigest()


def _parts(document: Document, count: int) -> list[Document] | None:
    """A batch has one element an address, in order; of a single address there may be several."""
    found = [object_of(each) for each in list_of(document.get("geocodes"))]
    if count == 1:
        return [{"geocodes": found}]
    return [{"geocodes": [each]} for each in found] if len(found) == count else None


def _hits(part: Document) -> list[Hit]:
    return [hit for each in part["geocodes"] if (hit := _hit(each)) is not None]


def _hit(geocode: Document) -> Hit | None:
    level = text_of(geocode.get("level"))
    lon, _, lat = text_of(geocode.get("location")).partition(",")
    if level not in GRADES or not lat:
        return None
    return Hit(
        lon=float(lon),
        lat=float(lat),
        grade=GRADES[level],
        accuracy_m=None,
        score=SCORE,
        level=level,
        name=text_of(geocode.get("formatted_address")),
        district=text_of(geocode.get("district")) or None,
    )


PROVIDER = Provider(
    name="amap",
    title=Text("高德", "Amap"),
    url="https://restapi.amap.com",
    path="/v3/geocode/geo",
    datum=Datum.GCJ02,
    batch=10,
    per_second=3,
    per_day=5000,
    codes=CODES,
    code=lambda document: document.get("infocode"),
    message="info",
    parameters=_parameters,
    parts=_parts,
    hits=_hits,
)
