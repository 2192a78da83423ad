"""Health of the service, for supervisors and load balancers."""

from fastapi import APIRouter
from sqlalchemy import literal, select

from geodata.database.statement import compile_statement
from service.state import ServiceDep

PING = compile_statement(select(literal(1).label("one")))

router = APIRouter(tags=["Health"])


@router.get("/healthz", summary="The process answers")
async def healthz() -> dict[str, str]:
    """The process is alive; says nothing of the database."""
    return {"status": "ok"}


@router.get("/readyz", summary="Requests can be served")
async def readyz(service: ServiceDep) -> dict[str, str]:
    """The database answers; otherwise 503."""
    await service.pool.fetchrow(PING)
    return {"status": "ready"}
