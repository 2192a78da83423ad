"""API reference and problem types, for people."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse

from service.errors import INTERNAL, PROBLEMS, UnknownPathError
from service.web.shell import page

EXPLAINED = (*PROBLEMS.values(), INTERNAL)

router = APIRouter(include_in_schema=False)


@router.get("/docs")
async def api_reference(request: Request) -> HTMLResponse:
    """Every operation of the API, from its own definition, and every problem type."""
    return page(
        request,
        "reference.html",
        definition=request.app.openapi(),
        problems=EXPLAINED,
    )


@router.get("/problems/{name}")
async def problem_type(request: Request, name: str) -> RedirectResponse:
    """Where the `type` of a problem document leads."""
    if all(problem.name != name for problem in EXPLAINED):
        raise UnknownPathError(f"no problem is named {name!r}; /docs lists those there are")
    return RedirectResponse(f"{request.scope['root_path']}/docs#{name}")
