"""How definitions tell of changes of features (Part 4): what they need, what they answer."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from service.ogc.changes import DOCUMENT, MERGE_PATCH, REASON
from service.ogc.links import JSON
from service.openapi import parameter_document, problems, requires_account

READ = (400, 401, 403, 404, 429, 503)
SENT = (409, 413, 415, 422)
NAMED = (412, 428)
"""Statuses of problems: of every change, of those with a body, of those that name a version."""


@dataclass(frozen=True)
class Change:
    """A writing method of features, for who may.

    Args:
        method: of HTTP, in small letters.
        of_one: of a feature, or of a collection.
        verb: of the operation id.
        summary: what it does.
        done: status where it is done, and what the answer then is.
        media_types: of the body; none: it has no body.
    """

    method: str
    of_one: bool
    verb: str
    summary: str
    done: tuple[str, str]
    media_types: tuple[str, ...] = ()


CREATED = ("201", "Added; Location is the address of the feature")
CHANGED = ("204", "Done")

CHANGES = (
    Change("post", False, "create", "Add a feature or several", CREATED, DOCUMENT),
    Change("put", True, "replace", "Replace a feature", CHANGED, DOCUMENT),
    Change("patch", True, "update", "Change members of a feature", CHANGED, (MERGE_PATCH,)),
    Change("delete", True, "delete", "Delete a feature", CHANGED),
)


def change_operations(
    of_one: bool, name: str, places: Iterable[dict[str, Any]], schema: dict[str, Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Methods of a path and their operations.

    Args:
        of_one: whether the path is a feature's.
        name: operation id behind the verb.
        places: the path's parameters.
        schema: of the body.
    """
    for change in CHANGES:
        if change.of_one is of_one:
            yield change.method, _operation(change, name, list(places), schema)


def _operation(
    change: Change, name: str, places: list[dict[str, Any]], schema: dict[str, Any]
) -> dict[str, Any]:
    headers = [
        *([CONTENT_CRS] if change.media_types else []),
        *([IF_MATCH] if change.of_one else []),
    ]
    content = {media_type: {"schema": schema} for media_type in change.media_types}
    return {
        "tags": ["OGC API"],
        "summary": change.summary,
        "operationId": f"{change.verb}{name}",
        "parameters": [*places, parameter_document(REASON), *headers],
        **({"requestBody": {"required": True, "content": content}} if content else {}),
        "responses": dict(_responses(change)),
        "security": requires_account(),
    }


def _responses(change: Change) -> Iterator[tuple[str, dict[str, Any]]]:
    status, description = change.done
    told = {"content": {JSON: {"schema": WARNINGS}}}
    if change.media_types and change.of_one:
        yield "200", {"description": "Done; what asks for a second look is told", **told}
    yield status, {"description": description, **(told if status == "201" else {})}
    statuses = (
        *READ,
        *(SENT if change.media_types else (409,)),
        *(NAMED if change.of_one else ()),
    )
    yield from problems(sorted(statuses))


WARNINGS: dict[str, Any] = {
    "type": "object",
    "properties": {
        "created": {"type": "array", "items": {"type": "string"}},
        "links": {"type": "array", "items": {"type": "object"}},
        "warnings": {
            "type": "array",
            "description": "Findings of imports' rules that ask for a second look",
            "items": {"type": "object"},
        },
    },
}

CONTENT_CRS: dict[str, Any] = {
    "name": "Content-Crs",
    "in": "header",
    "description": "CRS of the body's coordinates, as <URI>; default CRS84",
    "schema": {"type": "string"},
}

IF_MATCH: dict[str, Any] = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "ETag of the version that is meant, as its GET tells it; * for any",
    "schema": {"type": "string"},
}
