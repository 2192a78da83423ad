"""ID tokens: each is made with real keys, changed in one place, and believed or not."""

import base64
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from joserfc import jws, jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey

from geodata.accounts.openid_errors import ProviderAnswerError, UnknownKeyError
from geodata.accounts.openid_token import (
    ALGORITHMS,
    LONGEST_SUBJECT,
    SKEW_S,
    Expected,
    read_id_token,
    read_keys,
    values_of,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NOW_S = int(NOW.timestamp())
EXPECTED = Expected("https://id.example.cn", "zgc-gis", "the nonce")
HONEST: dict[str, Any] = {
    "iss": EXPECTED.issuer,
    "aud": EXPECTED.client_id,
    "nonce": EXPECTED.nonce,
    "sub": "zhao",
    "exp": NOW_S + 300,
    "iat": NOW_S,
}

KEYS = {
    "RS": RSAKey.generate_key(2048, {"kid": "rsa"}),
    "ES256": ECKey.generate_key("P-256", {"kid": "p-256"}),
    "ES384": ECKey.generate_key("P-384", {"kid": "p-384"}),
    "ES512": ECKey.generate_key("P-521", {"kid": "p-521"}),
    "Ed25519": OKPKey.generate_key("Ed25519", {"kid": "ed"}),
}
PUBLISHED = read_keys({"keys": [key.as_dict(private=False) for key in KEYS.values()]})


def key_for(algorithm: str) -> Any:
    return KEYS.get(algorithm) or KEYS["RS"]


def signed(claims: dict[str, Any], algorithm: str = "ES256", **header: Any) -> str:
    key = key_for(algorithm)
    given = {"alg": algorithm, "kid": key.kid} | header
    given = {name: value for name, value in given.items() if value is not None}
    return jwt.encode(given, claims, key, algorithms=[algorithm])


def read(token: str) -> Any:
    return read_id_token(token, PUBLISHED, EXPECTED, NOW)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_algorithm_that_is_allowed_is_understood(algorithm: str) -> None:
    assert read(signed(HONEST, algorithm))["sub"] == "zhao"


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": ["zgc-gis"]},
        {"azp": "zgc-gis"},
        {"aud": ["zgc-gis", "other"], "azp": "zgc-gis"},
        {"exp": NOW_S - SKEW_S + 1},
        {"iat": NOW_S + SKEW_S},
        {"nbf": NOW_S + SKEW_S},
        {"sub": "x" * LONGEST_SUBJECT},
        {"sub": "赵"},
        {"exp": NOW_S + 0.5},
    ],
    ids=str,
)
def test_what_the_standard_allows_is_believed(changes: dict[str, Any]) -> None:
    assert read(signed(HONEST | changes))["iss"] == EXPECTED.issuer


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"iss": "https://id.example.cn/"}, "iss"),
        ({"iss": "https://evil.example.cn"}, "iss"),
        ({"iss": ["https://id.example.cn"]}, "must be a StringOrURI"),
        ({"aud": "other"}, "aud"),
        ({"aud": []}, "aud"),
        ({"aud": ["zgc-gis", "other"]}, "aud, azp"),
        ({"aud": ["zgc-gis", "other"], "azp": "other"}, "aud, azp"),
        ({"azp": "other"}, "aud, azp"),
        ({"exp": NOW_S - SKEW_S}, "expired"),
        ({"exp": "tomorrow"}, "exp"),
        ({"exp": float("nan")}, "exp"),
        ({"exp": float("inf")}, "exp"),
        ({"iat": NOW_S + SKEW_S + 1}, "issued in the future"),
        ({"nbf": NOW_S + SKEW_S + 1}, "not yet valid"),
        ({"nonce": "another"}, "nonce"),
        ({"nonce": ""}, "nonce"),
        ({"sub": ""}, "sub"),
        ({"sub": 7}, "sub"),
        ({"sub": "a\0b"}, "printable"),
        ({"sub": "x" * (LONGEST_SUBJECT + 1)}, "at most 255"),
    ],
    ids=str,
)
def test_what_is_not_for_us_now_is_not_believed(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ProviderAnswerError, match=said):
        read(signed(HONEST | changes))


@pytest.mark.parametrize("missing", HONEST)
def test_each_claim_must_be_there(missing: str) -> None:
    claims = {name: value for name, value in HONEST.items() if name != missing}
    with pytest.raises(ProviderAnswerError, match=missing):
        read(signed(claims))


