"""Errors that geodata raises on purpose: each message names the value and what is allowed."""

from collections.abc import Sequence

SHOWN = 20
"""Features that an error names."""


class GeodataError(Exception):
    """Something the caller or the operator can put right."""


class FeatureNotFoundError(GeodataError):
    """No feature of that id in the layer."""

    def __init__(self, layer_id: str, feature_id: str) -> None:
        super().__init__(f"layer {layer_id!r} has no feature {feature_id!r}")


class NoAreaError(GeodataError):
    """A layer whose features are no areas, asked for the statistics of one."""

    def __init__(self, layer_id: str, areas: list[str]) -> None:
        super().__init__(
            f"layer {layer_id!r} holds no areas; the layers that do: {', '.join(areas)}"
        )


class InvalidGeometryError(GeodataError):
    """A geometry that cannot be used, with the reason and the place of the fault."""


class DatabaseBusyError(GeodataError):
    """No connection became free in time."""


class QueryTimeoutError(GeodataError):
    """A query ran longer than the statement timeout."""


class OutsideAreasError(GeodataError):
    """Features that lie in no area of whoever would change them.

    Args:
        layer_id: whose features.
        outside: id of each feature, and the area in which it lies or would lie.
        areas: that the groups of the account look after.
    """

    def __init__(
        self, layer_id: str, outside: Sequence[tuple[str, str | None]], areas: Sequence[str]
    ) -> None:
        self.layer_id, self.outside, self.areas = layer_id, tuple(outside), tuple(areas)
        named = ", ".join(f"{each!r} in {area or 'no area'}" for each, area in self.outside[:SHOWN])
        more = ", ..." if len(self.outside) > SHOWN else ""
        own = (
            "; an office neither makes nor removes its own area, nor puts it elsewhere"
            if any(each in self.areas for each, _ in self.outside)
            else ""
        )
        super().__init__(
            f"layer {layer_id!r}: {named}{more}; your groups look after"
            f" {', '.join(self.areas) or 'no area'} and what lies below{own}. Nothing was written"
        )

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        """It crosses from the process that imports files."""
        return type(self), (self.layer_id, self.outside, self.areas)
