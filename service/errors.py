"""Errors as problem documents (RFC 9457): one table from error class to status and type."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import orjson
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from geodata import errors
from geodata.accounts.errors import InvalidTokenError
from geodata.audit.errors import AuditUnavailableError
from geodata.database.author import WriteRefusedError
from geodata.features.changes import ExistingFeatureError, LostUpdateError
from geodata.features.cql2.error import InvalidFilterError
from geodata.features.crs import UnknownCrsError
from geodata.features.order import InvalidKeyError, InvalidOrderError
from geodata.features.page_limit import PageTooLargeError
from geodata.formats.errors import (
    ExportError,
    TooManyExportsError,
    TooManyFeaturesError,
    UnknownFormatError,
)
from geodata.geocoding.review import NoSuchReviewError
from geodata.ingest.exclusive import RowsRefusedError
from geodata.ingest.finding import RefusedError
from geodata.ingest.undo import ImportNotFoundError
from geodata.tiles.matrix_sets import UnknownTileMatrixSetError
from geodata.tiles.tile import NoSuchTileError
from layers.catalog import UnknownLayerError

LOG = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"

HEADERS: Mapping[HTTPStatus, Mapping[str, str]] = {
    HTTPStatus.SERVICE_UNAVAILABLE: {"Retry-After": "5"},
    HTTPStatus.UNAUTHORIZED: {"WWW-Authenticate": "Bearer"},
}
"""What an answer of a status carries beside the problem."""


class UnknownParameterError(Exception):
    """A query parameter that the resource does not have (/req/core/query-param-unknown)."""

    def __init__(self, name: str, allowed: tuple[str, ...]) -> None:
        names = ", ".join(allowed) or "none"
        super().__init__(f"unknown query parameter {name!r}; allowed here: {names}")


class InvalidParameterError(Exception):
    """A query parameter whose value cannot be used (/req/core/query-param-invalid)."""

    def __init__(self, name: str, value: str, allowed: str) -> None:
        super().__init__(f"query parameter {name} = {value!r}: {allowed}")


class PreconditionMissingError(Exception):
    """A change that does not say which version it is of (RFC 6585, 3)."""


class UnsupportedMediaError(Exception):
    """A request body of a media type that the resource does not take."""


class InvalidBodyError(Exception):
    """A request body that cannot be used."""


class BodyTooLargeError(Exception):
    """A request body beyond the limit."""


class CrossSiteError(Exception):
    """A request that only a page of this service may send comes from another site."""


class ImportFailedError(Exception):
    """A file that cannot be read, or rows that the database does not take."""


class UploadGoneError(Exception):
    """A file that was never sent, or too long ago."""


class SignInNeededError(Exception):
    """What is asked for is not the public's, and nobody signed in."""


class NotAllowedError(Exception):
    """Who signed in has not the role, or the token not the scope; the text says which is needed."""


class TooManyRequestsError(Exception):
    """Somebody asks more often than a minute allows.

    Args:
        kind: `ZGC_RATE_<KIND>` says how often.
        what: the kind in words.
        who: account or address.
        most: requests a minute.
        wait_s: whole seconds until the next one is let in.
    """

    def __init__(self, kind: str, what: str, who: str, most: int, wait_s: int) -> None:
        super().__init__(
            f"{who or 'this client'} has used up the {most} requests a minute for {what}"
            f" (ZGC_RATE_{kind.upper()}); try again in {wait_s} s"
        )
        self.wait_s = wait_s


class AddressTooLongError(Exception):
    """Path and query beyond the limit."""


class HeadersTooLargeError(Exception):
    """Headers beyond the limit."""


class InvalidHostError(Exception):
    """A Host, or what a proxy says in its place, that no link may be made of."""


class UnknownStyleError(Exception):
    """A name that is not a style's id."""


class UnknownPathError(Exception):
    """A path where the service has nothing."""


class UnsupportedMethodError(Exception):
    """A method that the resource does not have."""


@dataclass(frozen=True)
class Problem:
    """A kind of problem: its stable name (empty: the status says all), its status, its title."""

    name: str
    status: HTTPStatus
    title: str


