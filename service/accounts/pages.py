"""`/login`, `/logout`, `/set-up` and `/account`: coming in, going out, one's own account."""

from datetime import datetime
from http import HTTPStatus

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from geodata.accounts.errors import (
    AccountError,
    InvitationGoneError,
    SignInRefusedError,
    TooManyFailuresError,
)
from geodata.accounts.invitations import accept, invited
from geodata.accounts.openid import list_identities
from geodata.accounts.password import SHORTEST
from geodata.accounts.scope import EVERY, InvalidScopeError, parse_scopes
from geodata.accounts.sessions import open_session
from geodata.accounts.throttle import forgive
from geodata.accounts.tokens import NewToken, create_token, list_tokens, revoke_token
from geodata.accounts.users import has_password, set_password
from layers.catalog import CATALOG
from layers.text import Text
from service.accounts.access import check_form, check_same_origin, check_session
from service.accounts.address import client_address
from service.accounts.cookie import clear_cookie, set_cookie
from service.accounts.forms import account_page, go_to, own_path
from service.accounts.leaving import end_own_session
from service.accounts.openid import farewell, onward_page
from service.accounts.principal import principal_of
from service.accounts.registry import accounts_lifespan, accounts_of
from service.errors import HEADERS
from service.review.form import Fields, read_form

VERBS = {"read": ("read",), "write": ("write",), "both": ("read", "write")}
"""Choices of the form for a new token."""

router = APIRouter(include_in_schema=False, lifespan=accounts_lifespan)


@router.get("/login")
async def login_page(request: Request, next: str = "/") -> Response:
    """The form; who is signed in goes on."""
    onward = own_path(request, next)
    if principal_of(request).account is not None:
        return go_to(request, onward)
    return _login(request, {"next": next}, None)


@router.post("/login")
async def login(request: Request) -> Response:
    """Takes name and password; the session is new, whatever the browser held before."""
    check_same_origin(request)
    fields = await read_form(request)
    name, password = fields.get("name", "").strip(), fields.get("password", "")
    accounts = accounts_of(request)
    try:
        session = await accounts.sign_in(name, password, client_address(request))
    except (SignInRefusedError, TooManyFailuresError) as error:
        return _login(request, fields, error)
    await end_own_session(request)
    response = go_to(request, own_path(request, fields.get("next", "/")))
    set_cookie(request, response, session)
    return response


@router.post("/logout")
async def logout(request: Request) -> Response:
    """Ends the session, here and in the database, and at the provider that opened it."""
    check_form(request, await read_form(request))
    leads = await farewell(request)
    await end_own_session(request)
    response: Response = go_to(request, "/")
    if leads is not None:
        response = onward_page(request, leads, "openid.out")
    clear_cookie(request, response)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@router.get("/set-up")
async def set_up_page(request: Request, key: str = "") -> HTMLResponse:
    """The form behind a one-time link."""
    return await _set_up(request, key, {}, None)


@router.post("/set-up")
async def set_up(request: Request) -> Response:
    """Takes the password, or makes the first administrator; then one signs in."""
    check_same_origin(request)
    fields = await read_form(request)
    key, password = fields.get("key", ""), fields.get("password", "")
    if password != fields.get("again", ""):
        return await _set_up(request, key, fields, "account.differ")
    try:
        await accounts_of(request).run(
            lambda connection, now: accept(
                connection, key, fields.get("name", "").strip(), password, now
            )
        )
    except (AccountError, InvitationGoneError) as error:
        return await _set_up(request, key, fields, error)
    await end_own_session(request)
    response = go_to(request, "/login")
    clear_cookie(request, response)
    return response


@router.get("/account")
async def account(request: Request) -> Response:
    """Who one is here, the password, one's tokens."""
    return await _account(request)


@router.post("/account/password")
async def change_password(request: Request) -> Response:
    """Takes a new password from who knows the old one; all sessions end, this one begins anew."""
    name, fields = await _own_form(request)
    new = fields.get("password", "")
    if new != fields.get("again", ""):
        return await _account(request, HTTPStatus.BAD_REQUEST, wrong="account.differ")
    accounts = accounts_of(request)
    try:
        await accounts.check_password(name, fields.get("current", ""), client_address(request))

        def change(connection: Connection, now: datetime) -> str:
            set_password(connection, name, new)
            forgive(connection, name)
            return open_session(connection, name, now)

        session = await accounts.run(change)
    except SignInRefusedError:
        return await _account(request, HTTPStatus.BAD_REQUEST, wrong="account.current_wrong")
    except TooManyFailuresError as error:
        return await _account(request, HTTPStatus.TOO_MANY_REQUESTS, wrong=error)
    except AccountError as error:
        return await _account(request, HTTPStatus.BAD_REQUEST, wrong=error)
    response = go_to(request, "/account")
    set_cookie(request, response, session)
    return response


