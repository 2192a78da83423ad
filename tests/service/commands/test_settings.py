"""Settings that are wrong are named."""

import pytest

from service.commands.settings import SettingsError, read_settings


def test_a_plain_setting_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZGC_PORT", "70000")
    with pytest.raises(SettingsError, match="ZGC_PORT=70000: "):
        read_settings()
