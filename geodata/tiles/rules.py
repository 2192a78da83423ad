"""What a tile shows at a zoom: which attributes, what is counted instead of drawn.

Nothing vanishes: what is too dense or too small to be drawn is counted.
"""

from geodata.database.representation import public_names
from layers.layer import Geometry, Layer

POINT_BUDGET = 5_000
"""A tile whose box holds more points comes as clusters: about 12 ms and 200 kB of points."""

CLUSTER_CELLS = 16
"""Cells of clusters along a tile's side: 16 pixels, or 32 where a tile is drawn at 512."""

MERGED_PIXELS = 2
"""Shapes smaller than this in both directions are merged."""

MERGED_CELLS = 64
"""Cells of merged shapes along a tile's side: 4 pixels."""

MERGED_BELOW = 13
"""From this zoom on (a pixel is below 15 m in Beijing) shapes are drawn however small."""

NAMES = ("name_zh", "name_en")

POINT_COUNT, FEATURE_COUNT = "point_count", "feature_count"


def is_merged(layer: Layer, zoom: int) -> bool:
    """Whether small features of the layer are merged at a zoom."""
    return layer.geometry is not Geometry.POINT and zoom < MERGED_BELOW


def merged_span(zoom: int) -> float:
    """Degrees below which a shape is small; it hangs on the zoom alone, to be one for all tiles.

    Degrees of longitude are taken for both directions: on a Mercator grid at 40 degrees north a
    pixel spans only 0.77 of that in latitude.
    """
    return 360 / 256 * MERGED_PIXELS * 0.5**zoom


def thin_width(zoom: int) -> float:
    """Degrees below which an area may collapse on the grid of a tile: two units."""
    return 360 / 4096 * 2 * 0.5**zoom


def shown_attributes(layer: Layer, zoom: int) -> tuple[str, ...]:
    """Attributes that a tile carries besides the id, unless others are asked for: public ones."""
    names = NAMES if zoom >= layer.style.names_from else ()
    wanted = {*layer.style.needs, *names}
    return tuple(name for name in public_names(layer) if name in wanted)


def zoom_rules(layer: Layer) -> dict[str, object]:
    """The rules of a layer as plain data, for metadata."""
    rules: dict[str, object] = {
        "attributes": ["id", *shown_attributes(layer, 0)],
        "namesFromZoom": layer.style.names_from,
    }
    if layer.geometry is Geometry.POINT:
        return rules | {
            "clusteredAbove": POINT_BUDGET,
            "clusterCells": CLUSTER_CELLS,
            "countAttribute": POINT_COUNT,
        }
    return rules | {
        "mergedBelowZoom": MERGED_BELOW,
        "mergedBelowPixels": MERGED_PIXELS,
        "mergedCells": MERGED_CELLS,
        "countAttribute": FEATURE_COUNT,
    }


def rule_text(layer: Layer) -> str:
    """The rule of a layer in words."""
    shown = f"Names from zoom {layer.style.names_from}; further attributes by `properties`. "
    if layer.geometry is Geometry.POINT:
        return shown + (
            f"A tile with more than {POINT_BUDGET} points holds clusters instead, one for each of "
            f"{CLUSTER_CELLS} x {CLUSTER_CELLS} cells, at the mean position, with "
            f"`{POINT_COUNT}`; a point alone in its cell stays itself. A point counts in the tile "
            "where its coordinates lie in 0..4095."
        )
    return shown + (
        f"Below zoom {MERGED_BELOW}, features smaller than {MERGED_PIXELS} pixels of 256 a tile "
        f"are merged into {MERGED_CELLS} x {MERGED_CELLS} cells, each with `{FEATURE_COUNT}`; one "
        "alone in its cell keeps its id and attributes. An area thinner than a unit comes as a "
        "line, at worst as a point."
    )
