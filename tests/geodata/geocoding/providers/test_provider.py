"""What providers are asked and how their answers are read, without a network."""

from hashlib import md5
from types import ModuleType
from typing import Any

import pytest
from pydantic import SecretStr

from geodata.geocoding.datum import Datum
from geodata.geocoding.level import Level
from geodata.geocoding.providers import amap, baidu, tencent, tianditu
from geodata.geocoding.providers.provider import (
    Account,
    Outcome,
    Provider,
    ProviderError,
    number_of,
    service_url,
)

MODULES = (tianditu, amap, baidu, tencent)
ACCOUNT = Account(key=SecretStr("k"))

PLAIN = (116.315, 39.983)
GCJ = (116.321113980, 39.984289725)
BD = (116.327697985, 39.990104135)
"""One place in three datums: published values, see test_datum."""

PARTS: list[tuple[ModuleType, dict[str, Any], Level, float, float, str | None]] = [
    (
        tianditu,
        {"lon": "116.315", "lat": "39.983", "level": "门址", "score": 95},
        *(Level.HOUSE, 150, 0.95, None),
    ),
    (
        amap,
        {
            "geocodes": [
                {"location": f"{GCJ[0]},{GCJ[1]}", "level": "门牌号", "district": "海淀区"},
                {"location": [], "level": [], "district": []},
            ]
        },
        *(Level.HOUSE, 150, 0.8, "海淀区"),
    ),
    (
        baidu,
        {
            "location": {"lng": BD[0], "lat": BD[1]},
            "precise": 1,
            "confidence": 80,
            "comprehension": 100,
            "level": "商务大厦",
        },
        *(Level.BUILDING, 100, 1.0, None),
    ),
    (
        tencent,
        {
            "location": {"lng": GCJ[0], "lat": GCJ[1]},
            "address_components": {"district": "海淀区", "street": "", "street_number": ""},
            "deviation": 1000,
            "reliability": 7,
            "level": 11,
        },
        *(Level.LANDMARK, 1000, 0.7, "海淀区"),
    ),
]


