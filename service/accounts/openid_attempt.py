"""An attempt to sign in at the provider, kept by the browser that makes it: one random secret.

What goes to the provider follows from the secret and does not tell it: `state`, so that no other
browser's answer is taken; the nonce, so that no other attempt's ID token is; the verifier of
PKCE, so that no other attempt's code is worth anything.
"""

import base64
import binascii
import hashlib
import hmac
from typing import NamedTuple

import orjson
from starlette.requests import Request
from starlette.responses import Response

from geodata.accounts.openid_provider import Question
from geodata.accounts.secret import new_secret
from service.accounts.cookie import cookie_name, give_cookie, take_cookie
from service.accounts.forms import own_path

COOKIE = "zgc_openid"
LASTS_S = 600
CALLBACK = "/login/openid/callback"

LONGEST_ONWARD = 1500
"""Bytes of a path that still has room in a cookie (RFC 6265, 6.1: 4,096)."""

LONGEST_INVITATION = 100


class Attempt(NamedTuple):
    """An attempt.

    Args:
        secret: random.
        onward: path within the service to go on to.
        invitation: secret of the one-time link that led here; empty: none.
    """

    secret: str
    onward: str
    invitation: str


def new_attempt(onward: str, invitation: str = "") -> Attempt:
    """An attempt that nobody else knows."""
    led = onward if len(onward.encode()) <= LONGEST_ONWARD else "/"
    return Attempt(new_secret().text, led, invitation[:LONGEST_INVITATION])


def question_of(request: Request, attempt: Attempt) -> Question:
    """What the provider is asked, the same before and after."""
    verifier = _derived(attempt, "verifier")
    return Question(
        redirect_uri=str(request.base_url).rstrip("/") + CALLBACK,
        state=_derived(attempt, "state"),
        nonce=_derived(attempt, "nonce"),
        verifier=verifier,
        challenge=_text(hashlib.sha256(verifier.encode()).digest()),
    )


def keep_attempt(request: Request, response: Response, attempt: Attempt) -> None:
    """Give it to the browser, which must bring it along from the provider's pages."""
    kept = _text(orjson.dumps(list(attempt)))
    give_cookie(request, response, COOKIE, kept, samesite="lax", max_age=LASTS_S)


def end_attempt(request: Request, response: Response) -> None:
    """It counts once, whatever came of it."""
    take_cookie(request, response, COOKIE, samesite="lax")


def attempt_of(request: Request) -> Attempt | None:
    """The attempt that the browser made; None: none, or what cannot be one."""
    kept = request.cookies.get(cookie_name(request.scope, COOKIE), "")
    try:
        secret, onward, invitation = orjson.loads(_bytes(kept))
    except (ValueError, TypeError, binascii.Error):
        return None
    if not all(isinstance(part, str) for part in (secret, onward, invitation)):
        return None
    root = request.scope["root_path"]
    return Attempt(secret, own_path(request, root + onward), invitation)


def _derived(attempt: Attempt, use: str) -> str:
    key = attempt.secret.encode("utf-8", "surrogatepass")
    return _text(hmac.digest(key, f"zgc-gis openid {use}".encode(), "sha256"))


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
