"""Pages of accounts: never stored, with what their forms need."""

from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse

from geodata.accounts.errors import AccountError, TooManyFailuresError
from service.state import service_of
from service.web.language import language_of, translate
from service.web.shell import page

NO_STORE = {"Cache-Control": "no-store"}


def account_page(
    request: Request, template: str, status: HTTPStatus = HTTPStatus.OK, **context: Any
) -> HTMLResponse:
    """A page that is kept nowhere."""
    words = {"told": lambda refusal: told(request, refusal), "openid": provider_title(request)}
    response = page(request, template, **words, **context)
    response.status_code = status
    response.headers.update(NO_STORE)
    return response


def told(request: Request, refusal: Exception) -> str:
    """A refusal in the reader's language."""
    if isinstance(refusal, AccountError | TooManyFailuresError):
        return language_of(request).of(refusal.text)
    return str(refusal)


def provider_title(request: Request) -> str | None:
    """What pages call the OpenID provider; None: there is none."""
    settings = service_of(request).settings
    if settings.openid_issuer is None:
        return None
    return settings.openid_title or translate("openid.title", language_of(request))


def go_to(request: Request, path: str) -> RedirectResponse:
    """On to another page of the service."""
    return RedirectResponse(
        request.scope["root_path"] + path, HTTPStatus.SEE_OTHER, headers=NO_STORE
    )


def own_path(request: Request, given: str) -> str:
    """Where to go after signing in: a path of this service, below its root, or the portal."""
    parts = urlsplit(given)
    root = request.scope["root_path"]
    local = (
        given.isprintable()
        and given.startswith(f"{root}/")
        and not given.startswith("//")
        and "\\" not in given
        and not parts.netloc
        and not parts.scheme
    )
    return given[len(root) :] if local and not given[len(root) :].startswith("//") else "/"
