"""As whom a layer is read: no right is used that the answer does not need."""

from starlette.requests import Request

from geodata.database.representation import least_reader
from layers.attribute import Role
from layers.layer import Layer
from service.accounts.principal import PUBLIC, principal_of


def reader_of(request: Request, layer: Layer) -> Role:
    """The least role that reads of a layer what whoever asks may read.

    It decides which names there are, which login of the database answers, and which answers of
    others may be shared.
    """
    principal = principal_of(request)
    if principal is PUBLIC:
        return Role.PUBLIC
    known = principal.readers.get(layer.id)
    if known is None:
        known = least_reader(layer, principal.role_for(layer.id))
        principal.readers[layer.id] = known
    return known
