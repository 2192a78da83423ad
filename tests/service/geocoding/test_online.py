"""Online geocoding is set up by the environment; keys show nowhere."""

import pytest

from geodata.geocoding.address import Address
from geodata.geocoding.geocode import Answer
from geodata.geocoding.providers.provider import ProviderError
from service.geocoding.online import (
    OnlineSettingsError,
    open_chain,
    read_online_settings,
)

KEYS = {"ZGC_AMAP_KEY": "amap-key-1", "ZGC_BAIDU_KEY": "baidu-key-2"}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Without what the machine may have set."""
    for name in ("TIANDITU", "AMAP", "BAIDU", "TENCENT"):
        for member in ("KEY", "SECRET", "URL", "PER_SECOND", "PER_DAY", "STORE"):
            monkeypatch.delenv(f"ZGC_{name}_{member}", raising=False)
    return monkeypatch


def names() -> list[str]:
    return [provider.name for provider, _ in read_online_settings().accounts()]


def set_all(environment: pytest.MonkeyPatch, values: dict[str, str]) -> None:
    for name, value in values.items():
        environment.setenv(name, value)


@pytest.mark.parametrize(
    ("values", "asked"),
    [
        ({}, []),
        ({"ZGC_AMAP_KEY": ""}, []),
        (KEYS, ["amap", "baidu"]),
        (KEYS | {"ZGC_TIANDITU_KEY": "t"}, ["tianditu", "amap", "baidu"]),
        (KEYS | {"ZGC_GEOCODING_PROVIDERS": "baidu, amap"}, ["baidu", "amap"]),
        (KEYS | {"ZGC_GEOCODING_PROVIDERS": "baidu"}, ["baidu"]),
    ],
)
def test_providers_with_keys_are_asked_in_order(
    values: dict[str, str], asked: list[str], environment: pytest.MonkeyPatch
) -> None:
    set_all(environment, values)
    assert names() == asked


def test_an_account_has_its_own_figures(environment: pytest.MonkeyPatch) -> None:
    set_all(
        environment,
        KEYS
        | {
            "ZGC_AMAP_SECRET": "signs",
            "ZGC_AMAP_URL": "https://relay.example.gov.cn/amap",
            "ZGC_AMAP_PER_SECOND": "0.5",
            "ZGC_AMAP_PER_DAY": "300000",
            "ZGC_AMAP_STORE": "false",
        },
    )
    (_, amap), (_, baidu) = read_online_settings().accounts()
    assert amap.secret is not None
    assert amap.secret.get_secret_value() == "signs"
    assert (amap.url, amap.per_second, amap.per_day, amap.may_store) == (
        "https://relay.example.gov.cn/amap",
        0.5,
        300000,
        False,
    )
    assert (baidu.secret, baidu.per_second, baidu.may_store) == (None, None, True)


def test_no_day_to_keep_is_no_storing(environment: pytest.MonkeyPatch) -> None:
    set_all(environment, KEYS | {"ZGC_GEOCODING_CACHE_DAYS": "0"})
    assert [account.may_store for _, account in read_online_settings().accounts()] == [False, False]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"ZGC_AMAP_PER_SECOND": "0"}, "ZGC_AMAP_PER_SECOND: .*greater than 0"),
        ({"ZGC_AMAP_PER_DAY": "many"}, "ZGC_AMAP_PER_DAY: .*integer"),
        ({"ZGC_AMAP_STORE": "perhaps"}, "ZGC_AMAP_STORE: .*boolean"),
        ({"ZGC_AMAP_KYE": "amap-key-1"}, "ZGC_AMAP_KYE: no such setting.*KEY, SECRET, URL"),
        ({"ZGC_GEOCODING_CACHE_DAYS": "-1"}, "ZGC_GEOCODING_CACHE_DAYS: .*greater"),
        (
            {"ZGC_GEOCODING_PROVIDERS": "google"},
            "'google'; allowed: tianditu, amap, baidu, tencent",
        ),
        ({"ZGC_GEOCODING_PROVIDERS": "tencent"}, "ZGC_TENCENT_KEY is not set"),
        ({"ZGC_GEOCODING_PROVIDERS": "amap,amap"}, "names one twice"),
    ],
)
def test_a_wrong_setting_is_named_and_no_key_shown(
    values: dict[str, str], words: str, environment: pytest.MonkeyPatch
) -> None:
    set_all(environment, KEYS | values)
    with pytest.raises(OnlineSettingsError, match=words) as refusal:
        read_online_settings()
    assert "key-1" not in str(refusal.value)


def test_settings_do_not_show_their_keys(environment: pytest.MonkeyPatch) -> None:
    set_all(environment, KEYS)
    assert "key-1" not in repr(read_online_settings())


def test_to_go_online_takes_an_account(environment: pytest.MonkeyPatch) -> None:
    with pytest.raises(OnlineSettingsError, match="ZGC_TIANDITU_KEY, ZGC_AMAP_KEY"):
        read_online_settings().require_account()
    set_all(environment, KEYS)
    read_online_settings().require_account()


class Nobody:
    """A gazetteer without places."""

    def answer(self, address: str) -> Answer:
        return Answer(Address(address, ()), [])


def test_a_relay_without_https_opens_no_chain(
    plan_url: str, environment: pytest.MonkeyPatch
) -> None:
    set_all(environment, KEYS | {"ZGC_AMAP_URL": "http://relay.example.gov.cn"})
    with (
        pytest.raises(ProviderError, match="ZGC_AMAP_URL"),
        open_chain(plan_url, Nobody(), read_online_settings()),
    ):
        pass


def test_without_settings_nobody_is_asked(plan_url: str) -> None:
    with open_chain(plan_url, Nobody(), None) as chain:
        assert chain.geocode([]) == []
        assert chain.stopped == {}
