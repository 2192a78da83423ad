"""Unknown query parameters are an error on every resource, not ignored."""

from fastapi import Request
from fastapi.routing import APIRoute

from service.errors import UnknownParameterError


def only_known_parameters(request: Request) -> None:
    """Refuse a query parameter that the route does not declare.

    Raises:
        UnknownParameterError: names it and those allowed.
    """
    route = request.scope["route"]
    allowed = _declared(route) if isinstance(route, APIRoute) else ()
    for name in request.query_params:
        if name not in allowed:
            raise UnknownParameterError(name, allowed)


def _declared(route: APIRoute) -> tuple[str, ...]:
    return tuple(parameter.alias for parameter in route.dependant.query_params)
