"""What a visitor may read of histories: what of the feature; staff also who and why."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from geodata.accounts.scope import Verb
from geodata.history.changes import Change
from geodata.history.read import read_history, staff_history
from layers.attribute import Role
from layers.layer import Layer
from service.accounts.principal import principal_of
from service.accounts.reader import reader_of
from service.state import service_of


def is_staff(request: Request) -> bool:
    """Whether the visitor may know who changed what: planners and above."""
    return principal_of(request).may(Role.PLANNER, verb=Verb.READ)


async def history_for(request: Request, layer: Layer, feature_id: str) -> tuple[Change, ...]:
    """Changes of a feature as the visitor may see them, oldest first.

    Raises:
        FeatureNotFoundError: no feature bears or ever bore that id.
    """
    reader = reader_of(request, layer)
    if is_staff(request):
        return await run_in_threadpool(staff_history, owner_url(request), layer, feature_id, reader)
    return await read_history(service_of(request).readings[reader].pool, layer, feature_id, reader)


def owner_url(request: Request) -> str:
    """Database URL of the schema's owner: the serving role knows neither actors nor imports."""
    url = service_of(request).settings.database_url
    if url is None:
        raise RuntimeError("a running service has a database")
    return url
