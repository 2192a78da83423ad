"""The address that a client comes from: sign-ins and requests are counted by it.

What a request says of it (`Forwarded: for=`, RFC 7239, or `X-Forwarded-For`) counts only where a
trusted proxy has said it.
"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from starlette.requests import HTTPConnection
from starlette.types import Scope

from service.settings import Network
from service.state import Service

Trusted = tuple[Network, ...]
Headers = Sequence[tuple[bytes, bytes]]

KEPT = 10_000
"""Addresses whose words are worked out once."""

NETWORK_BITS = 64
"""Of an IPv6 address; the rest of it a client chooses as it likes (RFC 8981)."""

ELEMENT = re.compile(r'((?:"(?:[^"\\]|\\.)*"|[^",])*)(?:,|$)')
"""Of a list, whose commas may stand in quoted text (RFC 9110, 5.6.1)."""

FOR = re.compile(r'(?:^|;)\s*for\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s";,]+))\s*(?=;|$)', re.I)
"""The parameter of Forwarded that names whoever asked the proxy (RFC 7239, 5.2)."""

NODE = re.compile(r"\[([0-9A-Fa-f:.]+)\](?::\S+)?|([0-9.]+)(?::\S+)?|([0-9A-Fa-f:.]+)")
"""An address, IPv6 in brackets, perhaps with a port (RFC 7239, 6); proxies leave them off too."""


def client_address(asked: HTTPConnection | Scope) -> str:
    """The nearest address that is no trusted proxy's: those before it are the client's words."""
    scope = asked.scope if isinstance(asked, HTTPConnection) else asked
    service: Service = scope["app"].state.service
    trusted = service.settings.trusted_proxies
    return _nearest(trusted, _direct(scope), *_told(scope["headers"]))


def counted_by(trusted: Trusted) -> Callable[[Scope], str]:
    """The address that requests are counted by: of IPv6 the network, which is one client's.

    Args:
        trusted: proxies.
    """

    @lru_cache(maxsize=KEPT)
    def counted(direct: str, forwarded: str, x_forwarded_for: str) -> str:
        return _network(_nearest(trusted, direct, forwarded, x_forwarded_for))

    def of_scope(scope: Scope) -> str:
        told = _told(scope["headers"]) if trusted else ("", "")
        return counted(_direct(scope), *told)

    return of_scope


def _direct(scope: Scope) -> str:
    """Empty for a client on a Unix socket."""
    client = scope.get("client")
    return client[0] if client else ""


def _told(headers: Headers) -> tuple[str, str]:
    """All values of `Forwarded`, and of `X-Forwarded-For`."""
    told = {b"forwarded": "", b"x-forwarded-for": ""}
    for name, value in headers:
        if name in told:
            told[name] = ",".join(filter(None, (told[name], value.decode("latin-1"))))
    return told[b"forwarded"], told[b"x-forwarded-for"]


def _nearest(trusted: Trusted, direct: str, forwarded: str, x_forwarded_for: str) -> str:
    """Where the two headers disagree, a client has written one of them: neither counts."""
    if not _is_trusted(direct, trusted):
        return direct
    chains = [_forwarded_for(forwarded)] if forwarded else []
    if x_forwarded_for:
        chains.append([_node(part) for part in x_forwarded_for.split(",") if part.strip()])
    found = {_last_unknown(chain, trusted) or direct for chain in chains}
    return found.pop() if len(found) == 1 else direct


def _last_unknown(chain: Sequence[str], trusted: Trusted) -> str | None:
    return next((each for each in reversed(chain) if not _is_trusted(each, trusted)), None)


def _forwarded_for(forwarded: str) -> list[str]:
    """Nodes, the nearest last; an element without one says that the proxy does not tell."""
    elements = [found[1] for found in ELEMENT.finditer(forwarded) if found[1].strip()]
    named = [FOR.search(element) for element in elements]
    return [_node(found[1] or found[2] or "") if found else "unknown" for found in named]


def _node(text: str) -> str:
    """An address without brackets and port; what is none (`unknown`, `_hidden`) as it is."""
    found = NODE.fullmatch(text.strip())
    address = _parsed((found[1] or found[2] or found[3]) if found else "")
    return text.strip() if address is None else str(address)


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    """IPv4 in IPv6 (`::ffff:192.0.2.1`) is IPv4."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _is_trusted(address: str, trusted: Trusted) -> bool:
    if not trusted or (parsed := _parsed(address)) is None:
        return False
    return any(parsed in network for network in trusted)


def _network(address: str) -> str:
    parsed = _parsed(address)
    if isinstance(parsed, IPv6Address):
        return str(IPv6Network((parsed, NETWORK_BITS), strict=False))
    return address if parsed is None else str(parsed)
