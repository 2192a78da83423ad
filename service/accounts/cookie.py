"""The cookie of a session, and the tokens against forged forms that follow from it."""

import hmac

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

NAME = "zgc_session"
HOST_PREFIX = "__Host-"
"""Browsers take such a cookie only from this host and only over TLS (RFC 6265bis, 4.1.3.2)."""


def cookie_name(scope: Scope) -> str:
    """Over TLS a name that no other host of the domain and no plain connection can set."""
    return f"{HOST_PREFIX}{NAME}" if scope["scheme"] == "https" else NAME


def set_cookie(request: Request, response: Response, session: str) -> None:
    """Give the browser its session; it ends with the browser at the latest."""
    response.set_cookie(
        cookie_name(request.scope),
        session,
        path=_path(request),
        secure=request.scope["scheme"] == "https",
        httponly=True,
        samesite="strict",
    )


def clear_cookie(request: Request, response: Response) -> None:
    """Take the session from the browser."""
    response.delete_cookie(
        cookie_name(request.scope),
        path=_path(request),
        secure=request.scope["scheme"] == "https",
        httponly=True,
        samesite="strict",
    )


def form_token(session: str | None) -> str:
    """What forms on pages of a session carry: known to who holds the session, telling nothing."""
    if session is None:
        return ""
    return hmac.new(session.encode("latin-1"), b"zgc-gis form", "sha256").hexdigest()


def _path(request: Request) -> str:
    """`__Host-` demands the root."""
    return "/" if request.scope["scheme"] == "https" else request.scope["root_path"] or "/"
