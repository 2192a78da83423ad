"""`/import`: send a file, see what it was taken for and what is wrong with it, then load it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request as HttpRequest
from starlette.responses import FileResponse, HTMLResponse, Response

from geodata.audit.actions import Action
from geodata.ingest.modes import Mode
from geodata.ingest.request import ReadOptions, Request
from layers.attribute import Role
from layers.catalog import CATALOG
from service.accounts.access import check_writer, needs
from service.accounts.principal import principal_of
from service.audit.reading import keep_reading
from service.body import read_json_object
from service.errors import InvalidBodyError, UnknownPathError
from service.imports.uploads import MOST_BYTES, Upload, Uploads
from service.imports.workers import REPORT, Job, Signature, Workers
from service.state import ServiceDep
from service.web.assets import asset_url
from service.web.shell import page

JSON = "application/json"
LONGEST_TEXT = 500

KINDS: Mapping[str, type] = {
    "layer": str,
    "crs": str,
    "sheet": str,
    "layer_name": str,
    "encoding": str,
    "delimiter": str,
    "header_row": int,
    "mode": str,
    "mapping": dict,
    "constants": dict,
    "swap": bool,
    "close_rings": bool,
}
"""Members of an order, all but `layer` optional."""

SIGNED: Mapping[str, type] = {"reason": str, "accept_valid": bool}

MODES: Mapping[Mode, str] = {
    Mode.APPEND: "load.mode_append",
    Mode.UPDATE: "load.mode_update",
    Mode.REPLACE: "load.mode_replace",
}
"""Keys of the words for them."""


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Files and process go with the service."""
    yield
    desk: Desk | None = getattr(app.state, "import_desk", None)
    if desk is not None:
        desk.workers.close()
        desk.uploads.close()


router = APIRouter(
    include_in_schema=False,
    dependencies=[Depends(needs(Role.LAND_OFFICER))],
    lifespan=_lifespan,
)


class Desk:
    """Files that were sent, and the process that works on them."""

    def __init__(self) -> None:
        self.uploads = Uploads()
        self.workers = Workers()


def desk_of(request: HttpRequest) -> Desk:
    """The desk of this service, set up when it is first needed."""
    state = request.app.state
    if not hasattr(state, "import_desk"):
        state.import_desk = Desk()
    desk: Desk = state.import_desk
    return desk


DeskDep = Annotated[Desk, Depends(desk_of)]


@router.get("/import")
async def import_page(request: HttpRequest) -> HTMLResponse:
    """The page."""
    return page(
        request,
        "import.html",
        catalog=[layer for layer in CATALOG if principal_of(request).may_write(layer)],
        modes=MODES,
        leaflet=asset_url("leaflet", "dist/leaflet.js"),
        leaflet_style=asset_url("leaflet", "dist/leaflet.css"),
        most_megabytes=MOST_BYTES >> 20,
    )


@router.post("/import/files")
async def receive(request: HttpRequest, desk: DeskDep, name: str = "") -> dict[str, str]:
    """Keep the body as a file; it is not looked at yet."""
    upload = await desk.uploads.receive(request, name)
    return {"id": upload.number, "name": upload.name}


@router.post("/import/files/{number}/check")
async def check(request: HttpRequest, service: ServiceDep, desk: DeskDep, number: str) -> Response:
    """Read and check; nothing is written."""
    order = _members(await read_json_object(request), KINDS)
    job = _job(service, desk.uploads.find(number), order)
    check_writer(request, job.request.layer)
    job = replace(job, areas=principal_of(request).areas)
    wanted = job.request
    await keep_reading(
        request, Action.IMPORT_CHECKED, layer=wanted.layer.id, file=wanted.file, mode=wanted.mode
    )
    return Response(await run_in_threadpool(desk.workers.check, job), media_type=JSON)


@router.post("/import/files/{number}/load")
async def load(request: HttpRequest, service: ServiceDep, desk: DeskDep, number: str) -> Response:
    """Check once more, then load, all in one transaction."""
    order = _members(await read_json_object(request), {**KINDS, **SIGNED})
    job = _job(service, desk.uploads.find(number), order)
    check_writer(request, job.request.layer)
    principal = principal_of(request)
    signature = Signature(
        actor=principal.account or "",
        reason=_needed(order, "reason"),
        accept_valid=order.get("accept_valid", False),
        role=principal.role,
        areas=principal.areas,
    )
    answer = await run_in_threadpool(desk.workers.load, job, signature)
    return Response(answer, media_type=JSON)


@router.get("/import/files/{number}/{name}")
async def report(desk: DeskDep, number: str, name: str) -> FileResponse:
    """A file of the report, for saving."""
    folder = desk.uploads.find(number).work / REPORT
    names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    if name not in names:
        raise UnknownPathError(f"{name[:80]}: no file of the report; there are {', '.join(names)}")
    return FileResponse(folder / name, filename=name, headers={"Cache-Control": "no-store"})


def _job(service: ServiceDep, upload: Upload, order: Mapping[str, Any]) -> Job:
    settings = service.settings
    request = Request(
        layer=CATALOG.get(_needed(order, "layer")),
        path=upload.path,
        file=upload.name,
        read=ReadOptions(
            layer_name=order.get("layer_name") or None,
            sheet=order.get("sheet") or None,
            encoding=order.get("encoding") or None,
            delimiter=order.get("delimiter") or None,
            header_row=order.get("header_row") or None,
        ),
        mapping=_texts(order, "mapping"),
        constants=_texts(order, "constants"),
        crs=order.get("crs") or None,
        mode=_mode(order.get("mode", Mode.APPEND)),
        swap=order.get("swap", False),
        close_rings=order.get("close_rings", False),
    )
    gazetteer = Path(settings.gazetteer) if settings.gazetteer else None
    url = settings.database_url or ""
    return Job(url=url, request=request, folder=upload.work, gazetteer=gazetteer)


def _members(document: Mapping[str, object], kinds: Mapping[str, type]) -> dict[str, Any]:
    """Known members of the right kinds.

    Raises:
        InvalidBodyError: names the member and what is allowed.
    """
    for name, value in document.items():
        if name not in kinds:
            raise InvalidBodyError(f"no member {name[:80]!r}; there are {', '.join(kinds)}")
        kind = kinds[name]
        if type(value) is not kind:
            raise InvalidBodyError(f"{name} = {value!r:.80}: must be {kind.__name__}")
    return dict(document)


def _needed(order: Mapping[str, Any], name: str) -> str:
    text = str(order.get(name, "")).strip()
    if not 0 < len(text) <= LONGEST_TEXT:
        raise InvalidBodyError(f"{name}: must be text of 1 to {LONGEST_TEXT} characters")
    return text


def _texts(order: Mapping[str, Any], name: str) -> dict[str, str]:
    given = order.get(name, {})
    for key, value in given.items():
        if not isinstance(value, str):
            raise InvalidBodyError(f"{name}, {key[:80]!r}: must be text")
    return dict(given)


def _mode(text: str) -> Mode:
    if text not in set(Mode):
        raise InvalidBodyError(f"mode = {text[:80]!r}: must be one of {', '.join(Mode)}")
    return Mode(text)