@pytest.mark.parametrize(
    ("module", "part", "level", "accuracy_m", "score", "district"),
    PARTS,
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_an_answer_becomes_a_candidate_in_cgcs2000(
    module: ModuleType,
    part: dict[str, Any],
    level: Level,
    accuracy_m: float,
    score: float,
    district: str | None,
) -> None:
    (candidate,) = module.PROVIDER.candidates("某地址", part)
    assert (candidate.lon, candidate.lat) == pytest.approx(PLAIN, abs=1e-8)
    assert candidate.level is level
    assert candidate.accuracy_m == accuracy_m
    assert candidate.score == pytest.approx(score)
    assert candidate.district == district
    assert candidate.datum is module.PROVIDER.datum
    assert candidate.provider == module.PROVIDER.name
    assert candidate.raw is part


@pytest.mark.parametrize(
    ("name", "datum"),
    [
        ("tianditu", Datum.CGCS2000),
        ("amap", Datum.GCJ02),
        ("baidu", Datum.BD09),
        ("tencent", Datum.GCJ02),
    ],
)
def test_each_provider_has_its_datum(name: str, datum: Datum) -> None:
    (provider,) = (each.PROVIDER for each in MODULES if each.PROVIDER.name == name)
    assert provider.datum is datum


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("part", [{}, {"location": None}, {"location": []}, {"geocodes": []}])
def test_what_holds_no_position_is_no_place(module: ModuleType, part: dict[str, Any]) -> None:
    part = {"geocodes": [], **part}
    assert module.PROVIDER.hits(part) == []


@pytest.mark.parametrize(
    ("module", "part"),
    [
        (amap, {"geocodes": [{"location": "116.4,39.9", "level": "市"}]}),
        (amap, {"geocodes": [{"location": "116.4,39.9", "level": "未知"}]}),
        (baidu, {"location": {"lng": 116.4, "lat": 39.9}, "level": "城市"}),
        (baidu, {"location": {"lng": 116.4, "lat": 39.9}, "level": "UNKNOWN"}),
        (tencent, {"location": {"lng": 116.4, "lat": 39.9}, "level": 1}),
        (tianditu, {"lon": 116.4, "lat": 39.9, "level": "市"}),
    ],
)
def test_a_whole_city_is_no_place(module: ModuleType, part: dict[str, Any]) -> None:
    assert module.PROVIDER.hits(part) == []


@pytest.mark.parametrize(
    ("module", "part"),
    [
        (amap, {"geocodes": [{"location": "39.9,116.4", "level": "门牌号"}]}),
        (baidu, {"location": {"lng": 39.9, "lat": 116.4}, "level": "门址"}),
        (tencent, {"location": {"lng": 39.9, "lat": 116.4}, "level": 9}),
        (tianditu, {"lon": 39.9, "lat": 116.4, "level": "门址"}),
    ],
)
def test_swapped_axes_are_refused(module: ModuleType, part: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"39\.9, 116\.4"):
        module.PROVIDER.hits(part)


@pytest.mark.parametrize(
    ("confidence", "precise", "metres"),
    [
        (100, 1, 20),
        (99, 1, 50),
        (80, 1, 100),
        (75, 1, 200),
        (50, 1, 1000),
        (20, 1, 10_000),
        (19, 1, 15_000),
        (100, 0, 150),
        (50, 0, 1000),
    ],
)
def test_baidu_states_its_error_by_confidence(confidence: int, precise: int, metres: float) -> None:
    part = {
        "location": {"lng": BD[0], "lat": BD[1]},
        "precise": precise,
        "confidence": confidence,
        "level": "门址",
    }
    (hit,) = baidu.PROVIDER.hits(part)
    assert hit.accuracy_m == metres


@pytest.mark.parametrize(
    ("reliability", "deviation", "metres"),
    [(10, 80, 80), (7, 0, 150), (6, 80, 300), (1, 900, 1800)],
)
def test_tencent_is_believed_less_below_its_own_mark(
    reliability: int, deviation: int, metres: float
) -> None:
    part = {
        "location": {"lng": GCJ[0], "lat": GCJ[1]},
        "reliability": reliability,
        "deviation": deviation,
        "level": 9,
    }
    (hit,) = tencent.PROVIDER.hits(part)
    assert (hit.accuracy_m, hit.score) == (metres, reliability / 10)


@pytest.mark.parametrize(
    ("module", "document", "outcome"),
    [
        (amap, {"status": "1", "infocode": "10000"}, Outcome.FOUND),
        (amap, {"infocode": "10001", "info": "INVALID_USER_KEY"}, Outcome.BAD_KEY),
        (amap, {"infocode": "10003", "info": "DAILY_QUERY_OVER_LIMIT"}, Outcome.QUOTA),
        (amap, {"infocode": "10004", "info": "ACCESS_TOO_FREQUENT"}, Outcome.BUSY),
        (amap, {"infocode": "10007", "info": "INVALID_USER_SIGNATURE"}, Outcome.BAD_KEY),
        (amap, {"infocode": "10009", "info": "USERKEY_PLAT_NOMATCH"}, Outcome.BAD_KEY),
        (amap, {"infocode": "10014", "info": "QPS_HAS_EXCEEDED_THE_LIMIT"}, Outcome.BUSY),
        (amap, {"infocode": "10021", "info": "CUQPS_HAS_EXCEEDED_THE_LIMIT"}, Outcome.BUSY),
        (amap, {"infocode": "10044", "info": "USER_DAILY_QUERY_OVER_LIMIT"}, Outcome.QUOTA),
        (amap, {"infocode": "20000", "info": "INVALID_PARAMS"}, Outcome.REFUSED),
        (amap, {"infocode": "30001", "info": "ENGINE_RESPONSE_DATA_ERROR"}, Outcome.FAILED),
        (amap, {"infocode": "40000", "info": "QUOTA_PLAN_RUN_OUT"}, Outcome.QUOTA),
        (amap, {}, Outcome.FAILED),
        (baidu, {"status": 0}, Outcome.FOUND),
        (baidu, {"status": 1, "msg": "Internal Service Error:无相关结果"}, Outcome.NOTHING),
        (baidu, {"status": 1, "msg": "服务器内部错误"}, Outcome.FAILED),
        (baidu, {"status": 2}, Outcome.REFUSED),
        (baidu, {"status": 4}, Outcome.QUOTA),
        (baidu, {"status": 5}, Outcome.BAD_KEY),
        (baidu, {"status": 211}, Outcome.BAD_KEY),
        (baidu, {"status": 302}, Outcome.QUOTA),
        (baidu, {"status": 401}, Outcome.BUSY),
        (tencent, {"status": 0}, Outcome.FOUND),
        (tencent, {"status": 110}, Outcome.BAD_KEY),
        (tencent, {"status": 111}, Outcome.BAD_KEY),
        (tencent, {"status": 120}, Outcome.BUSY),
        (tencent, {"status": 121}, Outcome.QUOTA),
        (tencent, {"status": 190}, Outcome.BAD_KEY),
        (tencent, {"status": 306}, Outcome.REFUSED),
        (tencent, {"status": 311}, Outcome.BAD_KEY),
        (tencent, {"status": 347}, Outcome.NOTHING),
        (tencent, {"status": 500}, Outcome.FAILED),
        (tianditu, {"status": "0", "msg": "ok"}, Outcome.FOUND),
        (tianditu, {"status": "101", "msg": "结果为空"}, Outcome.NOTHING),
        (tianditu, {"status": "404", "msg": "出错"}, Outcome.FAILED),
    ],
)
def test_a_code_means(module: ModuleType, document: dict[str, Any], outcome: Outcome) -> None:
    assert module.PROVIDER.outcome(document) is outcome


def test_baidu_signs_as_its_manual_does() -> None:
    """The example of Baidu's page on sn."""
    parameters = {"address": "百度大厦", "output": "json", "ak": "yourak"}
    signature = baidu.signature("/geocoder/v2/", parameters, "yoursk")
    assert signature == "7de5a22212ffaa9e326444c75a58f9a0"


def test_amap_and_tencent_sign_sorted_unencoded_parameters() -> None:
    parameters = {"key": "k", "address": "中关村大街1号"}
    assert (
        amap.signature(parameters, "s") == md5("address=中关村大街1号&key=ks".encode()).hexdigest()
    )
    signed = "/ws/geocoder/v1/?address=中关村大街1号&key=ks"
    assert tencent.signature(parameters, "s") == md5(signed.encode()).hexdigest()


@pytest.mark.parametrize("module", MODULES)
def test_a_signature_is_there_only_where_the_account_asks_for_one(module: ModuleType) -> None:
    account = Account(key=SecretStr("k"), secret=SecretStr("s"))
    assert not {"sig", "sn"} & set(module.PROVIDER.parameters(ACCOUNT, ["某街1号"]))
    signed = set(module.PROVIDER.parameters(account, ["某街1号"]))
    assert len(signed & {"sig", "sn"}) == (module is not tianditu)


def test_a_bar_in_an_address_does_not_divide_a_batch() -> None:
    given = amap.PROVIDER.parameters(ACCOUNT, ["某街1号|某街2号", "某街3号"])
    assert given["address"] == "某街1号 某街2号|某街3号"
    assert given["batch"] == "true"


@pytest.mark.parametrize("module", [tencent, tianditu])
@pytest.mark.parametrize(
    ("address", "asked"),
    [("中关村大街1号", "北京市中关村大街1号"), ("北京海淀区某街", "北京海淀区某街")],
)
def test_the_city_is_named_in_the_address_where_there_is_no_parameter_for_it(
    module: ModuleType, address: str, asked: str
) -> None:
    assert any(asked in value for value in module.PROVIDER.parameters(ACCOUNT, [address]).values())


@pytest.mark.parametrize("module", MODULES)
def test_the_declared_host_is_reached_by_https(module: ModuleType) -> None:
    provider: Provider = module.PROVIDER
    assert service_url(provider, ACCOUNT) == provider.url + provider.path
    assert provider.url.startswith("https://")


@pytest.mark.parametrize(
    ("url", "reached"),
    [
        ("https://relay.example.gov.cn/amap/", "https://relay.example.gov.cn/amap/v3/geocode/geo"),
        ("http://127.0.0.1:8081", "http://127.0.0.1:8081/v3/geocode/geo"),
    ],
)
def test_a_relay_may_stand_for_the_host(url: str, reached: str) -> None:
    assert service_url(amap.PROVIDER, Account(key=SecretStr("k"), url=url)) == reached


@pytest.mark.parametrize(
    "url",
    [
        "http://relay.example.gov.cn",
        "relay.example.gov.cn",
        "ftp://relay.example.gov.cn",
        "https://relay.example.gov.cn/?a=b",
        "https://user:word@relay.example.gov.cn",
        "https://relay.example.gov.cn:99999",
        "https://relay.example.gov.cn:port",
        "",
    ],
)
def test_a_relay_without_https_is_refused_by_the_name_of_its_setting(url: str) -> None:
    with pytest.raises(ProviderError, match="ZGC_AMAP_URL"):
        service_url(amap.PROVIDER, Account(key=SecretStr("k"), url=url or "x"))


@pytest.mark.parametrize(
    ("value", "number"),
    [("116.3", 116.3), (1, 1.0), ("", None), ([], None), ("nan", None), (True, None), (None, None)],
)
def test_numbers_come_as_text_too(value: object, number: float | None) -> None:
    assert number_of(value) == number
