"""Unknown query parameters are an error on every resource, not ignored."""

from fastapi import Request
from fastapi.routing import APIRoute

from service.errors import InvalidParameterError, UnknownParameterError
from service.parameters import Parameter

OGC = "/ogc"

JSON = "json"
HTML = "html"


def _parse_document_format(text: str) -> str:
    if text != JSON:
        raise ValueError(f"must be {JSON} or {HTML}")
    return text


DOCUMENT_FORMAT = Parameter(
    "f",
    "json or html; wins over Accept",
    {"type": "string", "enum": [JSON, HTML], "default": JSON},
    _parse_document_format,
)
"""Of every document of the OGC APIs; html is answered before a route is looked for."""


def only_known_parameters(request: Request) -> None:
    """Refuse a query parameter that the route does not declare.

    Raises:
        UnknownParameterError: names it and those allowed.
        InvalidParameterError: a format that documents do not have.
    """
    route = request.scope["route"]
    allowed = declared_parameters(route) if isinstance(route, APIRoute) else ()
    for name, value in request.query_params.items():
        if name not in allowed:
            raise UnknownParameterError(name, allowed)
        if name == DOCUMENT_FORMAT.name and is_document(route):
            _check_format(value)


def is_document(route: APIRoute) -> bool:
    """Whether a route answers with an OGC document that has no formats of its own."""
    own = {parameter.alias for parameter in route.dependant.query_params}
    reads = "GET" in (route.methods or ())
    return route.path.startswith(OGC) and reads and DOCUMENT_FORMAT.name not in own


def declared_parameters(route: APIRoute) -> tuple[str, ...]:
    """Names of the query parameters that a route takes."""
    own = tuple(parameter.alias for parameter in route.dependant.query_params)
    return (*own, DOCUMENT_FORMAT.name) if is_document(route) else own


def _check_format(text: str) -> None:
    try:
        DOCUMENT_FORMAT.parse(text)
    except ValueError as error:
        raise InvalidParameterError(DOCUMENT_FORMAT.name, text, str(error)) from error
