"""`/address`: a form that finds the places an address may mean; it needs no script."""

import math
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import HTMLResponse

from geodata.geocoding.candidate import Candidate
from geodata.geocoding.geocode import LONGEST_ADDRESS, Answer
from geodata.geocoding.part import TITLES
from layers.text import Text
from service.geocoding.document import NOTHING_KNOWN, OUTSIDE
from service.geocoding.places import PlacesDep, answer_to
from service.geocoding.routes import DEFAULT_CANDIDATES
from service.review.words import ISSUES, LEVELS
from service.web.language import language_of
from service.web.shell import page

NO_STORE = {"Cache-Control": "no-store"}
"""Of a page that shows what somebody looked for."""

ACCURACY_PX = 150
"""Of a candidate's radius on the map that is opened at it."""

WORLD_M_PER_PX = 156_543 * math.cos(math.radians(40))
"""Metres to a pixel of a web map at zoom 0, in Beijing."""

FARTHEST_ZOOM, NEAREST_ZOOM = 9, 17

router = APIRouter(include_in_schema=False)


@router.get("/address")
async def address_page(
    request: Request, places: PlacesDep, address: Annotated[str, Query()] = ""
) -> HTMLResponse:
    """The form, and below it the candidates of the address given."""
    given = address.strip()
    too_long = len(given) > LONGEST_ADDRESS
    answer = await answer_to(places, given) if given and not too_long else None
    response = page(
        request,
        "address.html",
        given=given[:LONGEST_ADDRESS],
        longest=LONGEST_ADDRESS,
        too_long=too_long,
        answer=answer,
        candidates=answer.candidates[:DEFAULT_CANDIDATES] if answer else (),
        reason=answer and language_of(request).of(_reason(answer)),
        titles=TITLES,
        levels=LEVELS,
        issues=ISSUES,
        view=map_view,
    )
    response.status_code = HTTPStatus.BAD_REQUEST if too_long else HTTPStatus.OK
    response.headers.update(NO_STORE)
    return response


def map_view(candidate: Candidate) -> str:
    """The part of the map's address that shows a candidate with its accuracy."""
    metres_per_px = candidate.accuracy_m / ACCURACY_PX
    zoom = round(math.log2(WORLD_M_PER_PX / metres_per_px))
    zoom = min(max(zoom, FARTHEST_ZOOM), NEAREST_ZOOM)
    at = f"{candidate.lat:.5f}/{candidate.lon:.5f}"
    return f"view={zoom}/{at}&spot={at}/{candidate.accuracy_m:.0f}"


def _reason(answer: Answer) -> Text:
    """Why there is no candidate."""
    return OUTSIDE if answer.address.elsewhere else NOTHING_KNOWN