@router.post("/account/tokens")
async def new_token(request: Request) -> Response:
    """Makes a token and shows it, this once."""
    name, fields = await _own_form(request)
    try:
        new = _token_of(name, fields)
        token = await accounts_of(request).run(
            lambda connection, now: create_token(connection, new, now)
        )
    except (AccountError, InvalidScopeError) as error:
        return await _account(request, HTTPStatus.BAD_REQUEST, wrong=error)
    return await _account(request, token=token)


@router.post("/account/tokens/{number}/revoke")
async def revoke(request: Request, number: int) -> Response:
    """Makes one's own token worth nothing."""
    name, _ = await _own_form(request)
    try:
        await accounts_of(request).run(
            lambda connection, now: revoke_token(connection, number, now, user=name)
        )
    except AccountError as error:
        return await _account(request, HTTPStatus.BAD_REQUEST, wrong=error)
    return go_to(request, "/account")


async def _own_form(request: Request) -> tuple[str, Fields]:
    """Who signed in, and the form that a page of theirs sent."""
    name = check_session(request)
    fields = await read_form(request)
    check_form(request, fields)
    return name, fields


def _token_of(name: str, fields: Fields) -> NewToken:
    days, verb = fields.get("days", ""), fields.get("verb", "")
    if not (days.isascii() and days.isdigit() and len(days) < 5):
        raise AccountError(
            Text(
                f"有效天数 {days[:20]!r}：须为整数", f"days = {days[:20]!r}: must be a whole number"
            )
        )
    if verb not in VERBS:
        verbs = ", ".join(VERBS)
        raise AccountError(
            Text(
                f"权限 {verb[:20]!r}：须为 {verbs} 之一",
                f"verb = {verb[:20]!r}: must be one of {verbs}",
            )
        )
    layer = fields.get("layer", EVERY)
    scopes = parse_scopes(f"{layer}:{each}" for each in VERBS[verb])
    return NewToken(name, fields.get("title", ""), scopes, int(days))


def _login(request: Request, fields: Fields, error: Exception | None) -> HTMLResponse:
    status = HTTPStatus.OK if error is None else HTTPStatus.UNAUTHORIZED
    wait = error.wait_s if isinstance(error, TooManyFailuresError) else None
    if wait is not None:
        status = HTTPStatus.TOO_MANY_REQUESTS
    response = account_page(
        request,
        "login.html",
        status,
        given={name: fields.get(name, "") for name in ("name", "next")},
        refused=error is not None,
        wait=wait,
    )
    response.headers.update(HEADERS.get(status, {}))
    if wait is not None:
        response.headers["Retry-After"] = str(wait)
    return response


async def _set_up(
    request: Request, key: str, fields: Fields, wrong: str | Exception | None
) -> HTMLResponse:
    """The form again, or what became of the link."""
    try:
        user = await accounts_of(request).run(lambda connection, now: invited(connection, key, now))
    except InvitationGoneError:
        return account_page(request, "set_up.html", HTTPStatus.NOT_FOUND, gone=True)
    return account_page(
        request,
        "set_up.html",
        HTTPStatus.OK if wrong is None else HTTPStatus.BAD_REQUEST,
        gone=False,
        key=key,
        user=user,
        name=fields.get("name", ""),
        wrong=wrong,
        shortest=SHORTEST,
    )


async def _account(
    request: Request,
    status: HTTPStatus = HTTPStatus.OK,
    *,
    wrong: str | Exception | None = None,
    token: str | None = None,
) -> HTMLResponse:
    name = check_session(request)
    accounts = accounts_of(request)
    found = await accounts.run(
        lambda connection, _: {
            "tokens": list_tokens(connection, name),
            "identities": list_identities(connection, name),
            "has_password": has_password(connection, name),
        }
    )
    return account_page(
        request,
        "account.html",
        status,
        me=principal_of(request),
        **found,
        now=accounts.clock(),
        catalog=CATALOG,
        wrong=wrong,
        token=token,
        shortest=SHORTEST,
    )
