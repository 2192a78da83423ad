"""`/login/openid`: signing in at the operator's OpenID provider (authorization code flow, PKCE).

The browser leaves by a link and comes back by a redirect. It goes on from a page of ours: the
session's cookie is `SameSite=Strict`, and a redirect that began at the provider would not show it.
"""

import hmac
import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import NamedTuple

from fastapi import APIRouter, FastAPI
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from geodata.accounts.errors import (
    AccountError,
    InvitationGoneError,
    LastAdministratorError,
    TooManyFailuresError,
)
from geodata.accounts.openid import Arrival, Person, enter, id_token_of
from geodata.accounts.openid_errors import (
    AccountDisabledError,
    AttemptUnknownError,
    CodeRefusedError,
    ConsentDeniedError,
    NoRoleError,
    OpenidError,
    ProviderAnswerError,
    ProviderUnavailableError,
    UnlinkedError,
)
from geodata.accounts.openid_provider import Provider, Told
from geodata.accounts.openid_token import values_of
from geodata.accounts.throttle import begin_attempt, forgive
from geodata.audit.actions import Action, Outcome
from geodata.audit.event import Event
from service.accounts.access import check_same_origin
from service.accounts.address import client_address
from service.accounts.cookie import set_cookie
from service.accounts.forms import NO_STORE, account_page, go_to, own_path
from service.accounts.identified import session_of
from service.accounts.leaving import end_own_session
from service.accounts.openid_attempt import (
    CALLBACK,
    Attempt,
    attempt_of,
    end_attempt,
    keep_attempt,
    new_attempt,
    question_of,
)
from service.accounts.openid_settings import relying_party, role_of
from service.accounts.principal import principal_of
from service.accounts.registry import Accounts, accounts_of
from service.audit.asking import asker_of
from service.errors import HEADERS, UnknownPathError
from service.review.form import read_form
from service.settings import Settings
from service.state import service_of

LOG = logging.getLogger(__name__)

PATH = "/login/openid"

router = APIRouter(include_in_schema=False)


class Refusal(NamedTuple):
    """How the page answers an error: its status, the key of its words, what the audit is told."""

    status: HTTPStatus
    key: str
    told: Outcome | None


REFUSALS: Mapping[type[Exception], Refusal] = {
    AttemptUnknownError: Refusal(HTTPStatus.BAD_REQUEST, "openid.unknown_attempt", None),
    ConsentDeniedError: Refusal(HTTPStatus.FORBIDDEN, "openid.denied", None),
    CodeRefusedError: Refusal(HTTPStatus.BAD_REQUEST, "openid.code_refused", Outcome.FAILED),
    ProviderUnavailableError: Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "openid.unavailable", None),
    ProviderAnswerError: Refusal(HTTPStatus.BAD_GATEWAY, "openid.not_believed", Outcome.FAILED),
    UnlinkedError: Refusal(HTTPStatus.FORBIDDEN, "openid.unlinked", Outcome.REFUSED),
    NoRoleError: Refusal(HTTPStatus.FORBIDDEN, "openid.no_role", Outcome.REFUSED),
    AccountDisabledError: Refusal(HTTPStatus.FORBIDDEN, "openid.disabled", Outcome.REFUSED),
    InvitationGoneError: Refusal(HTTPStatus.NOT_FOUND, "account.link_gone", Outcome.FAILED),
    LastAdministratorError: Refusal(HTTPStatus.CONFLICT, "admin.last", Outcome.REFUSED),
    AccountError: Refusal(HTTPStatus.CONFLICT, "openid.linked_to_other", Outcome.REFUSED),
    TooManyFailuresError: Refusal(HTTPStatus.TOO_MANY_REQUESTS, "account.wait", Outcome.REFUSED),
}
"""The audit is told of who tried to come in, not of who turned round or found nobody there."""

EXPECTED = (OpenidError, AccountError, InvitationGoneError, TooManyFailuresError)


def install_provider(app: FastAPI, settings: Settings) -> None:
    """The provider that the settings name, if any; it is asked when somebody signs in."""
    party = relying_party(settings)
    app.state.openid = None if party is None else Provider(party)


@router.get(PATH)
async def begin(request: Request, next: str = "/") -> Response:
    """Leads the browser to the provider; who is signed in goes on."""
    provider = _provider(request)
    onward = own_path(request, next)
    if principal_of(request).account is not None:
        return go_to(request, onward)
    attempt = new_attempt(onward)
    try:
        address = await provider.authorization_address(question_of(request, attempt))
    except OpenidError as error:
        return _refused(request, error)
    response = RedirectResponse(address, HTTPStatus.SEE_OTHER, headers=NO_STORE)
    keep_attempt(request, response, attempt)
    return response


@router.post(PATH)
async def begin_linking(request: Request) -> Response:
    """Takes the key of a one-time link from its page, to link who signs in at the provider.

    No page of another site may ask for that: it would link its reader to somebody else's account.
    """
    provider = _provider(request)
    check_same_origin(request)
    fields = await read_form(request)
    attempt = new_attempt("/", fields.get("key", ""))
    try:
        address = await provider.authorization_address(question_of(request, attempt))
    except OpenidError as error:
        return _refused(request, error)
    response = onward_page(request, address, "openid.there")
    keep_attempt(request, response, attempt)
    return response


