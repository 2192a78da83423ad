"""Reference systems of files: golden points, and refusals instead of guesses."""

import numpy as np
import pytest

from geodata.ingest.crs import CrsMissingError, CrsUnusableError, file_crs

BEIJING = (116.315, 39.983)


@pytest.mark.parametrize(
    ("name", "given", "tolerance"),
    [
        ("EPSG:4490", BEIJING, 0),
        ("EPSG:4326", BEIJING, 0),
        ("OGC:CRS84", BEIJING, 0),
        ("EPSG:4548", (441490.4587, 4427866.1892), 1e-9),
        ("EPSG:4527", (39441490.4587, 4427866.1892), 1e-9),
        ("GCJ-02", (116.321113980, 39.984289725), 1e-8),
        ("BD-09", (116.327697985, 39.990104135), 1e-8),
    ],
)
def test_a_known_point_is_led_to_where_it_is(name, given, tolerance):
    found = file_crs("a.csv", None, name, None).convert(np.array([given]))
    assert found[0] == pytest.approx(BEIJING, abs=tolerance)


def test_a_projected_system_without_a_code_is_read_from_its_text():
    from pyproj import CRS

    text = CRS.from_epsg(4548).to_wkt("WKT1_ESRI")
    found = file_crs("a.shp", text, None, None).convert(np.array([(441490.4587, 4427866.1892)]))
    assert found[0] == pytest.approx(BEIJING, abs=1e-9)


def test_the_dutch_grid_goes_by_its_published_transformation():
    """Amersfoort's tower, 155000, 463000 in EPSG:28992 (the grid's origin)."""
    found = file_crs("a.gpkg", "EPSG:28992", None, None).convert(np.array([(155000.0, 463000.0)]))
    assert found[0] == pytest.approx((5.387206, 52.155174), abs=2e-5)


def test_an_operators_pipeline_counts_before_all_else():
    pipeline = (
        "+proj=pipeline +step +inv +proj=tmerc +lon_0=117 +x_0=500000 +ellps=GRS80"
        " +step +proj=unitconvert +xy_in=rad +xy_out=deg"
    )
    crs = file_crs("a.dxf", None, None, pipeline)
    assert crs.named
    assert crs.convert(np.array([(441490.4587, 4427866.1892)]))[0] == pytest.approx(
        BEIJING, abs=1e-8
    )


def test_a_file_that_says_nothing_is_refused_with_what_to_do():
    with pytest.raises(CrsMissingError, match=r"^a\.csv does not say .* --crs EPSG:4490"):
        file_crs("a.csv", None, None, None)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("EPSG:999999", "no coordinate reference system 'EPSG:999999'"),
        ("somewhere", "no coordinate reference system 'somewhere'"),
    ],
)
def test_an_unknown_system_is_refused_by_name(name, words):
    with pytest.raises(CrsUnusableError, match=words):
        file_crs("a.csv", None, name, None)


@pytest.mark.parametrize("name", ["EPSG:2384", "EPSG:2436"])
def test_old_chinese_datums_are_never_shifted_by_a_guess(name):
    """Xian 1980 and Beijing 1954: no published transformation covers Beijing's land."""
    with pytest.raises(CrsUnusableError, match=r"no published transformation .*--pipeline"):
        file_crs("a.csv", None, name, None).convert(np.array([(441490.0, 4427866.0)]))


def test_a_pipeline_that_is_none_is_refused_in_proj_s_words():
    with pytest.raises(CrsUnusableError, match="--pipeline 'nothing'"):
        file_crs("a.csv", None, None, "nothing")
