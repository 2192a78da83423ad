"""Errors that geodata raises on purpose: each message names the value and what is allowed."""


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
