"""The address that a client comes from, which attempts to sign in are counted by."""

from ipaddress import ip_address

from starlette.requests import Request

from service.settings import Network
from service.state import service_of


def client_address(request: Request) -> str:
    """The nearest address that is no trusted proxy's: those before it are the client's words."""
    trusted = service_of(request).settings.trusted_proxies
    direct = request.client.host if request.client else ""
    told = ",".join(request.headers.getlist("x-forwarded-for")).split(",")
    for address in (direct, *(part.strip() for part in reversed(told) if part.strip())):
        if not _is_trusted(address, trusted):
            return address
    return direct


def _is_trusted(address: str, trusted: tuple[Network, ...]) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in trusted)
