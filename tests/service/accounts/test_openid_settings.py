"""Settings of the provider: whole or none, each fault by its name, the secret never told."""

import traceback
from pathlib import Path

import pytest
from pydantic import ValidationError

from layers.attribute import Role
from service.accounts.openid_settings import relying_party, role_of
from service.commands.settings import SettingsError, read_settings
from service.settings import Settings

WHOLE = {
    "ZGC_OPENID_ISSUER": "https://id.example.cn",
    "ZGC_OPENID_CLIENT_ID": "zgc-gis",
    "ZGC_OPENID_CLIENT_SECRET": "tigerlion",
}


def given(monkeypatch: pytest.MonkeyPatch, changes: dict[str, str | None]) -> None:
    for name, value in (WHOLE | changes).items():
        if value is not None:
            monkeypatch.setenv(name, value)


def test_without_an_issuer_there_is_no_provider() -> None:
    assert relying_party(Settings()) is None


def test_what_is_needed_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, {})
    party = relying_party(read_settings())
    assert party is not None
    assert party[:2] == ("https://id.example.cn", "zgc-gis")
    assert party.client_secret.get_secret_value() == "tigerlion"
    assert (party.scopes, party.role_claim) == (("openid",), None)


def test_everything_can_be_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("tigerlion\n", encoding="utf-8")
    rows = {
        "ZGC_OPENID_CLIENT_SECRET": None,
        "ZGC_OPENID_CLIENT_SECRET_FILE": str(file),
        "ZGC_OPENID_TITLE": "北京市统一认证",
        "ZGC_OPENID_SCOPES": "openid profile groups",
        "ZGC_OPENID_ROLE_CLAIM": "groups",
        "ZGC_OPENID_ROLES": "CN=land,DC=example = land_officer; it=admin;",
        "ZGC_OPENID_ENROL": "true",
    }
    given(monkeypatch, rows)
    settings = read_settings()
    party = relying_party(settings)
    assert party is not None
    assert party.client_secret.get_secret_value() == "tigerlion"
    assert (party.scopes, party.role_claim) == (("openid", "profile", "groups"), "groups")
    assert settings.openid_enrol
    assert role_of(settings, frozenset({"it", "CN=land,DC=example"})) is Role.ADMIN
    assert role_of(settings, frozenset({"CN=land,DC=example", "x"})) is Role.LAND_OFFICER
    assert role_of(settings, frozenset({"IT", "it "})) is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"ZGC_OPENID_ISSUER": None}, "ISSUER is not set, but ZGC_OPENID_CLIENT_ID, ZGC_OPENID_C"),
        ({"ZGC_OPENID_ISSUER": ""}, "ZGC_OPENID_ISSUER=: .*must be the issuer"),
        ({"ZGC_OPENID_ISSUER": "id.example.cn"}, "ZGC_OPENID_ISSUER=id.example.cn"),
        ({"ZGC_OPENID_ISSUER": "http://id.example.cn"}, "plain http is for this machine alone"),
        ({"ZGC_OPENID_ISSUER": "https://id.example.cn/?a=b"}, "without user, query"),
        ({"ZGC_OPENID_CLIENT_ID": None}, "ZGC_OPENID_CLIENT_ID must be too"),
        ({"ZGC_OPENID_CLIENT_ID": ""}, "ZGC_OPENID_CLIENT_ID=: "),
        ({"ZGC_OPENID_CLIENT_SECRET": None}, "one of ZGC_OPENID_CLIENT_SECRET and"),
        ({"ZGC_OPENID_CLIENT_SECRET": ""}, "ZGC_OPENID_CLIENT_SECRET"),
        ({"ZGC_OPENID_CLIENT_SECRET_FILE": "/dev/null"}, "not both"),
        ({"ZGC_OPENID_SCOPES": "profile"}, "must contain openid"),
        ({"ZGC_OPENID_ROLE_CLAIM": "groups"}, "must be set together"),
        ({"ZGC_OPENID_ROLES": "it=admin"}, "must be set together"),
        ({"ZGC_OPENID_ROLE_CLAIM": "groups", "ZGC_OPENID_ROLES": "it=root"}, "'it=root' must be"),
        ({"ZGC_OPENID_ROLE_CLAIM": "groups", "ZGC_OPENID_ROLES": "it=public"}, "planner, land_"),
        ({"ZGC_OPENID_ROLE_CLAIM": "groups", "ZGC_OPENID_ROLES": "admin"}, "'admin' must be"),
        ({"ZGC_OPENID_ENROL": "perhaps"}, "ZGC_OPENID_ENROL=perhaps"),
    ],
    ids=str,
)
def test_what_is_half_or_wrong_is_refused_by_name(
    changes: dict[str, str | None], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given(monkeypatch, changes)
    with pytest.raises(SettingsError, match=said) as refused:
        read_settings()
    with pytest.raises(ValidationError) as invalid:
        Settings()
    told = "".join(
        [*traceback.format_exception(refused.value), *traceback.format_exception(invalid.value)]
    )
    assert "tigerlion" not in told


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "cannot be read: No such file"), (b"\n", "holds no secret"), (b"\xff", "no text")],
)
def test_a_file_without_a_secret_is_refused(
    content: bytes | None, said: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "secret"
    if content is not None:
        file.write_bytes(content)
    rows = {"ZGC_OPENID_CLIENT_SECRET": None, "ZGC_OPENID_CLIENT_SECRET_FILE": str(file)}
    given(monkeypatch, rows)
    with pytest.raises(SettingsError, match=said):
        read_settings()


def test_the_secret_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, {})
    settings = Settings()
    assert "tigerlion" not in repr(settings) + repr(relying_party(settings))
