"""`/history` and `/imports`: pages of what became of features, and of imports and their undoing."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from markupsafe import Markup
from sqlalchemy import Row
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from geodata.audit.actions import Action
from geodata.database.author import WriteRefusedError
from geodata.database.engine import open_engine
from geodata.errors import OutsideAreasError
from geodata.history.changes import GeometryChange
from geodata.history.read import imports_page, read_import
from geodata.ingest.batch import Loaded
from geodata.ingest.exclusive import RowsRefusedError
from geodata.ingest.undo import Undoing, undo
from layers.attribute import Attribute, Role
from layers.catalog import CATALOG
from service.accounts.access import check_writer, needs
from service.accounts.principal import principal_of
from service.audit.reading import keep_reading
from service.history.reader import history_for, is_staff, owner_url, told_options
from service.history.words import KINDS, MODES
from service.review.form import read_form
from service.web.language import Language, language_of, translate
from service.web.shell import page
from service.web.sketch import sketch

LONGEST = 500
"""Characters of a reason."""

NO_STORE = {"Cache-Control": "no-store"}
"""Of pages that name people."""

router = APIRouter(include_in_schema=False)

Reader, Writer = Depends(needs(Role.PLANNER)), Depends(needs(Role.LAND_OFFICER))


@router.get("/history/{layer}/{id}")
async def history_page(request: Request, layer: str, id: str) -> HTMLResponse:
    """Who changed what of a feature when and why, newest first."""
    found = CATALOG.get(layer)
    changes = await history_for(request, found, id)
    return _page(
        request,
        "history.html",
        layer=found,
        feature_id=id,
        is_present=changes[-1].kind != "removed",
        changes=list(reversed(changes)),
        with_who=is_staff(request),
        kinds=KINDS,
        shown=lambda name, value: _shown(found.attribute(name), value, language_of(request)),
        picture=_picture,
    )


@router.get("/imports", dependencies=[Reader])
async def imports(
    request: Request, before: Annotated[int | None, Query(ge=1, le=2**62)] = None
) -> HTMLResponse:
    """The imports, newest first."""
    found = await run_in_threadpool(imports_page, owner_url(request), before)
    await keep_reading(request, Action.READ_IMPORTS, number=len(found.imports))
    return _page(request, "imports.html", found=found, catalog=CATALOG, modes=MODES)


@router.get("/imports/{number}", dependencies=[Reader])
async def one_import(request: Request, number: int) -> HTMLResponse:
    """An import: its file, what it did, and a form to take it back."""
    entry = await run_in_threadpool(read_import, owner_url(request), number)
    await keep_reading(request, Action.READ_IMPORTS, layer=entry.layer, number=1)
    return _import_page(request, entry, {}, None)


@router.post("/imports/{number}/undo", dependencies=[Writer])
async def undo_page(request: Request, number: int) -> Response:
    """Takes an import back, and shows the import that did it."""
    fields = await read_form(request)
    entry = await run_in_threadpool(read_import, owner_url(request), number)
    check_writer(request, CATALOG.get(entry.layer))
    principal, reason = principal_of(request), fields.get("reason", "").strip()
    if wrong := _wrong(reason, language_of(request)):
        return _import_page(request, entry, fields, wrong, HTTPStatus.BAD_REQUEST)
    undoing = Undoing(
        principal.account or "",
        reason,
        keep_changed="keep_changed" in fields,
        role=principal.role,
        areas=principal.areas,
    )
    try:
        done = await run_in_threadpool(_undo, owner_url(request), number, undoing)
    except RowsRefusedError as error:
        return _import_page(request, entry, fields, str(error), HTTPStatus.CONFLICT)
    except (OutsideAreasError, WriteRefusedError) as error:
        return _import_page(request, entry, fields, str(error), HTTPStatus.FORBIDDEN)
    address = f"{request.scope['root_path']}/imports/{done.import_id}"
    return RedirectResponse(address, HTTPStatus.SEE_OTHER)


def _undo(url: str, number: int, undoing: Undoing) -> Loaded:
    engine = open_engine(url)
    try:
        return undo(engine, number, undoing)
    finally:
        engine.dispose()


def _wrong(reason: str, language: Language) -> str | None:
    if not 0 < len(reason) <= LONGEST:
        return translate("imports.wrong_reason", language)
    return None


def _import_page(
    request: Request,
    entry: Row[Any],
    fields: Any,
    error: str | None,
    status: HTTPStatus = HTTPStatus.OK,
) -> HTMLResponse:
    given = {name: fields.get(name, "") for name in ("reason", "keep_changed")}
    layer = CATALOG.get(entry.layer)
    options = told_options(request, layer, entry.options)
    context = {"layer": layer, "options": options, "given": given, "error": error}
    return _page(request, "import_record.html", status, entry=entry, modes=MODES, **context)


def _page(
    request: Request, template: str, status: HTTPStatus = HTTPStatus.OK, **context: Any
) -> HTMLResponse:
    response = page(request, template, **context)
    response.status_code = status
    response.headers.update(NO_STORE)
    return response


def _shown(attribute: Attribute, value: object, language: Language) -> str:
    """A value as people read it: codes with their labels."""
    if value is None:
        return translate("history.none", language)
    if isinstance(value, bool):
        return translate("history.yes" if value else "history.no", language)
    if attribute.codes is not None and value in attribute.codes.codes:
        return f"{language.of(attribute.codes.label(str(value)))} ({value})"
    return f"{value} {attribute.unit}" if attribute.unit else str(value)


def _picture(change: GeometryChange) -> Markup | None:
    """Before and after in one frame."""
    return sketch([change.old, change.new], ["old", "new"])
