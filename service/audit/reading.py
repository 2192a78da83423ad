"""Readings of what is not public: each is in the audit before it is answered."""

from collections.abc import Collection
from urllib.parse import parse_qsl

from starlette.requests import Request

from geodata.audit.actions import Action
from geodata.audit.event import Event
from geodata.database.representation import public_names, readable
from layers.attribute import Role
from layers.layer import Layer
from service.accounts.principal import principal_of
from service.audit.asking import asker_of
from service.audit.keeping import audit_of

MASK = "…"
LONGEST_QUERY = 1_000


async def keep_reading(
    request: Request,
    action: Action,
    *,
    layer: str | None = None,
    features: tuple[str, ...] = (),
    number: int | None = None,
    **detail: object,
) -> None:
    """Tell the audit of a reading, before it is answered.

    Raises:
        AuditUnavailableError: it takes nothing: the reading must not be answered.
    """
    told = {name: value for name, value in detail.items() if value}
    event = Event(
        action=action,
        who=asker_of(request.scope),
        layer=layer,
        features=features,
        number=number,
        detail={"path": request.scope["path"], "by": _shown_by(request), **told},
    )
    await audit_of(request).journal.keep(event)


async def keep_features(
    request: Request,
    layer: Layer,
    reader: Role,
    names: Collection[str] | None,
    *,
    features: tuple[str, ...] = (),
    number: int | None = None,
) -> None:
    """Tell of features that are read as a role; of what everyone may read nothing is told.

    Args:
        reader: role that the answer needs.
        names: attributes in the answer; None: those that everyone may read.
    """
    if reader is Role.PUBLIC:
        return
    await keep_reading(
        request,
        Action.READ,
        layer=layer.id,
        features=features,
        number=number,
        attributes=sorted(hidden(layer, reader).intersection(names or ())),
        query=shown_query(request.scope["query_string"], hidden(layer, reader)),
    )


async def keep_export(
    request: Request, layer: Layer, reader: Role, names: Collection[str] | None, format: str
) -> None:
    """Tell of a file of features that somebody known takes; the public's are nobody's business."""
    if principal_of(request).account is None:
        return
    await keep_reading(
        request,
        Action.EXPORT,
        layer=layer.id,
        format=format,
        attributes=sorted(hidden(layer, reader).intersection(names or ())),
        query=shown_query(request.scope["query_string"], hidden(layer, reader)),
    )


def hidden(layer: Layer, reader: Role) -> frozenset[str]:
    """Attributes that a role may read and not everyone."""
    return frozenset(readable(layer, reader)).difference(public_names(layer))


def shown_query(query: bytes, names: Collection[str]) -> str:
    """A query without the values of attributes that are not public.

    A key of a page holds values that the order is by. A filter that names such an attribute, or
    may by an escape, is left out whole.
    """
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    shown = [(name, _masked(name, value, names)) for name, value in pairs]
    return "&".join(f"{name}={value}" for name, value in shown)[:LONGEST_QUERY]


def _masked(name: str, value: str, names: Collection[str]) -> str:
    secret = name in names or name == "after"
    if name == "filter":
        secret = "\\" in value or any(each in value for each in names)
    return MASK if secret else value


def _shown_by(request: Request) -> str:
    return "session" if principal_of(request).scopes is None else "token"
