"""The catalog: every layer that the system serves, in reading order."""

from collections.abc import Iterator

from layers import (
    axes,
    bases,
    clusters,
    demonstration_zone,
    districts,
    enterprises,
    innovation_sites,
    parcels,
    projects,
    science_cities,
    sub_parks,
)
from layers.layer import Layer


class UnknownLayerError(LookupError):
    """A name that is not a layer's id."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(f"no layer {name!r}; the layers are {', '.join(known)}")
        self.name = name
        self.known = known


class Catalog:
    """An immutable, ordered registry of layers.

    Raises:
        ValueError: two layers share an id, or an attribute refers to no layer of the catalog.
    """

    def __init__(self, layers: tuple[Layer, ...]) -> None:
        self._layers = {layer.id: layer for layer in layers}
        if len(self._layers) < len(layers):
            ids = [layer.id for layer in layers]
            twice = sorted({name for name in ids if ids.count(name) > 1})
            raise ValueError(f"layer declared twice: {', '.join(twice)}")
        for layer in layers:
            for attribute in layer.all_attributes:
                if missing := sorted(set(attribute.references) - set(self._layers)):
                    raise ValueError(
                        f"layer {layer.id!r}, attribute {attribute.name!r}: "
                        f"refers to no layer {', '.join(missing)}"
                    )

    def __iter__(self) -> Iterator[Layer]:
        return iter(self._layers.values())

    def __len__(self) -> int:
        return len(self._layers)

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids in catalog order."""
        return tuple(self._layers)

    def get(self, layer_id: str) -> Layer:
        """The layer of that id.

        Raises:
            UnknownLayerError: no such layer; the error lists those there are.
        """
        try:
            return self._layers[layer_id]
        except KeyError:
            raise UnknownLayerError(layer_id, self.ids) from None

    def with_layer(self, layer: Layer) -> "Catalog":
        """A new catalog with one layer more."""
        return Catalog((*self, layer))


CATALOG = Catalog(
    (
        demonstration_zone.LAYER,
        science_cities.LAYER,
        clusters.LAYER,
        sub_parks.LAYER,
        bases.LAYER,
        innovation_sites.LAYER,
        axes.LAYER,
        districts.LAYER,
        enterprises.LAYER,
        projects.LAYER,
        parcels.LAYER,
    )
)
