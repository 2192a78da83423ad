"""What a visitor may read of histories: what of the feature; staff also who and why."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from geodata.accounts.scope import Verb
from geodata.audit.actions import Action
from geodata.database.representation import readable
from geodata.history.changes import Change
from geodata.history.read import read_history
from layers.attribute import Role
from layers.layer import Layer
from service.accounts.principal import principal_of
from service.audit.reading import hidden, keep_reading
from service.state import service_of


def is_staff(request: Request) -> bool:
    """Whether the visitor may know who changed what: planners and above."""
    return principal_of(request).may(Role.PLANNER, verb=Verb.READ)


async def history_for(request: Request, layer: Layer, feature_id: str) -> tuple[Change, ...]:
    """Changes of a feature as the visitor may see them, oldest first.

    Raises:
        FeatureNotFoundError: no feature bears or ever bore that id.
    """
    role, with_who = principal_of(request).role_for(layer.id), is_staff(request)
    pool = service_of(request).readings[role].pool
    found = await read_history(pool, layer, feature_id, role, with_who=with_who)
    if names := [*sorted(hidden(layer, role)), *(["recorded_by"] if with_who else [])]:
        await keep_reading(
            request,
            Action.READ_HISTORY,
            layer=layer.id,
            features=(feature_id,),
            number=len(found),
            attributes=names,
        )
    return found


def told_options(request: Request, layer: Layer, options: Mapping[str, Any]) -> dict[str, Any]:
    """How a file was read, without attributes of the layer that the visitor may not read."""
    hidden = {each.name for each in layer.all_attributes}
    hidden -= set(readable(layer, principal_of(request).role_for(layer.id)))
    told = dict(options)
    if "constants" in told:
        told["constants"] = {k: v for k, v in told["constants"].items() if k not in hidden}
    if "mapping" in told:
        told["mapping"] = {k: v for k, v in told["mapping"].items() if v not in hidden}
    return {name: value for name, value in told.items() if value}


def owner_url(request: Request) -> str:
    """Database URL of the schema's owner: no serving role knows imports."""
    url = service_of(request).settings.database_url
    if url is None:
        raise RuntimeError("a running service has a database")
    return url
