"""Settings are read from the environment and checked."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from service.settings import Settings


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
        ("port", "0"),
        ("port", "65536"),
        ("port", "http"),
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
