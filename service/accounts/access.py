"""Who may: the checks that pages and endpoints put before their work."""

import hmac
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from starlette.requests import Request

from geodata.accounts.scope import EVERY, Verb
from layers.attribute import Role
from layers.layer import Layer
from service.accounts.cookie import form_token
from service.accounts.identified import session_of
from service.accounts.principal import Principal, principal_of
from service.errors import CrossSiteError, NotAllowedError, SignInNeededError

FORM_TOKEN = "form_token"
"""Field of forms."""


def needs(least: Role, verb: Verb | None = None) -> Callable[[Request], None]:
    """A dependency that lets a role pass, and those above it.

    Args:
        least: the role.
        verb: what a token's scopes must allow for all layers; None: write, but for GET.
    """

    def check(request: Request) -> None:
        reads = request.method in ("GET", "HEAD")
        wanted = verb or (Verb.READ if reads else Verb.WRITE)
        check_role(request, least, EVERY, wanted)
        if not reads:
            check_own_page(request)

    return check


def check_role(request: Request, least: Role, layer: str, verb: Verb) -> None:
    """Let only those pass who have a role at least.

    Raises:
        SignInNeededError: nobody signed in.
        NotAllowedError: who did has not the role, or the token not the scope.
    """
    principal = principal_of(request)
    if principal.may(least, layer, verb):
        return
    if principal.account is None:
        raise SignInNeededError(
            f"this needs the role {least} or above: sign in, or send Authorization: Bearer TOKEN"
        )
    raise NotAllowedError(_why_not(principal, least, layer, verb))


def check_writer(request: Request, layer: Layer) -> None:
    """Let only those pass who may change features of a layer, be it of their areas only.

    Raises:
        SignInNeededError: nobody signed in.
        NotAllowedError: who did has not the role, or the token not the scope.
    """
    check_role(request, principal_of(request).writer_of(layer), layer.id, Verb.WRITE)


def check_unbound(request: Request) -> None:
    """Refuse members of offices what concerns every area.

    Raises:
        NotAllowedError: names their areas.
    """
    principal = principal_of(request)
    if principal.areas is not None:
        areas = ", ".join(sorted(principal.areas)) or "no area"
        raise NotAllowedError(
            f"this concerns every area, and {principal.account} belongs to groups that look after"
            f" {areas}: members of no group may do it"
        )


def check_session(request: Request, least: Role = Role.PLANNER) -> str:
    """Let only people pass who signed in: no token makes tokens or accounts. Their name.

    Raises:
        SignInNeededError: nobody signed in.
        NotAllowedError: a token is shown, or the account has not the role.
    """
    principal = principal_of(request)
    check_role(request, least, EVERY, Verb.READ)
    if principal.account is None or principal.scopes is not None:
        raise NotAllowedError("a token cannot do this: sign in with the password")
    return principal.account


def check_own_page(request: Request) -> None:
    """Refuse what a session's browser sends for a page of another site.

    Raises:
        CrossSiteError: names both.
    """
    if principal_of(request).scopes is None:
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


def check_form(request: Request, fields: Mapping[str, str]) -> None:
    """Refuse a form that no page of this session has made.

    Raises:
        CrossSiteError: the form's token is missing, or of another session.
    """
    check_same_origin(request)
    right = form_token(session_of(request.scope))
    if not right or not hmac.compare_digest(fields.get(FORM_TOKEN, "").encode(), right.encode()):
        raise CrossSiteError(
            f"the form has not the {FORM_TOKEN} of this session: load its page again"
        )


def _why_not(principal: Principal, least: Role, layer: str, verb: Verb) -> str:
    if principal.scopes is not None and Principal(principal.account, principal.role).may(least):
        given = ", ".join(sorted(map(str, principal.scopes)))
        return f"this needs a token with the scope {layer}:{verb}; this one has {given}"
    return f"this needs the role {least} or above; {principal.account} is {principal.role}"
