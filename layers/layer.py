"""A layer: the one place that says what a feature type is (ISO 19109 `GF_FeatureType`)."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from layers.attribute import NAME, Attribute, Role
from layers.common import AREA_LAYERS, COMMON
from layers.style import Style
from layers.text import Text

RESERVED = {
    "id",
    "geom",
    "feature",
    "recorded_at",
    "recorded_by",
    "recorded_reason",
    "recorded_import",
}

FINEST_DIGITS = 6
"""Decimals of a degree: about 0.1 m; what is finer hides nothing."""


class Geometry(StrEnum):
    """Geometry type of a layer, named as in GeoJSON; coordinates are CGCS2000 lon-lat degrees."""

    POINT = "Point"
    LINE = "MultiLineString"
    AREA = "MultiPolygon"


@dataclass(frozen=True, kw_only=True)
class Precision:
    """How precisely positions are told to those who may not know them as they are kept.

    Args:
        digits: decimals of a degree; with 3 a position lies within 80 m of what is told.
        reader: least role that is told positions as they are kept.
    """

    digits: int
    reader: Role

    def __post_init__(self) -> None:
        if not 0 <= self.digits <= FINEST_DIGITS:
            raise ValueError(f"digits {self.digits}: must be from 0 to {FINEST_DIGITS}")
        if self.reader is Role.PUBLIC:
            raise ValueError("a precision of which the public is told more is none")


@dataclass(frozen=True, kw_only=True, eq=False)
class Layer:
    """A collection of features of one kind.

    Its table, its history, its OGC collection, its map overlay and legend follow from this.

    Args:
        id: collection, module and table name.
        title: name in both languages.
        description: what the layer holds and what it does not.
        geometry: geometry type of every feature.
        geometry_required: a feature without a geometry is refused.
        attributes: attributes beyond `layers.common.COMMON`.
        style: portrayal.
        disjoint: two of its areas never overlap, as parcels of one registry do not.
        registered_area: attribute that holds the registered area, m2, of the geometry.
        writer: least role that may change features; it reads all of what it replaces.
        area: attribute that names the area in which a feature lies, for those whose groups look
            after areas (a park's office): they change what lies in theirs.
        keeper: least role of such an office, where less than `writer` is enough within its areas.
        precision: of the positions that most are told; None: everyone is told all.
    """

    id: str
    title: Text
    description: Text
    geometry: Geometry
    attributes: tuple[Attribute, ...] = ()
    style: Style
    geometry_required: bool = False
    disjoint: bool = False
    registered_area: str | None = None
    writer: Role = Role.ADMIN
    area: str | None = None
    keeper: Role | None = None
    precision: Precision | None = None

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.id):
            raise ValueError(f"layer id {self.id!r}: must match {NAME.pattern}")
        names = [attribute.name for attribute in self.all_attributes]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"layer {self.id!r}: attribute declared twice: {', '.join(twice)}")
        if taken := sorted(RESERVED.intersection(names)):
            raise ValueError(f"layer {self.id!r}: reserved attribute name: {', '.join(taken)}")
        if self.registered_area not in (None, *names):
            raise ValueError(f"layer {self.id!r}: no attribute {self.registered_area!r}")
        self._refuse_blind_writers()
        self._refuse_nowhere()

    def _refuse_blind_writers(self) -> None:
        """Who cannot read a value would lose it without knowing."""
        for role in (self.writer, self.least_writer(bound=True)):
            if role is Role.PUBLIC:
                raise ValueError(f"layer {self.id!r}: the public writes no layer")
            hidden = [each.name for each in self.attributes if not role.includes(each.reader)]
            hidden += [] if self.tells_positions(role) else ["the positions"]
            if hidden:
                raise ValueError(
                    f"layer {self.id!r}: its writer {role} cannot read {', '.join(hidden)}"
                )

    def _refuse_nowhere(self) -> None:
        """An office needs to know which features are its own."""
        if self.area is not None:
            named = [each for each in self.attributes if each.name == self.area]
            if self.is_area or not named or not set(named[0].references) <= set(AREA_LAYERS):
                raise ValueError(
                    f"layer {self.id!r}: area {self.area!r} must be an attribute that refers to"
                    " areas, of a layer that holds none itself"
                )
        if self.keeper is not None and not (self.is_area or self.area):
            raise ValueError(f"layer {self.id!r}: a keeper, but nothing tells whose a feature is")
        if self.keeper is not None and self.keeper.includes(self.writer):
            raise ValueError(
                f"layer {self.id!r}: the keeper {self.keeper} is no less than the writer"
            )

    @cached_property
    def all_attributes(self) -> tuple[Attribute, ...]:
        """Common attributes, then the layer's own, in display order."""
        return (*COMMON, *self.attributes)

    @property
    def is_area(self) -> bool:
        """Whether its features are areas of the plan that others can refer to."""
        return self.id in AREA_LAYERS

    def least_writer(self, *, bound: bool) -> Role:
        """Least role that may change features: of the whole layer, or of its own areas."""
        return self.keeper if bound and self.keeper is not None else self.writer

    def tells_positions(self, role: Role) -> bool:
        """Whether a role is told positions as they are kept."""
        return self.precision is None or role.includes(self.precision.reader)

    def keeps_from(self, role: Role) -> bool:
        """Whether a role is told less than there is: it then learns of no change of the rest."""
        return not self.tells_positions(role) or any(
            not role.includes(each.reader) for each in self.all_attributes
        )

    def attribute(self, name: str) -> Attribute:
        """The attribute of that name; another name is a KeyError."""
        return {attribute.name: attribute for attribute in self.all_attributes}[name]
