"""Portrayal of a layer: one declaration for the map, its legend and vector-tile styles."""

import re
from dataclasses import dataclass

COLOUR = re.compile(r"#[0-9a-f]{6}")
SCHEMATIC_DASH = (6, 4)
MAXIMUM_ZOOM = 24


@dataclass(frozen=True, kw_only=True)
class Style:
    """How features are drawn.

    Args:
        colour: stroke colour, `#rrggbb`.
        fill_opacity: 0 to 1; the fill has the stroke's colour.
        width: stroke width in pixels.
        radius: radius of a point symbol in pixels.
        order: drawing order, higher is nearer the reader.
        visible: shown when the map opens.
        names_from: zoom from which tiles carry names and maps show them.
    """

    colour: str
    fill_opacity: float = 0.15
    width: float = 1.5
    radius: float = 6
    order: int = 0
    visible: bool = True
    names_from: int = 10

    def __post_init__(self) -> None:
        if not COLOUR.fullmatch(self.colour):
            raise ValueError(f"colour {self.colour!r}: must be #rrggbb in lower case")
        if not 0 <= self.fill_opacity <= 1:
            raise ValueError(f"fill_opacity {self.fill_opacity}: must lie between 0 and 1")
        if not 0 <= self.names_from <= MAXIMUM_ZOOM:
            raise ValueError(f"names_from {self.names_from}: must lie between 0 and {MAXIMUM_ZOOM}")

    @property
    def needs(self) -> tuple[str, ...]:
        """Attributes that the portrayal looks at, which thus go into every tile."""
        return ("boundary_status",)
