"""`/api/geocode` and `/api/reverse`: addresses to positions and back."""

from typing import Annotated

import numpy as np
import orjson
import shapely
from fastapi import APIRouter, Query
from starlette.responses import JSONResponse

from geodata.features.bbox import BBox
from geodata.features.crs import CRS84, ROWS, find_crs
from geodata.features.items import ItemsQuery, count_features, read_page
from geodata.features.selection import WHOLE_LAYER, Selection
from geodata.geocoding.datum import Datum, convert
from geodata.geocoding.geocode import LONGEST_ADDRESS
from geodata.geocoding.place import EAST, NORTH, SOUTH, WEST, Place
from layers.catalog import CATALOG
from service.errors import InvalidParameterError
from service.geocoding.document import (
    GeocodeDocument,
    ReverseDocument,
    geocode_document,
    reverse_document,
)
from service.geocoding.places import Places, PlacesDep, answer_to
from service.ogc.links import GEOJSON
from service.state import Service, ServiceDep

DEFAULT_CANDIDATES = 5
MOST_CANDIDATES = 20

DEGREES = tuple(row.uri for row in ROWS if row.srid == CRS84.srid or row.uri.endswith("/4326"))


class GeoJSONResponse(JSONResponse):
    """JSON that is GeoJSON (RFC 7946)."""

    media_type = GEOJSON


router = APIRouter(tags=["Geocoding"], default_response_class=GeoJSONResponse)

AddressQuery = Annotated[
    str,
    Query(
        description="Address in Beijing, Chinese, in any usual form",
        min_length=1,
        max_length=LONGEST_ADDRESS,
        examples=["海淀区中关村大街1号"],
    ),
]
DistrictQuery = Annotated[
    str | None,
    Query(description="Only candidates in that district; taken for granted where none is said"),
]
LimitQuery = Annotated[
    int, Query(description="Most candidates", ge=1, le=MOST_CANDIDATES, examples=[5])
]
LonQuery = Annotated[
    float, Query(description="Longitude, degrees", ge=-180, le=180, examples=[116.315])
]
LatQuery = Annotated[
    float, Query(description="Latitude, degrees", ge=-90, le=90, examples=[39.983])
]
CrsQuery = Annotated[
    str,
    Query(
        description="CRS of lon and lat; GCJ-02 and BD-09 are taken back to CGCS2000",
        json_schema_extra={"enum": list(DEGREES)},
    ),
]


@router.get("/api/geocode", summary="Places that an address may mean")
async def geocode(
    places: PlacesDep,
    address: AddressQuery,
    district: DistrictQuery = None,
    limit: LimitQuery = DEFAULT_CANDIDATES,
) -> GeocodeDocument:
    """Candidates from the gazetteer, best first, with level, accuracy and what matched what.

    Nothing is placed at the middle of a town or district as if it were an address: such a
    candidate says its level, and `needs_review` is true.
    """
    within = None if district is None else _district(places, district)
    answer = await answer_to(places, address, within)
    return geocode_document(answer, answer.candidates[:limit])


@router.get("/api/reverse", summary="What lies at a position")
async def reverse(
    service: ServiceDep,
    places: PlacesDep,
    lon: LonQuery,
    lat: LatQuery,
    crs: CrsQuery = CRS84.uri,
) -> ReverseDocument:
    """The nearest house, building, landmark, park, road, town and the district, with distances."""
    position = _in_cgcs2000(lon, lat, _datum(crs))
    found = places.reverse.nearby(*position)
    outlined = await _outlined_district(service, position) if found else None
    if found and outlined is None and await _is_outlined_whole(service):
        found = []
    return reverse_document(position, found, outlined)


def _district(places: Places, name: str) -> Place:
    gazetteer = places.geocoder.gazetteer
    place = gazetteer.district(name)
    if place is None:
        allowed = ", ".join(gazetteer.district_names)
        raise InvalidParameterError("district", name, f"must be one of {allowed}")
    return place


def _datum(uri: str) -> Datum:
    if uri not in DEGREES:
        raise InvalidParameterError("crs", uri, f"must be one of {', '.join(DEGREES)}")
    return find_crs(uri).datum


def _in_cgcs2000(lon: float, lat: float, datum: Datum) -> tuple[float, float]:
    found = convert(np.array([(lon, lat)]), datum, Datum.CGCS2000)[0]
    return float(found[0]), float(found[1])


async def _is_outlined_whole(service: Service) -> bool:
    """Whether every district has its outline, so that what lies in none is outside Beijing."""
    layer = CATALOG.get("districts")
    located = Selection(bbox=BBox(WEST, SOUTH, EAST, NORTH))
    counts = [
        await count_features(service.pool, layer, selection) for selection in (located, WHOLE_LAYER)
    ]
    return counts[0] == counts[1] > 0


async def _outlined_district(service: Service, position: tuple[float, float]) -> str | None:
    """The district whose outline holds the position; None where no outlines are loaded."""
    here = Selection(area=shapely.to_wkb(shapely.Point(position)))
    page = await read_page(
        service.pool, CATALOG.get("districts"), ItemsQuery(limit=1, selection=here)
    )
    return orjson.loads(page.features[0])["properties"]["name_zh"] if page.features else None