PROBLEMS: Mapping[type[Exception], Problem] = {
    UnknownParameterError: Problem(
        "unknown-parameter", HTTPStatus.BAD_REQUEST, "Unknown query parameter"
    ),
    InvalidParameterError: Problem(
        "invalid-parameter", HTTPStatus.BAD_REQUEST, "Invalid query parameter"
    ),
    PreconditionMissingError: Problem(
        "precondition-required", HTTPStatus.PRECONDITION_REQUIRED, "If-Match is required"
    ),
    LostUpdateError: Problem(
        "lost-update", HTTPStatus.PRECONDITION_FAILED, "The feature was changed since"
    ),
    ExistingFeatureError: Problem("feature-exists", HTTPStatus.CONFLICT, "The id is taken"),
    RefusedError: Problem(
        "features-refused", HTTPStatus.UNPROCESSABLE_ENTITY, "Features break rules"
    ),
    RowsRefusedError: Problem(
        "database-refused", HTTPStatus.CONFLICT, "The database refuses the change"
    ),
    WriteRefusedError: Problem(
        "write-refused", HTTPStatus.FORBIDDEN, "The database lets this account not write"
    ),
    errors.OutsideAreasError: Problem(
        "outside-areas", HTTPStatus.FORBIDDEN, "Outside the areas of the account's groups"
    ),
    UnsupportedMediaError: Problem(
        "unsupported-media-type", HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Media type not taken"
    ),
    InvalidBodyError: Problem("invalid-body", HTTPStatus.BAD_REQUEST, "Invalid request body"),
    BodyTooLargeError: Problem(
        "body-too-large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "Request body too large"
    ),
    SignInNeededError: Problem("sign-in-needed", HTTPStatus.UNAUTHORIZED, "Sign-in needed"),
    InvalidTokenError: Problem("invalid-token", HTTPStatus.UNAUTHORIZED, "Invalid token"),
    NotAllowedError: Problem("not-allowed", HTTPStatus.FORBIDDEN, "Not allowed"),
    ImportFailedError: Problem(
        "import-failed", HTTPStatus.UNPROCESSABLE_ENTITY, "The file cannot be imported"
    ),
    UploadGoneError: Problem("upload-gone", HTTPStatus.NOT_FOUND, "File no longer there"),
    CrossSiteError: Problem("cross-site", HTTPStatus.FORBIDDEN, "Request from another site"),
    NoSuchReviewError: Problem("no-such-review", HTTPStatus.NOT_FOUND, "Address not under review"),
    TooManyRequestsError: Problem(
        "too-many-requests", HTTPStatus.TOO_MANY_REQUESTS, "Too many requests"
    ),
    AddressTooLongError: Problem(
        "address-too-long", HTTPStatus.REQUEST_URI_TOO_LONG, "Address too long"
    ),
    HeadersTooLargeError: Problem(
        "headers-too-large", HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "Headers too large"
    ),
    InvalidHostError: Problem("invalid-host", HTTPStatus.BAD_REQUEST, "Invalid host"),
    InvalidFilterError: Problem("invalid-filter", HTTPStatus.BAD_REQUEST, "Invalid filter"),
    InvalidOrderError: Problem("invalid-order", HTTPStatus.BAD_REQUEST, "Invalid sort order"),
    UnknownCrsError: Problem("unknown-crs", HTTPStatus.BAD_REQUEST, "Unknown CRS"),
    PageTooLargeError: Problem("page-too-large", HTTPStatus.BAD_REQUEST, "Page too large"),
    InvalidKeyError: Problem("invalid-key", HTTPStatus.BAD_REQUEST, "Invalid page key"),
    errors.InvalidGeometryError: Problem(
        "invalid-geometry", HTTPStatus.BAD_REQUEST, "Invalid geometry"
    ),
    errors.NoAreaError: Problem("no-area", HTTPStatus.BAD_REQUEST, "Layer holds no areas"),
    UnknownFormatError: Problem("unknown-format", HTTPStatus.BAD_REQUEST, "Unknown format"),
    TooManyFeaturesError: Problem(
        "too-many-features", HTTPStatus.BAD_REQUEST, "More than the format can hold"
    ),
    TooManyExportsError: Problem(
        "too-many-exports", HTTPStatus.SERVICE_UNAVAILABLE, "Too many exports at a time"
    ),
    ExportError: Problem(
        "export-failed", HTTPStatus.INTERNAL_SERVER_ERROR, "The file could not be written"
    ),
    UnknownTileMatrixSetError: Problem(
        "unknown-tile-matrix-set", HTTPStatus.NOT_FOUND, "Unknown tile matrix set"
    ),
    NoSuchTileError: Problem("no-such-tile", HTTPStatus.NOT_FOUND, "No such tile"),
    UnknownStyleError: Problem("unknown-style", HTTPStatus.NOT_FOUND, "Unknown style"),
    UnknownLayerError: Problem("unknown-layer", HTTPStatus.NOT_FOUND, "Unknown layer"),
    errors.FeatureNotFoundError: Problem(
        "feature-not-found", HTTPStatus.NOT_FOUND, "Feature not found"
    ),
    ImportNotFoundError: Problem("import-not-found", HTTPStatus.NOT_FOUND, "Import not found"),
    UnknownPathError: Problem("not-found", HTTPStatus.NOT_FOUND, "Nothing at this path"),
    UnsupportedMethodError: Problem(
        "method-not-allowed", HTTPStatus.METHOD_NOT_ALLOWED, "Method not allowed"
    ),
    errors.DatabaseBusyError: Problem(
        "database-busy", HTTPStatus.SERVICE_UNAVAILABLE, "Database busy"
    ),
    AuditUnavailableError: Problem(
        "audit-unavailable", HTTPStatus.SERVICE_UNAVAILABLE, "Audit unavailable"
    ),
    errors.QueryTimeoutError: Problem(
        "query-timeout", HTTPStatus.SERVICE_UNAVAILABLE, "Query took too long"
    ),
}

