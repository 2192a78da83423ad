"""`/review`: the addresses that wait, each on a page with map, candidates and form."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Depends, FastAPI, Path, Query
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from geodata.audit.actions import Action
from geodata.database.engine import open_engine
from geodata.geocoding.gazetteer import Gazetteer
from geodata.geocoding.review import (
    DecidedMeanwhileError,
    InvalidDecisionError,
    Item,
    Queue,
)
from layers.attribute import Role
from service.accounts.access import check_unbound, needs
from service.accounts.principal import principal_of
from service.audit.reading import keep_reading
from service.geocoding.places import Places
from service.maps.parts import MapName, map_parts
from service.parameters import BEIJING
from service.review.form import FIELDS, NONE, POINT, Fields, read_decision, read_form, read_seen
from service.review.landmarks import landmarks
from service.review.words import ISSUES, LEVELS, STATES, WRONG, provider_name
from service.web.files import IMMUTABLE, REVALIDATE
from service.web.language import Language, language_of
from service.web.shell import page

PAGE_SIZE = 50

LAST = 2**63 - 1
"""Of the numbers that the database gives out."""

Number = Annotated[int, Path(ge=1, le=LAST)]

NO_STORE = {"Cache-Control": "no-store"}
"""Of pages that show addresses."""


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Decisions are written by the owner of the schema; the serving role has no part in them."""
    engine = open_engine(app.state.service.settings.database_url)
    app.state.review = Queue(engine)
    yield
    engine.dispose()


router = APIRouter(include_in_schema=False, lifespan=_lifespan)


def queue_of(request: Request) -> Queue:
    """The review queue of the running service."""
    queue: Queue = request.app.state.review
    return queue


QueueDep = Annotated[Queue, Depends(queue_of)]
Reviewer = Depends(needs(Role.PLANNER))


@router.get("/review", dependencies=[Reviewer])
async def waiting(
    request: Request, queue: QueueDep, after: Annotated[int, Query(ge=0, le=LAST)] = 0
) -> HTMLResponse:
    """The addresses that wait."""
    items = await to_thread.run_sync(lambda: queue.waiting(after=after, limit=PAGE_SIZE + 1))
    more = items[PAGE_SIZE - 1].id if len(items) > PAGE_SIZE else None
    count = await to_thread.run_sync(queue.count)
    await keep_reading(request, Action.READ_REVIEW, number=len(items[:PAGE_SIZE]))
    return _page(request, "review.html", items=items[:PAGE_SIZE], count=count, more=more)


@router.get("/review/map/{language}.js")
async def map_script(language: Language, version: str = "") -> Response:
    """The script, made by Folium, that builds the map; it holds nothing under review."""
    parts = await map_parts(MapName.REVIEW, language)
    cache_rule = IMMUTABLE if version == parts.version else REVALIDATE
    return Response(
        parts.script,
        media_type="text/javascript",
        headers={"Cache-Control": cache_rule},
    )


@router.get("/review/{number}", dependencies=[Reviewer])
async def address(request: Request, queue: QueueDep, number: Number) -> HTMLResponse:
    """An address with its candidates."""
    item = await to_thread.run_sync(queue.get, number)
    await keep_reading(request, Action.READ_REVIEW, number=1, review=number)
    return await _item_page(request, item, {}, None)


@router.post("/review/{number}", dependencies=[Reviewer])
async def decide(request: Request, queue: QueueDep, number: Number) -> Response:
    """Takes a decision and goes on to the next address that waits.

    It counts wherever the address is used, so members of offices take none.
    """
    check_unbound(request)
    fields, by = await read_form(request), principal_of(request).account or ""
    item = await to_thread.run_sync(queue.get, number)
    try:
        decision, seen = read_decision(fields, item, by), read_seen(fields)
        await to_thread.run_sync(lambda: queue.decide(number, decision, seen=seen))
    except InvalidDecisionError as error:
        return await _item_page(request, item, fields, error, HTTPStatus.BAD_REQUEST)
    except DecidedMeanwhileError as error:
        item = await to_thread.run_sync(queue.get, number)
        return await _item_page(request, item, fields, error, HTTPStatus.CONFLICT)
    rest = await to_thread.run_sync(lambda: queue.waiting(after=number, limit=1))
    onward = f"{request.scope['root_path']}/review" + (f"/{rest[0].id}" if rest else "")
    return RedirectResponse(onward, HTTPStatus.SEE_OTHER)


async def _item_page(
    request: Request,
    item: Item,
    fields: Fields,
    error: Exception | None,
    status: HTTPStatus = HTTPStatus.OK,
) -> HTMLResponse:
    """The page of an address; after a refusal with what was entered and why it was refused."""
    given = dict.fromkeys(FIELDS, "") | dict(fields)
    return _page(
        request,
        "review_address.html",
        status,
        item=item,
        given=given,
        wrong=error.field_name if isinstance(error, InvalidDecisionError) else None,
        late=isinstance(error, DecidedMeanwhileError),
        wrongs=WRONG,
        point=POINT,
        nowhere=NONE,
        parts=await map_parts(MapName.REVIEW, language_of(request)),
        landmarks=landmarks(_gazetteer(request), item.candidates),
        candidates=[_on_map(number, item) for number in range(len(item.candidates))],
    )


def _gazetteer(request: Request) -> Gazetteer:
    places: Places = request.app.state.places
    return places.geocoder.gazetteer


def _on_map(number: int, item: Item) -> dict[str, Any]:
    candidate = item.candidates[number]
    return {
        "lon": candidate.lon,
        "lat": candidate.lat,
        "accuracy_m": candidate.accuracy_m,
        "level": candidate.level,
    }


def _page(
    request: Request, template: str, status: HTTPStatus = HTTPStatus.OK, **context: Any
) -> HTMLResponse:
    words = {
        "levels": LEVELS,
        "issues": ISSUES,
        "states": STATES,
        "local": lambda moment: moment.astimezone(BEIJING),
        "root": request.scope["root_path"],
        "provider": lambda candidate: provider_name(candidate, language_of(request)),
    }
    response = page(request, template, **words, **context)
    response.status_code = status
    response.headers.update(NO_STORE)
    return response
