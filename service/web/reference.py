"""API reference and problem types, for people."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse

from service.errors import INTERNAL, PROBLEMS
from service.web.shell import page

router = APIRouter(include_in_schema=False)


@router.get("/docs")
async def api_reference(request: Request) -> HTMLResponse:
    """Every operation of the API, from its own definition, and every problem type."""
    return page(
        request,
        "reference.html",
        definition=request.app.openapi(),
        problems=(*PROBLEMS.values(), INTERNAL),
    )


@router.get("/problems/{name}")
async def problem_type(name: str) -> RedirectResponse:
    """Where the `type` of a problem document leads."""
    return RedirectResponse(f"/docs#{name}")
