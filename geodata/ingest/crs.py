"""From the reference system of a file to that of the store, never by a guess.

The store is CGCS2000, longitude first. WGS 84 and ITRF in their present realisations agree with it
within about a metre and are taken as they are; any other datum needs a published transformation,
or an operator's own PROJ pipeline (the Beijing local grid, whose parameters are not public).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError
from pyproj.transformer import TransformerGroup

from geodata.errors import GeodataError
from geodata.geocoding.datum import Datum, Points, convert

SHIFTED = {
    "gcj-02": Datum.GCJ02,
    "gcj02": Datum.GCJ02,
    "urn:zgc-gis:def:crs:gcj-02": Datum.GCJ02,
    "bd-09": Datum.BD09,
    "bd09": Datum.BD09,
    "bd09ll": Datum.BD09,
    "urn:zgc-gis:def:crs:bd-09": Datum.BD09,
}

ALIKE = ("China 2000", "CGCS2000", "World Geodetic System 1984", "WGS 84", "WGS_1984", "ITRF")
"""Starts of the names of datums that agree within about a metre."""

Conversion = Callable[[Points], Points]


class CrsMissingError(GeodataError):
    """A file that does not say what its coordinates are, and nobody else did either."""

    def __init__(self, file: str) -> None:
        super().__init__(
            f"{file} does not say its coordinate reference system. Ask whoever made it, and name"
            " it: --crs EPSG:4490 (CGCS2000 degrees), EPSG:4548 (CGCS2000, metres, CM 117),"
            " EPSG:4326 (WGS 84), GCJ-02 (Amap, Tencent), BD-09 (Baidu), or --pipeline with"
            " your own PROJ pipeline (Beijing local grid)"
        )


class CrsUnusableError(GeodataError):
    """A reference system that is unknown or cannot be led to the store's."""


@dataclass(frozen=True)
class FileCrs:
    """The reference system of a file.

    Args:
        name: as it is told to people.
        convert: coordinates (n, 2), east or longitude first, to stored ones; those it cannot
            convert become infinite.
        named: the operator named it, rather than the file.
        is_plain: coordinates are degrees that pass as they are.
    """

    name: str
    convert: Conversion
    named: bool
    is_plain: bool = False


def file_crs(file: str, said: str | None, named: str | None, pipeline: str | None) -> FileCrs:
    """What leads a file's coordinates to the store's.

    Args:
        said: what the file says.
        named: what the operator says; it counts more.
        pipeline: the operator's PROJ pipeline to CGCS2000 longitude and latitude in degrees.

    Raises:
        CrsMissingError: neither the file nor the operator says.
        CrsUnusableError: unknown, or without a published transformation.
    """
    if pipeline is not None:
        return FileCrs("PROJ pipeline", _piped(pipeline), named=True)
    name = named or said
    if name is None:
        raise CrsMissingError(file)
    if (datum := SHIFTED.get(name.strip().casefold())) is not None:
        return FileCrs(datum.name, lambda points: convert(points, datum, Datum.CGCS2000), True)
    return _registered(name, named=named is not None)


def _piped(pipeline: str) -> Conversion:
    try:
        transformer = Transformer.from_pipeline(pipeline)
    except ProjError as error:
        raise CrsUnusableError(f"--pipeline {pipeline!r}: {error}") from error
    return lambda points: _transformed(transformer, points)


def _registered(name: str, *, named: bool) -> FileCrs:
    try:
        crs = CRS.from_user_input(name)
    except CRSError as error:
        raise CrsUnusableError(
            f"no coordinate reference system {name[:80]!r}; such are EPSG:4490, EPSG:4548,"
            " EPSG:4326, GCJ-02, BD-09"
        ) from error
    crs = crs.source_crs if crs.is_bound and crs.source_crs else crs
    geodetic = crs.geodetic_crs
    if geodetic is None:
        raise CrsUnusableError(f"{crs.name}: is no reference system of places on the earth")
    title = _title(crs)
    if not _is_alike(geodetic):
        return FileCrs(title, _published(crs), named)
    if crs.is_geographic and _is_in_degrees(crs):
        return FileCrs(title, np.copy, named, is_plain=True)
    transformer = Transformer.from_crs(crs, geodetic, always_xy=True)
    return FileCrs(title, lambda points: _transformed(transformer, points), named)


def _title(crs: CRS) -> str:
    authority = crs.to_authority(min_confidence=70)
    return f"{':'.join(authority)} ({crs.name})" if authority else crs.name


def _is_alike(geodetic: CRS) -> bool:
    names = (geodetic.name, geodetic.datum.name if geodetic.datum else "")
    return any(name.startswith(ALIKE) for name in names)


def _is_in_degrees(crs: CRS) -> bool:
    return all(axis.unit_name == "degree" for axis in crs.axis_info[:2])


def _published(crs: CRS) -> Conversion:
    """A transformation of the EPSG register in whose area of use all points lie.

    Beijing 1954 has several, each of one basin: PROJ by itself would use one of them elsewhere.
    """

    def conversion(points: Points) -> Points:
        if not len(points):
            return points
        box = _box(crs, points)
        group = TransformerGroup(crs, "EPSG:4326", always_xy=True, allow_ballpark=False)
        for transformer in group.transformers:
            if _reaches(transformer.area_of_use, box):
                return _transformed(transformer, points)
        raise _unpublished(crs)

    return conversion


def _box(crs: CRS, points: Points) -> Points:
    """Corners of the points in degrees of their own datum."""
    own = Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
    degrees = _transformed(own, points)
    degrees = degrees[np.isfinite(degrees).all(axis=1)]
    return np.array([degrees.min(axis=0), degrees.max(axis=0)]) if len(degrees) else points[:0]


def _reaches(area: Any, box: Points) -> bool:
    if area is None or not len(box):
        return False
    (west, south), (east, north) = box
    return bool(
        area.west <= west and east <= area.east and area.south <= south and north <= area.north
    )


def _unpublished(crs: CRS) -> CrsUnusableError:
    return CrsUnusableError(
        f"{_title(crs)}: no published transformation to CGCS2000 for these places;"
        " give the one that your survey uses by --pipeline"
    )


def _transformed(transformer: Transformer, points: Points) -> Points:
    x, y = transformer.transform(points[:, 0], points[:, 1], errcheck=False)
    return np.column_stack((x, y))
