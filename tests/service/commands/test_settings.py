"""Settings that are wrong are named; secret ones are not shown."""

import pytest

from service.commands.settings import SECRETS, SettingsError, read_settings


def test_a_secret_is_not_shown_where_it_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "review_token" in SECRETS
    monkeypatch.setenv("ZGC_REVIEW_TOKEN", "short-secret")
    with pytest.raises(SettingsError, match=r"ZGC_REVIEW_TOKEN=…: .*at least 16") as refusal:
        read_settings()
    assert "short-secret" not in str(refusal.value)
    assert "short-secret" not in repr(refusal.value.__context__)


def test_a_plain_setting_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZGC_PORT", "70000")
    with pytest.raises(SettingsError, match="ZGC_PORT=70000: "):
        read_settings()
