"""Settings are read from the environment and checked."""

import traceback
from ipaddress import ip_network
from pathlib import Path

import pytest
from pydantic import ValidationError

from service.commands.settings import SettingsError, read_settings
from service.settings import Settings

TEN = ip_network("10.0.0.0/8")


def test_every_setting_has_a_default(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"ZGC_{name.upper()}", raising=False)
    settings = Settings()
    assert (settings.database_url, settings.data) == (None, Path(".data"))
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("database_url", "postgresql://zgc@/zgc?host=/run", "postgresql://zgc@/zgc?host=/run"),
        ("data", "/var/lib/zgc", Path("/var/lib/zgc")),
        ("host", "0.0.0.0", "0.0.0.0"),
        ("port", "65535", 65535),
        ("public_url", "https://gis.example.cn/zgc/", "https://gis.example.cn/zgc"),
        ("trusted_proxies", "127.0.0.1, 10.0.0.0/8", (ip_network("127.0.0.1"), TEN)),
        ("trusted_proxies", "", ()),
        ("pool_size", "1", 1),
        ("exports", "50", 50),
        ("statement_timeout_s", "0.5", 0.5),
    ],
)
def test_the_environment_sets(
    name: str, text: str, value: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"ZGC_{name.upper()}", text)
    assert getattr(Settings(), name) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("database_url", "mysql://somewhere"),
        ("database_url", ""),
        ("database_url", "postgresql://zgc@host:port/zgc"),
        ("public_url", "gis.example.cn"),
        ("public_url", "ftp://gis.example.cn"),
        ("public_url", "https://gis.example.cn/?a=b"),
        ("trusted_proxies", "proxy.example.cn"),
        ("trusted_proxies", "10.0.0.1/8"),
        ("port", "0"),
        ("port", "65536"),
        ("port", "http"),
        ("page_bytes", "1000"),
        ("polygon_positions", "3"),
        ("pool_size", "0"),
        ("exports", "0"),
        ("pool_size", "1.5"),
        ("statement_timeout_s", "0"),
        ("statement_timeout_s", "nan"),
        ("statement_timeout_s", "inf"),
    ],
)
def test_a_wrong_value_is_refused_by_name(
    name: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"ZGC_{name.upper()}", text)
    with pytest.raises(ValidationError, match=name):
        Settings()


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings().port = 1


@pytest.mark.parametrize(
    "url",
    [
        "mysql://zgc:tiger&lion@host/zgc",
        "postgresql://zgc:tiger/lion@host/zgc",
        "postgresql://zgc:tiger@lion@host:x/zgc",
        "postgresql://zgc:tiger#lion@host:x/zgc",
        "postgresql://zgc:tiger?lion@host:x/zgc",
        "postgresql://zgc:tiger%lion@host/zgc",
        "postgresql://host:x/zgc?user=zgc&password=tigerlion",
        "postgresql://zgc:tigerlion@host/zgc?nonsense=1",
    ],
)
def test_a_password_is_never_told_whatever_is_wrong(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZGC_DATABASE_URL", url)
    with pytest.raises(SettingsError) as refused:
        read_settings()
    with pytest.raises(ValidationError) as invalid:
        Settings()
    told = "".join(
        [*traceback.format_exception(refused.value), *traceback.format_exception(invalid.value)]
    )
    assert "tiger" not in told
    assert "lion" not in told
    assert "ZGC_DATABASE_URL" in str(refused.value)


def test_settings_show_no_password() -> None:
    assert "tiger" not in repr(Settings(database_url="postgresql://zgc:tiger@host/zgc"))
