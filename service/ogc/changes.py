"""Creating, replacing, updating and deleting features (OGC API - Features Part 4, 20-002r1).

A change names the version it is of (If-Match), so that nobody's work is overwritten unseen. Bodies
are held to the rules of imports; a collection of features is added whole or not at all.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote

import orjson
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from geodata.accounts.scope import Verb
from geodata.database.author import Author
from geodata.features.changes import (
    MOST_FEATURES,
    LostUpdateError,
    Written,
    create,
    merge,
    remove,
    replace,
)
from geodata.features.crs import CRS84, Crs, find_crs
from geodata.history.former import read_former
from geodata.ingest.finding import Finding, RefusedError
from layers.attribute import Role
from layers.catalog import CATALOG
from layers.layer import Layer
from service.accounts.access import check_own_page, check_writer
from service.accounts.principal import principal_of
from service.body import read_json_object
from service.conditional import expected_tags
from service.errors import PROBLEMS, InvalidBodyError, UnsupportedMediaError, problem_response
from service.ogc.links import GEOJSON, JSON, base_address
from service.parameters import Parameter, parse_text, read_parameters
from service.state import service_of

DOCUMENT = (GEOJSON, JSON)
MERGE_PATCH = "application/merge-patch+json"
LONGEST_REASON = 500

Json = Mapping[str, Any]
Respond = Callable[[Request], Awaitable[ASGIApp]]
Result = TypeVar("Result")

SPECIFICATION = "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf"
CONFORMANCE = tuple(
    f"{SPECIFICATION}/{name}"
    for name in ("create-replace-delete", "update", "features", "optimistic-locking-etags")
)


def _parse_reason(text: str) -> str:
    if len(text) > LONGEST_REASON:
        raise ValueError(f"must have at most {LONGEST_REASON} characters")
    return parse_text(text)


REASON = Parameter(
    "reason",
    "变更原因，记入历史 Why the change is made, for the history",
    {"type": "string", "minLength": 1, "maxLength": LONGEST_REASON},
    _parse_reason,
)


@dataclass(frozen=True)
class Asked:
    """A change that may be asked for.

    Args:
        layer: whose features.
        author: by whom.
        reader: as whom they may see what is there; a token may write more than it reads.
    """

    layer: Layer
    author: Author
    reader: Role


async def add(request: Request) -> Response:
    """A new feature, or several (/req/create-replace-delete/insert-post-op)."""
    asked = _asked(request)
    document = await _body(request, DOCUMENT)
    crs, features = _crs(request), _features(document)
    created = await _done(
        request,
        asked,
        document,
        lambda each: create(each, asked.layer, features, crs, areas=asked.author.areas),
    )
    if isinstance(created, Response):
        return created
    addresses = [_address(request, asked.layer, each.id) for each in created]
    if document.get("type") == "Feature":
        headers = {"Location": addresses[0], "ETag": f'"{created[0].tag}"'}
        return _with_warnings(created, 201, headers)
    return Response(_created(created, addresses), status_code=201, media_type=JSON)


async def put(request: Request) -> Response:
    """A feature in place of another (/req/create-replace-delete/update-put-op).

    Without an ETag: the text served is not the one sent (RFC 9110, 9.3.4).
    """
    asked, expected = _asked(request), expected_tags(request)
    document = await _body(request, DOCUMENT)
    feature, crs = _own(request, _feature(document)), _crs(request)
    name, reader = request.path_params["id"], asked.reader
    done = await _done(
        request,
        asked,
        document,
        lambda each: replace(
            each,
            asked.layer,
            name,
            feature,
            crs,
            reader=reader,
            expected=expected,
            areas=asked.author.areas,
        ),
    )
    return done if isinstance(done, Response) else _with_warnings([done], 204)


async def patch(request: Request) -> Response:
    """Some members of a feature (/req/update/update-patch-op), as a merge patch (RFC 7396)."""
    asked, expected = _asked(request), expected_tags(request)
    document = await _body(request, (MERGE_PATCH,))
    change, crs = _own(request, document), _crs(request)
    name, reader = request.path_params["id"], asked.reader
    done = await _done(
        request,
        asked,
        document,
        lambda each: merge(
            each,
            asked.layer,
            name,
            change,
            crs,
            reader=reader,
            expected=expected,
            areas=asked.author.areas,
        ),
    )
    if isinstance(done, Response):
        return done
    return _with_warnings([done], 204, {"ETag": f'"{done.tag}"'})


async def delete(request: Request) -> Response:
    """A feature less (/req/create-replace-delete/delete-delete-op)."""
    asked, expected = _asked(request), expected_tags(request)
    name, reader = request.path_params["id"], asked.reader
    done = await _done(
        request,
        asked,
        None,
        lambda each: remove(
            each,
            asked.layer,
            name,
            reader=reader,
            expected=expected,
            areas=asked.author.areas,
        ),
    )
    return done if isinstance(done, Response) else Response(status_code=204)


async def options(request: Request) -> Response:
    """What whoever asks may do here: clients offer editing by it."""
    layer = CATALOG.get(request.path_params["layer"])
    methods = ["GET", "HEAD", "OPTIONS"]
    if principal_of(request).may_write(layer):
        methods += ["PUT", "PATCH", "DELETE"] if "id" in request.path_params else ["POST"]
    vary = {"Vary": "Authorization, Cookie", "Cache-Control": "no-cache"}
    return Response(status_code=204, headers={"Allow": ", ".join(methods), **vary})


COLLECTION: Mapping[str, Respond] = {"POST": add, "OPTIONS": options}
FEATURE: Mapping[str, Respond] = {"PUT": put, "PATCH": patch, "DELETE": delete, "OPTIONS": options}
"""Endpoints by method, of `/items` and of `/items/{id}`."""


def _asked(request: Request) -> Asked:
    """Who may not is told so before anything else.

    Raises:
        SignInNeededError, NotAllowedError, CrossSiteError: who asks may not write here.
    """
    layer = CATALOG.get(request.path_params["layer"])
    check_writer(request, layer)
    check_own_page(request)
    values: dict[str, Any] = read_parameters(request.scope["query_string"], (REASON,))
    principal = principal_of(request)
    role = principal.role_for(layer.id, Verb.WRITE)
    author = Author(
        actor=str(principal.account),
        role=role,
        reason=values.get("reason"),
        areas=principal.areas,
    )
    return Asked(layer, author, principal.role_for(layer.id, Verb.READ))


async def _done(
    request: Request,
    asked: Asked,
    document: Json | None,
    work: Callable[[Connection], Result],
) -> Result | Response:
    """The result, or a problem that tells more than its text."""
    service = service_of(request)
    try:
        result = await service.writing.run(asked.layer, asked.author, work)
    except RefusedError as error:
        return _problem(request, error, {"findings": list(map(_finding, error.findings))})
    except LostUpdateError as error:
        return _problem(request, error, await _versions(request, asked, document, error))
    await service.versions.refresh()
    return result


async def _versions(
    request: Request, asked: Asked, document: Json | None, error: LostUpdateError
) -> Mapping[str, object]:
    """What a person compares: the version sent, the one there is, and the one both came from."""
    pool = service_of(request).readings[asked.reader].pool
    name, tags = request.path_params["id"], expected_tags(request) or ()
    former = await read_former(pool, asked.layer, name, tags, asked.reader)
    return {
        "given": {"etag": request.headers["if-match"], "body": document},
        "present": {"etag": f'"{error.tag}"', "feature": orjson.Fragment(error.present)},
        "base": None if former is None else {"feature": orjson.Fragment(former)},
    }


def _problem(request: Request, error: Exception, members: Mapping[str, object]) -> Response:
    root: str = request.scope["root_path"]
    problem = PROBLEMS[type(error)]
    return problem_response(problem, str(error), request.url.path, root=root, members=members)


def _finding(finding: Finding) -> dict[str, object]:
    """A breach: where, of what, and what helps."""
    rule = finding.row_of_rules
    return {
        "feature": finding.row or None,
        "field": finding.field,
        "value": finding.value,
        "rule": finding.rule,
        "title": rule.title._asdict(),
        "message": finding.message._asdict(),
        "remedy": rule.remedy._asdict(),
    }


async def _body(request: Request, taken: Sequence[str]) -> Json:
    """The body, of a media type that is taken.

    Raises:
        UnsupportedMediaError: names the type, and those taken.
        InvalidBodyError: no JSON object, or one that hides its CRS in a member.
    """
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given not in taken:
        raise UnsupportedMediaError(
            f"Content-Type is {given or 'missing'}; must be {' or '.join(taken)}"
        )
    document = await read_json_object(request)
    if "crs" in document:
        raise InvalidBodyError(
            "GeoJSON has no member 'crs' any more (RFC 7946, 4): name the CRS by the header"
            " Content-Crs: <URI>"
        )
    return document


def _crs(request: Request) -> Crs:
    """CRS of the body's coordinates (Part 2, Content-Crs); CRS84 where it says nothing.

    Raises:
        UnknownCrsError: not offered; lists those that are.
    """
    given = request.headers.get("content-crs")
    return CRS84 if given is None else find_crs(given.strip().strip("<>"))


def _features(document: Json) -> list[Json]:
    if document.get("type") != "FeatureCollection":
        return [_feature(document)]
    members = document.get("features")
    if not isinstance(members, list) or not 1 <= len(members) <= MOST_FEATURES:
        number = len(members) if isinstance(members, list) else "no list"
        raise InvalidBodyError(
            f"features: {number}; must be a list of 1 to {MOST_FEATURES} features"
        )
    return [_feature(each, f"features[{at}]: ") for at, each in enumerate(members)]


def _feature(document: object, place: str = "") -> Json:
    """A GeoJSON feature (RFC 7946, 3.2), its values not yet believed."""
    if not isinstance(document, dict) or document.get("type") != "Feature":
        raise InvalidBodyError(f"{place}must be a GeoJSON Feature, or a FeatureCollection of them")
    _check_members(document, place)
    return document


def _own(request: Request, document: Json) -> Json:
    """The document of a feature, which may name its id and type, but no others."""
    _check_members(document, "")
    allowed = {"id": request.path_params["id"], "type": "Feature"}
    for name, only in allowed.items():
        if document.get(name, only) != only:
            raise InvalidBodyError(f"{name} is {document[name]!r}; must be {only!r}, or be absent")
    return document


def _check_members(document: Json, place: str) -> None:
    for name in ("properties", "geometry"):
        if not isinstance(document.get(name), dict | None):
            raise InvalidBodyError(f"{place}{name} must be an object or null")


def _address(request: Request, layer: Layer, feature_id: str) -> str:
    return f"{base_address(request)}/ogc/collections/{layer.id}/items/{quote(feature_id)}"


def _with_warnings(
    done: Sequence[Written], status: int, headers: Mapping[str, str] | None = None
) -> Response:
    """Without a body, but for what asks for a second look."""
    members = _warnings(done)
    if not members:
        return Response(status_code=status, headers=headers)
    status = 200 if status == 204 else status
    return Response(orjson.dumps(members), status, headers, JSON)


def _created(created: Sequence[Written], addresses: Sequence[str]) -> bytes:
    links = [{"rel": "item", "type": GEOJSON, "href": address} for address in addresses]
    ids = [each.id for each in created]
    return orjson.dumps({"created": ids, "links": links, **_warnings(created)})


def _warnings(done: Sequence[Written]) -> Mapping[str, object]:
    found = [_finding(each) for written in done for each in written.warnings]
    return {"warnings": found} if found else {}
