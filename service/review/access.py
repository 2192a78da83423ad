"""Who may review, until there are accounts.

With ZGC_REVIEW_TOKEN: who sends it, as a bearer token or through the sign-in form. Without: only
a browser on this machine, of a service that listens to this machine alone. Addresses under review
are not public, so reading takes the same right as deciding.
"""

import hashlib
import hmac
import ipaddress
from urllib.parse import urlsplit

from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import Response

from service.errors import CrossSiteError, ReviewClosedError, SignInNeededError
from service.state import service_of

COOKIE = "review"
HALF_A_DAY_S = 12 * 3600

RELAYED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
"""Headers that a proxy adds: behind one, everybody seems to come from this machine."""


def check_reader(request: Request) -> None:
    """Let only reviewers pass.

    Raises:
        CrossSiteError: a page of another site asks, which might read the answer.
        SignInNeededError: a token is set, and the request does not carry it.
        ReviewClosedError: none is set, and the request may come from elsewhere.
    """
    if "origin" in request.headers:
        check_same_origin(request)
    token = service_of(request).settings.review_token
    if token is None:
        _check_this_machine(request)
    elif not (_bears(request, token) or _is_signed_in(request, token)):
        raise SignInNeededError("review needs ZGC_REVIEW_TOKEN: Authorization: Bearer TOKEN")


def check_writer(request: Request) -> None:
    """Let only reviewers pass who act on a page of this service, or with a bearer token.

    Raises:
        CrossSiteError: another site sent the request, or a browser that does not tell.
        SignInNeededError: as `check_reader`.
        ReviewClosedError: as `check_reader`.
    """
    check_reader(request)
    token = service_of(request).settings.review_token
    if token is None or not _bears(request, token):
        check_same_origin(request)


def check_same_origin(request: Request) -> None:
    """Refuse what a page of another site sent.

    Raises:
        CrossSiteError: names both.
    """
    host = request.headers.get("host", "")
    origin = request.headers.get("origin")
    if origin is not None:
        same = bool(host) and urlsplit(origin).netloc == host
    else:
        same = request.headers.get("sec-fetch-site") == "same-origin"
    if not same:
        raise CrossSiteError(
            f"the request comes from {origin or 'an unnamed page'}; must be from a page of {host}"
        )


def is_right(request: Request, given: str) -> bool:
    """Whether a text is the token."""
    token = service_of(request).settings.review_token
    return token is not None and _equal(given, token.get_secret_value())


def sign_in(request: Request, response: Response) -> None:
    """Remember in the browser that the token was given; the token itself is not kept there."""
    token = service_of(request).settings.review_token
    if token is not None:
        response.set_cookie(
            COOKIE,
            _ticket(token),
            max_age=HALF_A_DAY_S,
            path=cookie_path(request),
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="strict",
        )


def cookie_path(request: Request) -> str:
    """Where cookies of the review are sent to."""
    return f"{request.scope['root_path']}/review"


def is_this_machine(request: Request) -> bool:
    """Whether a browser on the service's own machine asks, as far as that can be told."""
    settings = service_of(request).settings
    client = request.client.host if request.client else ""
    # The name in the address is checked too: a site may let its own name mean this machine.
    names = (settings.host, client, request.url.hostname or "")
    relayed = any(name in request.headers for name in RELAYED)
    return not relayed and all(map(_is_loopback, names))


def _check_this_machine(request: Request) -> None:
    if not is_this_machine(request):
        raise ReviewClosedError(
            "without ZGC_REVIEW_TOKEN review is for a browser on the machine of the service, which "
            "must listen to 127.0.0.1; set ZGC_REVIEW_TOKEN (16 characters or more) to open it"
        )


def _is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _bears(request: Request, token: SecretStr) -> bool:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    return scheme.lower() == "bearer" and _equal(given.strip(), token.get_secret_value())


def _is_signed_in(request: Request, token: SecretStr) -> bool:
    return _equal(request.cookies.get(COOKIE, ""), _ticket(token))


def _ticket(token: SecretStr) -> str:
    key = token.get_secret_value().encode()
    return hmac.new(key, b"zgc-gis review", hashlib.sha256).hexdigest()


def _equal(some: str, other: str) -> bool:
    return hmac.compare_digest(some.encode(), other.encode())