def test_a_token_without_a_signature_is_not_believed() -> None:
    with pytest.raises(ProviderAnswerError, match="'none' is not allowed"):
        read(f"{unsigned({'alg': 'none'})}.")


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
@pytest.mark.parametrize("form", ["PEM", "DER"])
def test_a_public_key_is_no_secret_that_signs(algorithm: str, form: str) -> None:
    public = KEYS["RS"].as_pem(private=False) if form == "PEM" else KEYS["RS"].as_der(private=False)
    text = unsigned({"alg": algorithm, "kid": "rsa"})
    signature = hmac.digest(public, text.encode(), f"sha{algorithm[2:]}")
    with pytest.raises(ProviderAnswerError, match=f"'{algorithm}' is not allowed"):
        read(f"{text}.{encoded(signature)}")


def unsigned(header: dict[str, Any]) -> str:
    return ".".join(encoded(json.dumps(part).encode()) for part in (header, HONEST))


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def test_a_key_that_the_token_brings_along_is_not_used() -> None:
    own = ECKey.generate_key("P-256", {"kid": "p-256"})
    header = {"alg": "ES256", "kid": "p-256", "jwk": own.as_dict(private=False)}
    with pytest.raises(UnknownKeyError):
        read(jwt.encode(header, HONEST, own))


@pytest.mark.parametrize("kid", ["nobody's", None])
def test_a_token_of_an_unknown_key_says_so(kid: str | None) -> None:
    with pytest.raises(UnknownKeyError):
        read(signed(HONEST, kid=kid))


def test_a_key_of_another_kind_confirms_nothing() -> None:
    with pytest.raises(ProviderAnswerError):
        read(signed(HONEST, "ES256", kid="rsa"))


def test_without_a_name_the_only_key_counts() -> None:
    only = read_keys({"keys": [KEYS["ES256"].as_dict(private=False)]})
    token = signed(HONEST, kid=None)
    assert read_id_token(token, only, EXPECTED, NOW)["sub"] == "zhao"


@pytest.mark.parametrize(
    "token", ["", "a", "a.b.c", "....", "é.é.é", "e30.e30.e30", '"alg".e30.', "x" * 16_001]
)
def test_what_is_no_token_is_told(token: str) -> None:
    with pytest.raises(ProviderAnswerError, match="ID token"):
        read(token)


@pytest.mark.parametrize("payload", ["[]", '"text"', "null", "{"])
def test_what_is_signed_but_no_object_is_told(payload: str) -> None:
    token = jws.serialize_compact({"alg": "ES256", "kid": "p-256"}, payload, KEYS["ES256"])
    with pytest.raises(ProviderAnswerError):
        read(token)


def test_unknown_headers_are_ignored_but_critical_ones_are_not() -> None:
    header = {"alg": "ES256", "kid": "p-256", "x5c": ["x" * 3000], "exotic": 1}
    assert read(signed_under(header))
    with pytest.raises(ProviderAnswerError, match="exotic"):
        read(signed_under(header | {"crit": ["exotic"]}))


def signed_under(header: dict[str, Any]) -> str:
    """Whatever the header is; the library would refuse to make some."""
    model = jws.JWSRegistry.algorithms["ES256"]
    text = unsigned(header)
    return f"{text}.{encoded(model.sign(text.encode(), KEYS['ES256']))}"


def test_keys_that_are_no_public_keys_for_signatures_are_left_out() -> None:
    rows = [
        {"kty": "oct", "k": "c2VjcmV0", "kid": "secret"},
        {"kty": "AKP", "alg": "ML-DSA-44", "pub": "AA", "kid": "of the future"},
        {"kty": "RSA", "n": "AQAB", "kid": "broken"},
        KEYS["ES256"].as_dict(private=False, use="enc", kid="for encryption"),
        "no object",
        KEYS["ES256"].as_dict(private=False),
    ]
    assert [key.kid for key in read_keys({"keys": rows})] == ["p-256"]


@pytest.mark.parametrize("document", [{}, {"keys": {}}, {"keys": None}])
def test_a_key_set_has_a_list_of_keys(document: dict[str, Any]) -> None:
    with pytest.raises(ProviderAnswerError, match="list of keys"):
        read_keys(document)


@pytest.mark.parametrize(
    ("claim", "values"),
    [
        ("groups", {"gis", "it"}),
        ("one", {"gis"}),
        ("realm.roles", {"editor"}),
        ("https://example.cn/roles", {"dotted"}),
        ("missing", set()),
        ("realm.missing.roles", set()),
        ("numbers", {"text"}),
        ("one.more", set()),
    ],
)
def test_values_of_a_claim(claim: str, values: set[str]) -> None:
    claims = {
        "groups": ["gis", "it"],
        "one": "gis",
        "realm": {"roles": ["editor"]},
        "https://example.cn/roles": ["dotted"],
        "numbers": [1, None, "text"],
    }
    assert values_of(claims, claim) == values
