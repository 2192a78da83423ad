"""Formats of items: which one a request wants, and the answer in it.

`f=` wins over Accept. GeoJSON comes in pages; the other formats hold the whole selection, or one
page where `limit` is given. An Accept header that no format meets gets GeoJSON (RFC 9110, 12.1).
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Integer, Select, bindparam, select
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from geodata.database.representation import readable
from geodata.features.crs import CRS84
from geodata.features.items import ItemsQuery, Rendition, query_values
from geodata.features.order import after_clause, order_clauses
from geodata.features.selection import conditions, rows_of
from geodata.formats.catalog import FORMATS, find_format
from geodata.formats.errors import UnknownFormatError
from geodata.formats.export import export
from geodata.formats.exports import Exports
from geodata.formats.files import content_disposition
from geodata.formats.format import Format
from layers.layer import Layer
from service.accept import weights
from service.conditional import CACHE_RULES
from service.errors import InvalidParameterError
from service.parameters import Parameter

GEOJSON = find_format("geojson")
NAMES = {row.name: row for row in FORMATS} | {"json": GEOJSON}
"""With the name that clients of other services are used to."""


def parse_format(text: str) -> Format:
    """A format by its name.

    Raises:
        UnknownFormatError: no such format; lists those there are.
    """
    if text not in NAMES:
        raise UnknownFormatError(f"no format {text!r}; f is one of {', '.join(NAMES)} or html")
    return NAMES[text]


FORMAT = Parameter(
    "f",
    "Format; wins over Accept. Other formats than geojson hold everything selected, or a page"
    " where `limit` is given",
    {"type": "string", "enum": [*NAMES, "html"], "default": GEOJSON.name},
    parse_format,
)


def wanted_format(request: Request, values: Mapping[str, Any]) -> Format:
    """The format that a request asks for."""
    if "f" in values:
        chosen: Format = values["f"]
        return chosen
    accept = request.headers.get("accept", "*/*")
    return GEOJSON if accept == "*/*" else _best(accept)


def _best(accept: str) -> Format:
    """The format of the greatest weight; the first of those that tie."""
    weight = weights(accept)
    return max(FORMATS, key=lambda row: weight.get(row.media_type, 0))


async def file_response(
    exports: Exports, layer: Layer, query: ItemsQuery, format: Format, *, page: bool
) -> Response:
    """The selection as a file, streamed.

    Raises:
        InvalidParameterError: the format cannot hold features as asked.
        TooManyFeaturesError: nor so many.
        TooManyExportsError: as many are running as may.
    """
    if query.rendition != Rendition(properties=query.rendition.properties):
        raise InvalidParameterError(
            "f", format.name, "crs, skipGeometry and max-allowable-offset are for geojson"
        )
    selected = _rows(layer, query, page=page)
    values, reader = query_values(layer, query), query.selection.reader
    body = await export(exports, layer, selected, format, values, reader=reader)
    headers = {
        "Content-Disposition": content_disposition(layer, format),
        "Content-Crs": f"<{CRS84.uri}>",
        **CACHE_RULES,
    }
    return StreamingResponse(body, headers=headers, media_type=format.media_type)


def _rows(layer: Layer, query: ItemsQuery, *, page: bool) -> Select[Any]:
    """The rows of the selection with the attributes asked for, in order."""
    rows = rows_of(layer, query.selection)
    names = query.rendition.properties
    wanted = readable(layer, query.selection.reader) if names is None else names
    found = select(rows.c.id, *(rows.c[name] for name in wanted), rows.c.geom, rows.c.feature)
    found = found.where(*conditions(rows, query.selection))
    if query.after is not None:
        found = found.where(after_clause(rows, query.order))
    found = found.order_by(*order_clauses(rows, query.order))
    return found.limit(bindparam("page", type_=Integer)) if page else found
