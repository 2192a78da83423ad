"""Names of fields in files, where these are not the attributes' own.

Apart from the writers, which bring Arrow along: forms and imports need the names alone.
"""

from collections.abc import Iterator

from layers.attribute import Attribute
from layers.text import Text

ID = Attribute(name="id", title=Text("标识", "Id"), required=True, unique=True)

LON = Text("经度", "Longitude")
LAT = Text("纬度", "Latitude")
WKT = Text("几何", "Geometry (WKT, CGCS2000)")
"""Columns of a workbook that say where a feature is."""

NAME_LENGTH = 10
"""Of a field of a Shapefile."""


def short_names(names: list[str]) -> list[str]:
    """Names of at most 10 characters, each once: of alike ones, later ones end in a number."""
    taken: list[str] = []
    for name in names:
        taken.append(next(each for each in _candidates(name) if each not in taken))
    return taken


def _candidates(name: str) -> Iterator[str]:
    yield name[:NAME_LENGTH]
    for number in range(1, 1000):
        ending = f"_{number}"
        yield name[: NAME_LENGTH - len(ending)] + ending
