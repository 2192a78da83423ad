"""The API definition: FastAPI's own document with the plain routes added."""

from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from layers.catalog import CATALOG
from service.accounts.cookie import NAME
from service.errors import MEDIA_TYPE, PROBLEMS
from service.ogc.links import GEOJSON
from service.parameters import Parameter
from service.query import DOCUMENT_FORMAT, is_document

Operation = tuple[str, str, tuple[Parameter, ...], Mapping[str, Any]]
"""Path, summary and query parameters of a GET, and what else the path may be asked."""

PROBLEM_SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
    },
}

PROBLEM = {
    "description": "Problem document (RFC 9457)",
    "content": {
        MEDIA_TYPE: {"schema": PROBLEM_SCHEMA},
        "text/html": {"schema": {"type": "string"}},
    },
}


ANYBODY: list[dict[str, list[str]]] = [{}, {"token": []}, {"session": []}]
"""Who may ask: everyone, and those who show who they are for more."""

RETRY_AFTER = {"Retry-After": {"description": "Seconds", "schema": {"type": "integer"}}}
LATER = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)


def security_schemes(cookie: str) -> dict[str, Any]:
    """How one shows who one is.

    Args:
        cookie: name of a session's.
    """
    about = "Session of a browser; changes are taken from pages of this service only"
    return {
        "token": {"type": "http", "scheme": "bearer"},
        "session": {"type": "apiKey", "in": "cookie", "name": cookie, "description": about},
    }


def requires_account() -> list[dict[str, list[str]]]:
    """Security of an operation that is nobody's but an account's."""
    return [each for each in ANYBODY if each]


def problems(statuses: Iterable[int]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Responses by status: the problems that have it."""
    for status in statuses:
        titles = dict.fromkeys(row.title for row in PROBLEMS.values() if row.status == status)
        headers = {"headers": RETRY_AFTER} if status in LATER else {}
        yield str(int(status)), {**PROBLEM, "description": "; ".join(titles), **headers}


def documented(
    app: FastAPI, operations: Iterable[Operation], path_items: Mapping[str, Any]
) -> None:
    """Make the app's definition tell of the plain routes and of problem documents.

    Args:
        app: whose definition it is.
        operations: routes that answer with GeoJSON of a layer.
        path_items: other routes, described by themselves.
    """
    original = app.openapi
    rows = tuple(operations)

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = original()
            document["paths"] |= {
                path: _path_item(summary, given, others) for path, summary, given, others in rows
            }
            document["paths"] |= path_items
            _add_document_format(app, document)
            _add_problems(document)
            document["components"]["securitySchemes"] = security_schemes(NAME)
            document["security"] = ANYBODY
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # the way FastAPI documents


def _path_item(
    summary: str, parameters: tuple[Parameter, ...], others: Mapping[str, Any]
) -> dict[str, Any]:
    geojson = {"description": "GeoJSON", "content": {GEOJSON: {"schema": {"type": "object"}}}}
    return {
        "get": {
            "tags": ["OGC API"],
            "summary": summary,
            "operationId": summary.lower().replace(" ", "_"),
            "parameters": [layer_parameter(), *map(parameter_document, parameters)],
            "responses": {"200": geojson},
        },
        **others,
    }


def layer_parameter() -> dict[str, Any]:
    """The layer in a path."""
    return {
        "name": "layer",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "enum": list(CATALOG.ids)},
    }


def parameter_document(parameter: Parameter) -> dict[str, Any]:
    """A query parameter as OpenAPI describes it."""
    return {
        "name": parameter.name,
        "in": "query",
        "description": parameter.description,
        "schema": dict(parameter.schema),
        "style": "form",
        "explode": False,
    }


def _add_document_format(app: FastAPI, document: dict[str, Any]) -> None:
    """OGC documents come as pages too."""
    for route in app.routes:
        if isinstance(route, APIRoute) and route.include_in_schema and is_document(route):
            operation = document["paths"][route.path]["get"]
            operation.setdefault("parameters", []).append(parameter_document(DOCUMENT_FORMAT))
            operation["responses"]["200"]["content"]["text/html"] = {"schema": {"type": "string"}}


def _add_problems(document: dict[str, Any]) -> None:
    """Every operation may answer with a problem; FastAPI's 422 never occurs."""
    for path, item in document["paths"].items():
        for operation in item.values():
            if "security" not in operation:
                operation["responses"].pop("422", None)
            operation["responses"] |= dict(problems((401, 429)))
            operation["responses"]["default"] = PROBLEM
            if "{id}" in path and not _has_parameter(operation, "id"):
                operation["parameters"].insert(1, _id_parameter())


def _has_parameter(operation: dict[str, Any], name: str) -> bool:
    return any(parameter["name"] == name for parameter in operation["parameters"])


def _id_parameter() -> dict[str, Any]:
    return {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