FRAMEWORK: Mapping[int, type[Exception]] = {
    HTTPStatus.NOT_FOUND: UnknownPathError,
    HTTPStatus.METHOD_NOT_ALLOWED: UnsupportedMethodError,
}
"""What an error of the framework is in our terms."""

NOTHING: Mapping[str, object] = {}

INTERNAL = Problem("internal", HTTPStatus.INTERNAL_SERVER_ERROR, "Internal error")


def install_problem_handlers(app: FastAPI) -> None:
    """Answer every error of the app with a problem document."""
    for kind in PROBLEMS:
        app.add_exception_handler(kind, _known)
    app.add_exception_handler(SignInNeededError, _sign_in)
    app.add_exception_handler(errors.OutsideAreasError, _outside_areas)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(Exception, _unexpected)


def problem_response(
    problem: Problem,
    detail: str,
    instance: str,
    headers: Mapping[str, str] | None = None,
    *,
    root: str = "",
    members: Mapping[str, object] = NOTHING,
) -> Response:
    """A problem document; `type` is a page of this service, if there is one to explain it.

    Args:
        members: what this kind of problem tells besides (RFC 9457, 3.2).
    """
    document = {
        "type": f"{root}/problems/{problem.name}" if problem.name else "about:blank",
        "title": problem.title,
        "status": problem.status.value,
        "detail": detail,
        "instance": instance,
        **members,
    }
    return Response(orjson.dumps(document), problem.status, headers, MEDIA_TYPE)


async def _sign_in(request: Request, error: Exception) -> Response:
    """People who open a page are led to the sign-in and back; programs get the problem."""
    if request.method != "GET" or "text/html" not in request.headers.get("accept", ""):
        return await _known(request, error)
    there = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    address = f"{_root(request)}/login?next={quote(there, safe='/')}"
    return RedirectResponse(address, HTTPStatus.SEE_OTHER, headers={"Cache-Control": "no-store"})


async def _known(request: Request, error: Exception) -> Response:
    problem = next(PROBLEMS[kind] for kind in type(error).__mro__ if kind in PROBLEMS)
    headers = HEADERS.get(problem.status)
    return problem_response(problem, str(error), request.url.path, headers, root=_root(request))


async def _outside_areas(request: Request, error: Exception) -> Response:
    """Which features, where each lies, and where one may change them."""
    problem, members = PROBLEMS[errors.OutsideAreasError], {}
    if isinstance(error, errors.OutsideAreasError):
        outside = [{"id": name, "area": area} for name, area in error.outside]
        members = {"outside": outside, "areas": list(error.areas)}
    instance, root = request.url.path, _root(request)
    return problem_response(problem, str(error), instance, root=root, members=members)


async def _http(request: Request, error: Exception) -> Response:
    """Errors of the framework: no route, method not allowed."""
    status = HTTPStatus(error.status_code if isinstance(error, HTTPException) else 500)
    kind = FRAMEWORK.get(status)
    problem = PROBLEMS[kind] if kind else Problem("", status, status.phrase)
    detail = f"{request.method} {request.url.path}: {status.description or status.phrase}"
    headers = error.headers if isinstance(error, HTTPException) else None
    return problem_response(problem, detail, request.url.path, headers, root=_root(request))


async def _validation(request: Request, error: Exception) -> Response:
    """Errors found by FastAPI, in the same form as ours."""
    details = error.errors() if isinstance(error, RequestValidationError) else []
    places = [_place(item) for item in details]
    problem = PROBLEMS[InvalidParameterError]
    return problem_response(problem, "; ".join(places), request.url.path, root=_root(request))


def _place(item: Mapping[str, Any]) -> str:
    place = ".".join(map(str, item["loc"]))
    value = "" if item["input"] is None else f" = {item['input']!r}"
    return f"{place}{value}: {item['msg']}"


async def _unexpected(request: Request, error: Exception) -> Response:
    """The cause goes to the log, never to the client."""
    LOG.error("%s %s failed", request.method, request.url.path, exc_info=error)
    detail = "the cause is in the service's log"
    # The framework answers this one outside of everything that is installed.
    headers = request.app.state.protection
    return problem_response(INTERNAL, detail, request.url.path, headers, root=_root(request))


def _root(request: Request) -> str:
    root: str = request.scope["root_path"]
    return root