@router.get(CALLBACK)
async def come_back(request: Request) -> Response:
    """Takes what the provider sent the browser back with; the session is new."""
    provider = _provider(request)
    response: Response
    try:
        attempt = _begun(request)
        await provider.check_answer(request.query_params.get("iss"))
        session = await _enter(request, provider, attempt, _code(request.query_params))
    except EXPECTED as error:
        _tell(request, provider, error)
        response = _refused(request, error)
    else:
        await end_own_session(request)
        response = onward_page(request, request.scope["root_path"] + attempt.onward, "openid.in")
        set_cookie(request, response, session)
    end_attempt(request, response)
    return response


async def farewell(request: Request) -> str | None:
    """Where to sign out of the provider too; None: a password opened the session, or it cannot."""
    provider: Provider | None = request.app.state.openid
    session = session_of(request.scope)
    if provider is None or session is None:
        return None
    token = await accounts_of(request).run(lambda connection, _: id_token_of(connection, session))
    if token is None:
        return None
    try:
        return await provider.end_session_address(token, str(request.base_url))
    except OpenidError:
        return None


def onward_page(request: Request, address: str, key: str) -> HTMLResponse:
    """A page that says what happened and goes on by itself, without a script."""
    return account_page(request, "onward.html", address=address, said=key)


def _provider(request: Request) -> Provider:
    provider: Provider | None = request.app.state.openid
    if provider is None:
        raise UnknownPathError(f"{PATH}: this service has no OpenID provider")
    return provider


def _begun(request: Request) -> Attempt:
    """The attempt of this browser that the answer is to."""
    attempt = attempt_of(request)
    given = request.query_params.get("state", "").encode()
    if attempt is None:
        raise AttemptUnknownError
    if not hmac.compare_digest(given, question_of(request, attempt).state.encode()):
        raise AttemptUnknownError
    return attempt


def _code(answer: QueryParams) -> str:
    """The code, or what was answered in its place (RFC 6749, 4.1.2)."""
    error = answer.get("error")
    if error == "access_denied":
        raise ConsentDeniedError
    if error in ("temporarily_unavailable", "server_error"):
        raise ProviderUnavailableError(f"the provider answers {error}")
    if error is not None or not answer.get("code"):
        raise ProviderAnswerError(f"the provider answers {(error or 'nothing')[:40]!r}")
    return answer["code"]


async def _enter(request: Request, provider: Provider, attempt: Attempt, code: str) -> str:
    """A session; a code that the provider does not take counts as a failure of the address."""
    accounts, address = accounts_of(request), client_address(request)
    question = question_of(request, attempt)
    await accounts.run(
        lambda connection, now: begin_attempt(connection, question.state, address, None, now)
    )
    try:
        told = await provider.redeem(code, question, accounts.clock())
    except (ProviderUnavailableError, ProviderAnswerError):
        await _forgive(accounts, question.state)  # no fault of who signs in
        raise
    await _forgive(accounts, question.state)
    person = _person(request, provider, told)
    enrol = service_of(request).settings.openid_enrol
    arrival = Arrival(told.id_token, enrol, attempt.invitation)
    return await accounts.run(lambda connection, now: enter(connection, person, arrival, now))


async def _forgive(accounts: Accounts, attempt: str) -> None:
    await accounts.run(lambda connection, _: forgive(connection, attempt))


def _person(request: Request, provider: Provider, told: Told) -> Person:
    """Where a claim tells roles, who has none by it has none."""
    claim, role = provider.party.role_claim, None
    if claim is not None:
        role = role_of(service_of(request).settings, values_of(told.claims, claim))
        if role is None:
            raise NoRoleError(claim)
    name = told.claims.get("preferred_username")
    goes_by = name.casefold() if isinstance(name, str) else ""
    return Person(provider.party.issuer, told.claims["sub"], goes_by, role)


def _refusal(error: Exception) -> Refusal:
    return next(REFUSALS[kind] for kind in type(error).__mro__ if kind in REFUSALS)


def _tell(request: Request, provider: Provider, error: Exception) -> None:
    """The audit, of who did not come in and why."""
    outcome = _refusal(error).told
    if outcome is not None:
        event = Event(
            action=Action.SIGN_IN,
            who=asker_of(request.scope),
            outcome=outcome,
            subject=error.name if isinstance(error, AccountDisabledError) else None,
            detail={"issuer": provider.party.issuer, "why": str(error)},
        )
        request.app.state.audit.journal.gather(event)


def _refused(request: Request, error: Exception) -> HTMLResponse:
    """A page that says what went wrong, and what can be done."""
    refusal = _refusal(error)
    LOG.warning("no sign-in at the OpenID provider: %s", error)
    response = account_page(
        request,
        "openid_refused.html",
        refusal.status,
        said=refusal.key,
        unlinked=error if isinstance(error, UnlinkedError) else None,
        wait=error.wait_s if isinstance(error, TooManyFailuresError) else None,
    )
    response.headers.update(HEADERS.get(refusal.status, {}))
    if isinstance(error, TooManyFailuresError):
        response.headers["Retry-After"] = str(error.wait_s)
    return response
