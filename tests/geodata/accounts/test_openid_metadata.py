"""Discovery documents: what one must say, and which addresses are asked."""

from typing import Any

import pytest

from geodata.accounts.openid_errors import ProviderAnswerError
from geodata.accounts.openid_metadata import is_safe, read_metadata

ISSUER = "https://id.example.cn/realm"
WHOLE: dict[str, Any] = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/auth",
    "token_endpoint": f"{ISSUER}/token",
    "jwks_uri": "https://keys.example.cn/jwks",
}


def test_what_must_be_is_enough() -> None:
    read = read_metadata(WHOLE, ISSUER)
    assert (read.token_endpoint, read.jwks_uri) == (WHOLE["token_endpoint"], WHOLE["jwks_uri"])
    assert (read.userinfo_endpoint, read.end_session_endpoint) == (None, None)
    assert read.takes_basic, "the default of RFC 8414, 2"
    assert not read.names_itself


@pytest.mark.parametrize(
    ("ways", "basic"),
    [
        (["client_secret_basic", "client_secret_post"], True),
        (["client_secret_post", "private_key_jwt"], False),
    ],
)
def test_how_the_secret_is_sent_follows_what_is_taken(ways: list[str], basic: bool) -> None:
    read = read_metadata(WHOLE | {"token_endpoint_auth_methods_supported": ways}, ISSUER)
    assert read.takes_basic is basic


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "https://evil.example.cn"},
        {"issuer": f"{ISSUER}/"},
        {"issuer": None},
        {"token_endpoint": None},
        {"authorization_endpoint": None},
        {"jwks_uri": None},
        {"jwks_uri": 7},
        {"token_endpoint": "http://id.example.cn/token"},
        {"token_endpoint": "http://127.0.0.1/token"},
        {"userinfo_endpoint": "http://localhost:5432/"},
        {"userinfo_endpoint": "file:///etc/passwd"},
        {"end_session_endpoint": "javascript:alert(1)"},
        {"token_endpoint_auth_methods_supported": ["private_key_jwt"]},
        {"token_endpoint_auth_methods_supported": "client_secret_basic"},
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_by_name(changes: dict[str, Any]) -> None:
    with pytest.raises(ProviderAnswerError):
        read_metadata(WHOLE | changes, ISSUER)


@pytest.mark.parametrize(
    ("address", "safe"),
    [
        ("https://id.example.cn", True),
        ("https://id.example.cn:8443/a/b", True),
        ("http://127.0.0.1:8080", True),
        ("http://localhost", True),
        ("http://[::1]:80", True),
        ("http://id.example.cn", False),
        ("http://127.0.0.1.example.cn", False),
        ("https://", False),
        ("https://user@id.example.cn", False),
        ("https://id.example.cn/#x", False),
        ("https://id.example.cn:x", False),
        ("https://id.example.cn/\n", False),
        ("https://登录.example.cn", False),
        ("ftp://id.example.cn", False),
        ("", False),
    ],
)
def test_addresses_are_https_or_this_machine(address: str, safe: bool) -> None:
    assert is_safe(address) is safe
