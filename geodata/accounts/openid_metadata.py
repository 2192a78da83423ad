"""Who we are to a provider, and what it tells of itself (OpenID Connect Discovery 1.0, 3)."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from pydantic import SecretStr

from geodata.accounts.openid_errors import ProviderAnswerError

DISCOVERY = "/.well-known/openid-configuration"

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

BASIC, POST = "client_secret_basic", "client_secret_post"


class RelyingParty(NamedTuple):
    """What this service is to the provider.

    Args:
        issuer: of the provider, as its discovery document has it.
        client_id: ours.
        client_secret: ours.
        scopes: that are asked for.
        role_claim: that tells roles; None: none does.
    """

    issuer: str
    client_id: str
    client_secret: SecretStr
    scopes: tuple[str, ...] = ("openid",)
    role_claim: str | None = None


class Metadata(NamedTuple):
    """Addresses of a provider, None where it offers none, and its ways.

    Args:
        takes_basic: how our secret is sent: HTTP Basic, else in the form.
        names_itself: its answers always name it (RFC 9207).
    """

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    end_session_endpoint: str | None
    takes_basic: bool
    names_itself: bool


def read_metadata(document: Mapping[str, Any], issuer: str) -> Metadata:
    """A discovery document.

    Args:
        document: as fetched.
        issuer: that it must be of.

    Raises:
        ProviderAnswerError: names the member that is missing or cannot be.
    """
    if document.get("issuer") != issuer:
        named = str(document.get("issuer"))[:200]
        raise ProviderAnswerError(f"the discovery document of {issuer} is of {named!r}")
    ways = document.get("token_endpoint_auth_methods_supported", [BASIC])
    if not isinstance(ways, list) or not {BASIC, POST} & {str(way) for way in ways}:
        raise ProviderAnswerError(f"the provider takes neither {BASIC} nor {POST}")
    return Metadata(
        _required(document, "authorization_endpoint", issuer),
        _required(document, "token_endpoint", issuer),
        _required(document, "jwks_uri", issuer),
        _offered(document, "userinfo_endpoint", issuer),
        _offered(document, "end_session_endpoint", issuer),
        takes_basic=BASIC in ways,
        names_itself=document.get("authorization_response_iss_parameter_supported") is True,
    )


def is_safe(address: str) -> bool:
    """Whether an address is https, or plain http to this machine alone; without user, fragment."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    plain = parts.scheme == "http" and host in LOOPBACK
    there = bool(host) and not parts.fragment and parts.username is None
    return (
        address.isascii() and address.isprintable() and there and (parts.scheme == "https" or plain)
    )


def _required(document: Mapping[str, Any], name: str, issuer: str) -> str:
    found = _offered(document, name, issuer)
    if found is None:
        raise ProviderAnswerError(f"the discovery document of {issuer} has no {name}")
    return found


def _offered(document: Mapping[str, Any], name: str, issuer: str) -> str | None:
    address = document.get(name)
    if address is None:
        return None
    # A provider elsewhere must not have us ask what listens on this machine.
    near = issuer.startswith("http://")
    if not isinstance(address, str) or not is_safe(address) or (_is_near(address) and not near):
        raise ProviderAnswerError(f"{name} of {issuer} is {str(address)[:200]!r}: must be https")
    return address


def _is_near(address: str) -> bool:
    return urlsplit(address).scheme == "http"
