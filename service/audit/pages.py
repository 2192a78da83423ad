"""`/admin/audit`: the audit, searched by administrators and taken away as a file."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from sqlalchemy import Engine, Row
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, StreamingResponse

from geodata.accounts.scope import EVERY, Verb
from geodata.audit.actions import ACTIONS, OUTCOMES, Action
from geodata.audit.rows import csv_pieces, json_pieces
from geodata.audit.search import Search, search_all, search_page
from layers.attribute import Role
from layers.catalog import CATALOG
from service.accounts.access import check_role
from service.accounts.forms import NO_STORE, account_page
from service.audit.keeping import audit_lifespan, audit_of
from service.audit.query import BEFORE, SEARCHED, given_of, search_of
from service.audit.reading import keep_reading
from service.audit.words import DETAILS
from service.parameters import BEIJING

PATH = "/admin/audit"

Pieces = Callable[[Iterable[Row[Any]]], Iterator[bytes]]

FILES: Mapping[str, tuple[str, Pieces]] = {
    "csv": ("text/csv; charset=utf-8", csv_pieces),
    "json": ("application/json", json_pieces),
}
"""Formats of a search as a file: media type, and what writes it."""

router = APIRouter(include_in_schema=False, lifespan=audit_lifespan)


@router.get(PATH)
async def audit_page(request: Request) -> HTMLResponse:
    """The page: a form, what it finds, and links to all of it as files."""
    _check(request)
    search = search_of(request, (*SEARCHED, BEFORE))
    audit = audit_of(request)
    given = given_of(request)
    await keep_reading(request, Action.READ_AUDIT, search=given)
    found = await run_in_threadpool(search_page, audit.reader, search)
    return account_page(
        request,
        "admin_audit.html",
        found=found,
        given=given,
        actions=ACTIONS,
        outcomes=OUTCOMES,
        details=DETAILS,
        layers={layer.id: layer.title for layer in CATALOG},
        days=audit.days,
        files=tuple(FILES),
        local=lambda moment: moment.astimezone(BEIJING),
        address=lambda **more: _address(request, {**given, **more}),
        file_address=lambda name: _address(request, given, f"/events.{name}"),
    )


@router.get(PATH + "/events.csv")
async def csv_file(request: Request) -> StreamingResponse:
    """All that a search finds, as CSV."""
    return await _file(request, "csv")


@router.get(PATH + "/events.json")
async def json_file(request: Request) -> StreamingResponse:
    """All that a search finds, as JSON."""
    return await _file(request, "json")


async def _file(request: Request, name: str) -> StreamingResponse:
    _check(request)
    search = search_of(request, SEARCHED)
    await keep_reading(request, Action.EXPORT_AUDIT, format=name, search=given_of(request))
    media_type, pieces = FILES[name]
    day = datetime.now(UTC).strftime("%Y%m%d")
    disposition = f'attachment; filename="audit-{day}.{name}"'
    return StreamingResponse(
        _streamed(audit_of(request).reader, search, pieces),
        media_type=media_type,
        headers={**NO_STORE, "Content-Disposition": disposition},
    )


def _streamed(engine: Engine, search: Search, pieces: Pieces) -> Iterator[bytes]:
    with engine.connect() as connection:
        yield from pieces(search_all(connection, search))


def _check(request: Request) -> None:
    """People who signed in, and programs with a token that reads everything."""
    check_role(request, Role.ADMIN, EVERY, Verb.READ)


def _address(request: Request, query: Mapping[str, object], end: str = "") -> str:
    path = request.scope["root_path"] + PATH + end
    return f"{path}?{urlencode(query)}" if query else path
