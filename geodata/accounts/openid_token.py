"""ID tokens: what an OpenID provider says of who signed in, and whether to believe it.

Source: OpenID Connect Core 1.0, 3.1.3.7; JSON Web Token Best Current Practices, RFC 8725.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from joserfc import jwt
from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError
from joserfc.jwk import JWKRegistry, Key, KeySet
from joserfc.jws import JWSRegistry

from geodata.accounts.openid_errors import ProviderAnswerError, UnknownKeyError

Claims = Mapping[str, Any]

ALGORITHMS = (
    *("RS256", "RS384", "RS512"),
    *("PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512"),
    "Ed25519",
)
"""With a key of which only the provider has the private half: neither `none` nor HMAC, which
would take the public half for its secret (RFC 8725, 3.1)."""

KEY_TYPES = ("RSA", "EC", "OKP")

SKEW_S = 60
"""By how much the provider's clock and ours may differ."""

LONGEST_TOKEN = 16_000
LONGEST_SUBJECT = 255
"""Characters (OpenID Connect Core, 2)."""


class Expected(NamedTuple):
    """What an ID token must say.

    Args:
        issuer: that of the provider we asked.
        client_id: ours.
        nonce: what we gave the browser that asked.
    """

    issuer: str
    client_id: str
    nonce: str


class _Headers(JWSRegistry):
    max_header_length = 8_000  # a certificate (x5c) has some 2 kB


# What is not known in a header is ignored (RFC 7515, 4), but for what says it must not be.
_REGISTRY = _Headers(algorithms=ALGORITHMS, strict_check_header=False)


def read_keys(document: Mapping[str, Any]) -> KeySet:
    """Keys that sign, of a JSON Web Key Set (RFC 7517); kinds that we do not know are left out.

    Raises:
        ProviderAnswerError: there is no list of keys.
    """
    rows = document.get("keys")
    if not isinstance(rows, list):
        raise ProviderAnswerError("the provider's key set has no list of keys")
    return KeySet([key for row in rows for key in _key(row)])


def read_id_token(token: str, keys: KeySet, expected: Expected, now: datetime) -> Claims:
    """What a token says, once its signature and every claim are checked.

    Args:
        token: compact serialization.
        keys: of the provider.
        expected: what it must say.
        now: within `SKEW_S` of which it must be valid.

    Raises:
        UnknownKeyError: none of the keys confirms the signature.
        ProviderAnswerError: names what else is wrong.
    """
    if len(token) > LONGEST_TOKEN:
        raise ProviderAnswerError(f"the ID token has more than {LONGEST_TOKEN} characters")
    claims = _signed_claims(token, keys)
    _check_claims(claims, expected, int(now.timestamp()))
    _check_parties(claims, expected.client_id)
    return claims


def values_of(claims: Claims, claim: str) -> frozenset[str]:
    """Texts of a claim, one or a list; `a.b` is the member `b` of `a` unless there is an `a.b`."""
    value = claims[claim] if claim in claims else _member(claims, claim.split("."))
    values = value if isinstance(value, list) else [value]
    return frozenset(each for each in values if isinstance(each, str))


def _key(row: object) -> Sequence[Key]:
    if not isinstance(row, dict) or row.get("kty") not in KEY_TYPES or row.get("use") == "enc":
        return ()
    try:
        return (JWKRegistry.import_key(row),)
    except (JoseError, ValueError, TypeError, KeyError):
        return ()


def _signed_claims(token: str, keys: KeySet) -> Claims:
    try:
        claims: object = jwt.decode(token, keys, registry=_REGISTRY).claims
    except (BadSignatureError, InvalidKeyIdError) as error:
        raise UnknownKeyError(f"the ID token's signature: {error}") from None
    except (JoseError, ValueError, TypeError, AttributeError, KeyError) as error:
        raise ProviderAnswerError(f"the ID token cannot be read: {error}") from None
    if not isinstance(claims, dict):
        raise ProviderAnswerError("the ID token holds no JSON object")
    return claims


def _check_claims(claims: Claims, expected: Expected, now_s: int) -> None:
    registry = jwt.JWTClaimsRegistry(
        now_s,
        SKEW_S,
        iss={"essential": True, "value": expected.issuer},
        aud={"essential": True, "value": expected.client_id},
        nonce={"essential": True, "value": expected.nonce},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
    )
    try:
        registry.validate(dict(claims))
    except JoseError as error:
        raise ProviderAnswerError(f"the ID token: {error}") from None
    if len(claims["sub"]) > LONGEST_SUBJECT or not claims["sub"].isprintable():
        raise ProviderAnswerError(
            f"the ID token: sub must have at most {LONGEST_SUBJECT} characters, all printable"
        )


def _check_parties(claims: Claims, client_id: str) -> None:
    """Others may be addressed too only if we are the one that asked."""
    audience, asked_by = claims["aud"], claims.get("azp")
    alone = audience in (client_id, [client_id])
    if asked_by != client_id and not (alone and asked_by is None):
        raise ProviderAnswerError("the ID token was made for another client (aud, azp)")


def _member(value: object, path: Sequence[str]) -> object:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value
