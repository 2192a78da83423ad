"""The cookie of a session, and the tokens against forged forms that follow from it."""

import hmac
from typing import Literal, TypedDict

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

NAME = "zgc_session"
HOST_PREFIX = "__Host-"
"""Browsers take such a cookie only from this host and only over TLS (RFC 6265bis, 4.1.3.2)."""

SameSite = Literal["lax", "strict"]


class _Place(TypedDict):
    path: str
    secure: bool
    httponly: bool


def cookie_name(scope: Scope, name: str = NAME) -> str:
    """Over TLS a name that no other host of the domain and no plain connection can set."""
    return f"{HOST_PREFIX}{name}" if scope["scheme"] == "https" else name


def set_cookie(request: Request, response: Response, session: str) -> None:
    """Give the browser its session; it ends with the browser at the latest."""
    give_cookie(request, response, NAME, session, samesite="strict")


def clear_cookie(request: Request, response: Response) -> None:
    """Take the session from the browser."""
    take_cookie(request, response, NAME, samesite="strict")


def give_cookie(
    request: Request,
    response: Response,
    name: str,
    value: str,
    *,
    samesite: SameSite,
    max_age: int | None = None,
) -> None:
    """Give the browser something that no script sees.

    Args:
        samesite: whether pages of other sites may lead here with it (`lax`) or not (`strict`).
        max_age: seconds; None: until the browser ends.
    """
    response.set_cookie(
        cookie_name(request.scope, name), value, max_age, samesite=samesite, **_place(request)
    )


def take_cookie(request: Request, response: Response, name: str, *, samesite: SameSite) -> None:
    """Take it from the browser."""
    response.delete_cookie(cookie_name(request.scope, name), samesite=samesite, **_place(request))


def form_token(session: str | None) -> str:
    """What forms on pages of a session carry: known to who holds the session, telling nothing."""
    if session is None:
        return ""
    return hmac.new(session.encode("latin-1"), b"zgc-gis form", "sha256").hexdigest()


def _place(request: Request) -> _Place:
    """`__Host-` demands TLS and the root."""
    tls = request.scope["scheme"] == "https"
    path = "/" if tls else request.scope["root_path"] or "/"
    return {"path": path, "secure": tls, "httponly": True}
