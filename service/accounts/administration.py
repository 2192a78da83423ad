"""`/admin/users`: who there is, what they may, and what went wrong at the door."""

from collections.abc import Callable, Mapping
from datetime import datetime
from http import HTTPStatus

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from geodata.accounts.errors import AccountError
from geodata.accounts.groups import (
    add_group,
    bind_group,
    join_group,
    leave_group,
    list_groups,
    remove_group,
)
from geodata.accounts.invitations import invite
from geodata.accounts.openid import link, list_identities, unlink
from geodata.accounts.tables import ROLES
from geodata.accounts.throttle import list_failures
from geodata.accounts.tokens import list_tokens, revoke_token
from geodata.accounts.users import add_user, disable, enable, list_users, set_role
from geodata.audit.actions import Action
from layers.attribute import Role
from layers.text import Text
from service.accounts.access import check_form, check_session
from service.accounts.forms import account_page, go_to
from service.accounts.registry import accounts_of
from service.audit.reading import keep_reading
from service.errors import UnknownPathError
from service.review.form import Fields, read_form
from service.state import service_of

PATH = "/admin/users"

Act = Callable[[Connection, Fields, datetime], str | None]
"""Takes a form; gives the secret of a link, where one is made."""

router = APIRouter(include_in_schema=False)


def _add(connection: Connection, fields: Fields, now: datetime) -> str | None:
    name = fields.get("name", "").strip()
    add_user(connection, name, fields.get("role", ""), password=None, now=now)
    return invite(connection, name, now)


def _role(connection: Connection, fields: Fields, _: datetime) -> str | None:
    set_role(connection, fields.get("name", ""), fields.get("role", ""))
    return None


def _disable(connection: Connection, fields: Fields, now: datetime) -> str | None:
    disable(connection, fields.get("name", ""), now)
    return None


def _enable(connection: Connection, fields: Fields, _: datetime) -> str | None:
    enable(connection, fields.get("name", ""))
    return None


def _invite(connection: Connection, fields: Fields, now: datetime) -> str | None:
    return invite(connection, fields.get("name", ""), now)


def _add_group(connection: Connection, fields: Fields, now: datetime) -> str | None:
    add_group(connection, fields.get("group", "").strip(), _areas(fields), now=now)
    return None


def _bind(connection: Connection, fields: Fields, _: datetime) -> str | None:
    bind_group(connection, fields.get("group", ""), _areas(fields))
    return None


def _remove_group(connection: Connection, fields: Fields, _: datetime) -> str | None:
    remove_group(connection, fields.get("group", ""))
    return None


def _join(connection: Connection, fields: Fields, _: datetime) -> str | None:
    join_group(connection, fields.get("name", ""), fields.get("group", ""))
    return None


def _leave(connection: Connection, fields: Fields, _: datetime) -> str | None:
    leave_group(connection, fields.get("name", ""), fields.get("group", ""))
    return None


def _revoke(connection: Connection, fields: Fields, now: datetime) -> str | None:
    number = fields.get("number", "")
    if not (number.isascii() and number.isdigit() and len(number) < 20):
        raise AccountError(
            Text(
                f"编号 {number[:20]!r}：须为整数",
                f"number = {number[:20]!r}: must be a whole number",
            )
        )
    revoke_token(connection, int(number), now)
    return None


def _link(connection: Connection, fields: Fields, now: datetime) -> None:
    link(connection, *_identity(fields), now)


def _unlink(connection: Connection, fields: Fields, _: datetime) -> None:
    unlink(connection, *_identity(fields))


def _identity(fields: Fields) -> tuple[str, str, str]:
    """User, issuer, subject."""
    return fields.get("name", ""), fields.get("issuer", ""), fields.get("subject", "").strip()


ACTS: Mapping[str, Act] = {
    "add": _add,
    "role": _role,
    "disable": _disable,
    "enable": _enable,
    "invite": _invite,
    "add-group": _add_group,
    "remove-group": _remove_group,
    "areas": _bind,
    "join": _join,
    "leave": _leave,
    "revoke": _revoke,
    "link": _link,
    "unlink": _unlink,
}
"""What the forms of the page do, by the last part of their address."""


@router.get(PATH)
async def users(request: Request) -> Response:
    """The page."""
    check_session(request, Role.ADMIN)
    await keep_reading(request, Action.READ_ACCOUNTS)
    return await _page(request)


@router.post(PATH + "/{act}")
async def change(request: Request, act: str) -> Response:
    """Takes one of the page's forms."""
    check_session(request, Role.ADMIN)
    fields = await read_form(request)
    check_form(request, fields)
    if act not in ACTS:
        raise UnknownPathError(f"{PATH}/{act[:40]}: there are {', '.join(ACTS)}")
    try:
        secret = await accounts_of(request).run(
            lambda connection, now: ACTS[act](connection, fields, now)
        )
    except AccountError as error:
        return await _page(request, HTTPStatus.BAD_REQUEST, wrong=error)
    if secret is None:
        return go_to(request, PATH)
    link = str(request.base_url).rstrip("/") + f"/set-up?key={secret}"
    return await _page(request, invited=fields.get("name", ""), link=link)


def _areas(fields: Fields) -> list[str]:
    """Ids between spaces or commas."""
    return fields.get("areas", "").replace(",", " ").replace("，", " ").split()


async def _page(
    request: Request,
    status: HTTPStatus = HTTPStatus.OK,
    *,
    wrong: Exception | None = None,
    invited: str = "",
    link: str | None = None,
) -> HTMLResponse:
    accounts = accounts_of(request)
    found = await accounts.run(
        lambda connection, _: {
            "users": list_users(connection),
            "groups": list_groups(connection),
            "tokens": list_tokens(connection),
            "failures": list_failures(connection),
            "identities": list_identities(connection),
        }
    )
    return account_page(
        request,
        "admin_users.html",
        status,
        **found,
        roles=ROLES,
        issuer=service_of(request).settings.openid_issuer,
        now=accounts.clock(),
        wrong=wrong,
        invited=invited,
        link=link,
    )
