"""What the values of query parameters ask for."""

import pytest

from geodata.features.bbox import BBox
from geodata.features.crs import CRS84, ROWS, Crs, find_crs
from layers.catalog import CATALOG
from service.errors import InvalidParameterError
from service.ogc.query import rendition_of, selection_of

CLUSTERS = CATALOG.get("clusters")
LATITUDE_FIRST = find_crs("EPSG:4326")

LON, LAT = "longitudes must lie between -180 and 180", "latitudes must lie between -90 and 90"


@pytest.mark.parametrize(
    ("box", "allowed"),
    [
        (BBox(116, 40, 117, 39), f"{LAT}, south before north"),
        (BBox(181, 39, 182, 40), LON),
        (BBox(-180.0001, 39, 117, 40), LON),
        (BBox(116, -91, 117, 40), LAT),
        (BBox(116, 39, 117, 90.5), LAT),
        (BBox(39, 116, 40, 117), LAT),
    ],
)
def test_a_box_off_the_globe_is_refused(box: BBox, allowed: str) -> None:
    with pytest.raises(InvalidParameterError, match=allowed):
        selection_of(CLUSTERS, {"bbox": box})


def test_a_box_in_latitude_first_means_the_same_place() -> None:
    expected = selection_of(CLUSTERS, {"bbox": BBox(116, 39, 117, 40), "bbox-crs": CRS84})
    given = {"bbox": BBox(39, 116, 40, 117), "bbox-crs": LATITUDE_FIRST}
    assert selection_of(CLUSTERS, given) == expected


def test_a_projected_box_has_its_corners_in_order() -> None:
    given = {
        "bbox": BBox(4_430_000, 440_000, 4_420_000, 450_000),
        "bbox-crs": find_crs("EPSG:4548"),
    }
    with pytest.raises(InvalidParameterError, match="corners must be in order"):
        selection_of(CLUSTERS, given)


def test_properties_come_in_the_order_of_the_declaration() -> None:
    assert rendition_of(CLUSTERS, {"properties": ("level", "name_zh")}).properties == (
        "name_zh",
        "level",
    )


@pytest.mark.parametrize("name", ["holder", "height", "geom", "feature"])
def test_only_public_attributes_can_be_asked_for(name: str) -> None:
    with pytest.raises(InvalidParameterError, match=f"no attribute '{name}'"):
        rendition_of(CATALOG.get("parcels"), {"properties": (name,)})


@pytest.mark.parametrize("crs", ROWS, ids=lambda crs: crs.uri)
def test_every_crs_is_found_by_its_uri(crs: Crs) -> None:
    assert find_crs(crs.uri) is crs
