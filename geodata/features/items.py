"""Items of a collection: a page by key, or one feature, as GeoJSON text.

The plain request is answered from the stored public text. Another CRS, chosen properties, no
geometry or a simplified one are built by the database from the columns; datums that no EPSG code
describes are computed here, one pass a page.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from asyncpg import Record
from sqlalchemy import (
    ColumnElement,
    Float,
    FromClause,
    Integer,
    Select,
    Text,
    bindparam,
    func,
    literal,
    select,
)

from geodata.database.pool import Pool
from geodata.database.representation import (
    feature_head,
    feature_tail,
    feature_text,
    geometry_text,
    public_names,
)
from geodata.database.statement import Bound, Statement, StatementCache
from geodata.errors import FeatureNotFoundError
from geodata.features import page_limit
from geodata.features.crs import CRS84, Crs, in_crs
from geodata.features.identifier import is_feature_id
from geodata.features.order import (
    SortKey,
    after_clause,
    decode_key,
    encode_key,
    order_clauses,
)
from geodata.features.selection import (
    WHOLE_LAYER,
    Selection,
    conditions,
    rows_of,
    shape_of,
    values_of,
)
from geodata.features.tag import row_tag
from geodata.geocoding.datum import Datum, shift_wkb
from layers.attribute import Role
from layers.layer import Layer

METRES_A_DEGREE = 111_320
"""Of latitude; a degree of longitude is shorter, so simplification errs on the fine side."""


@dataclass(frozen=True, kw_only=True)
class Rendition:
    """How features are written.

    Args:
        crs: CRS of the geometries.
        properties: attributes to write, None for all public ones.
        with_geometry: whether geometries are written at all.
        tolerance_m: generalise by at most so many metres, None for not at all.
    """

    crs: Crs = CRS84
    properties: tuple[str, ...] | None = None
    with_geometry: bool = True
    tolerance_m: float | None = None

    @property
    def is_stored(self) -> bool:
        """Whether the stored text is just that."""
        return self == STORED

    @property
    def is_shifted(self) -> bool:
        """Whether geometries are in a datum that the database does not know."""
        return self.with_geometry and self.crs.datum is not Datum.CGCS2000

    @property
    def tolerance(self) -> float | None:
        """Tolerance in degrees."""
        return None if self.tolerance_m is None else self.tolerance_m / METRES_A_DEGREE


STORED = Rendition()


@dataclass(frozen=True, kw_only=True)
class ItemsQuery:
    """A page.

    Args:
        limit: most features it holds.
        selection: which features.
        order: sort keys; none: by id.
        after: page key of the row behind which the page starts.
        rendition: how features are written.
    """

    limit: int
    selection: Selection = WHOLE_LAYER
    order: tuple[SortKey, ...] = ()
    after: str | None = None
    rendition: Rendition = STORED


@dataclass(frozen=True)
class Page:
    """Features as GeoJSON text, and the key behind which the next page starts (None: the end)."""

    features: list[bytes]
    next_after: str | None


@dataclass(frozen=True, slots=True)
class PagePlan:
    """A page worked out to its last value: what remains is to run it."""

    layer: Layer
    query: ItemsQuery
    bound: Bound


def plan_page(layer: Layer, query: ItemsQuery) -> PagePlan:
    """Work a page out.

    Raises:
        InvalidKeyError: `after` is no key of this order.
    """
    return PagePlan(layer, query, _page_statement(layer, query).bind(query_values(layer, query)))


async def run_page(pool: Pool, plan: PagePlan, most_bytes: int | None = None) -> Page:
    """Read a page; one row more than asked for tells whether another follows.

    Args:
        pool: connections.
        plan: the page.
        most_bytes: of its features, where they could be too many.

    Raises:
        PageTooLargeError: they are more.
    """
    query = plan.query
    if most_bytes is None:
        rows = await pool.run(plan.bound)
    else:
        rows = await pool.run(_limited(plan, most_bytes))
        page_limit.check(rows[: query.limit], most_bytes)
    if len(rows) <= query.limit:
        return Page(_texts(rows, query.rendition), None)
    page = rows[: query.limit]
    return Page(_texts(page, query.rendition), encode_key(query.order, dict(page[-1])))


async def read_page(pool: Pool, layer: Layer, query: ItemsQuery) -> Page:
    """Read a page.

    Raises:
        InvalidKeyError: `after` is no key of this order.
    """
    return await run_page(pool, plan_page(layer, query))


async def count_features(pool: Pool, layer: Layer, selection: Selection) -> int:
    """How many features a selection holds; costs as much as finding them."""
    form = (layer, "count", shape_of(selection))
    statement = STATEMENTS.get(form, lambda: _count_query(layer, selection))
    rows = await pool.run(statement.bind(values_of(selection)))
    return int(rows[0]["count"])


@dataclass(frozen=True, slots=True)
class FeaturePlan:
    """One feature worked out but for its id."""

    layer: Layer
    rendition: Rendition
    reader: Role
    statement: Statement
    values: Mapping[str, object]


def plan_feature(layer: Layer, rendition: Rendition, selection: Selection) -> FeaturePlan:
    """Work out how a feature is read."""
    values = {**values_of(selection), "tolerance": rendition.tolerance}
    statement = _feature_statement(layer, selection, rendition)
    return FeaturePlan(layer, rendition, selection.reader, statement, values)


class Feature(NamedTuple):
    """GeoJSON text of a feature, and the tag of its row; None as it was known in the past."""

    text: bytes
    tag: str | None


async def run_feature(pool: Pool, plan: FeaturePlan, feature_id: str) -> Feature:
    """One feature.

    Raises:
        FeatureNotFoundError: no feature of that id.
    """
    if not is_feature_id(feature_id):
        raise FeatureNotFoundError(plan.layer.id, feature_id)
    rows = await pool.run(plan.statement.bind({**plan.values, "id": feature_id}))
    if not rows:
        raise FeatureNotFoundError(plan.layer.id, feature_id)
    return Feature(_texts(rows, plan.rendition)[0], rows[0].get("tag"))


async def read_feature(
    pool: Pool,
    layer: Layer,
    feature_id: str,
    rendition: Rendition = STORED,
    selection: Selection = WHOLE_LAYER,
) -> bytes:
    """GeoJSON text of one feature.

    Raises:
        FeatureNotFoundError: no feature of that id.
    """
    found = await run_feature(pool, plan_feature(layer, rendition, selection), feature_id)
    return found.text


def page_query(layer: Layer, query: ItemsQuery) -> Select[str, bytes]:
    """The page as a query: which rows, in which order, from which key, how many."""
    rows = rows_of(layer, query.selection)
    found = _written(rows, layer, query.rendition, query.order)
    found = found.where(*conditions(rows, query.selection))
    if query.after is not None:
        found = found.where(after_clause(rows, query.order))
    found = found.order_by(*order_clauses(rows, query.order))
    return found.limit(bindparam("count", type_=Integer))


def _count_query(layer: Layer, selection: Selection) -> Select[int]:
    rows = rows_of(layer, selection)
    counted = select(func.count().label("count")).select_from(rows)
    return counted.where(*conditions(rows, selection))


class _Form(NamedTuple):
    """The form of a query, without its values: one prepared plan for each."""

    selection: object
    order: tuple[SortKey, ...]
    keyed: bool
    crs: str
    properties: tuple[str, ...] | None
    with_geometry: bool
    simplified: bool


def _form(
    selection: Selection, order: tuple[SortKey, ...], keyed: bool, rendition: Rendition
) -> _Form:
    return _Form(
        shape_of(selection),
        order,
        keyed,
        rendition.crs.uri,
        rendition.properties,
        rendition.with_geometry,
        rendition.tolerance_m is not None,
    )


STATEMENTS = StatementCache()


def _page_statement(layer: Layer, query: ItemsQuery) -> Statement:
    form = _form(query.selection, query.order, query.after is not None, query.rendition)
    return STATEMENTS.get((layer, form), lambda: page_query(layer, query))


def _limited(plan: PagePlan, most_bytes: int) -> Bound:
    layer, query = plan.layer, plan.query
    form = _form(query.selection, query.order, query.after is not None, query.rendition)
    statement = STATEMENTS.get(
        (layer, "limited", form), lambda: page_limit.limited(page_query(layer, query))
    )
    return statement.bind({**query_values(layer, query), "most_bytes": most_bytes})


def _feature_statement(layer: Layer, selection: Selection, rendition: Rendition) -> Statement:
    form = _form(selection, (), False, rendition)
    return STATEMENTS.get((layer, "one", form), lambda: _one_query(layer, selection, rendition))


def _one_query(layer: Layer, selection: Selection, rendition: Rendition) -> Select[str, bytes]:
    rows = rows_of(layer, selection)
    found = _written(rows, layer, rendition, ())
    if selection.as_known is None:
        found = found.add_columns(row_tag(rows).label("tag"))
    return found.where(rows.c.id == bindparam("id", type_=Text), *conditions(rows, selection))


def _written(
    rows: FromClause, layer: Layer, rendition: Rendition, order: Sequence[SortKey]
) -> Select[str, bytes]:
    """Id, sort values and text; bytea, so that asyncpg hands the bytes on without decoding."""
    keys = [rows.c[key.name] for key in order if key.name != "id"]
    return select(rows.c.id, *keys, *_text_columns(rows, layer, rendition))


def _text_columns(
    rows: FromClause, layer: Layer, rendition: Rendition
) -> Iterator[ColumnElement[bytes]]:
    if rendition.is_stored:
        yield _bytes(rows.c.feature, "feature")
        return
    names = public_names(layer) if rendition.properties is None else rendition.properties
    if rendition.is_shifted:
        yield _bytes(feature_head(rows), "head")
        yield func.ST_AsBinary(_geometry(rows, rendition)).label("wkb")
        yield _bytes(feature_tail(rows, names), "tail")
        return
    yield _bytes(feature_text(rows, names, _geometry_text(rows, layer, rendition)), "feature")


def _bytes(text: ColumnElement[str], name: str) -> ColumnElement[bytes]:
    return func.textsend(text).label(name)


def _geometry_text(rows: FromClause, layer: Layer, rendition: Rendition) -> ColumnElement[str]:
    if not rendition.with_geometry:
        return literal("null", Text)
    return geometry_text(_geometry(rows, rendition), layer, rendition.crs.digits)


def _geometry(rows: FromClause, rendition: Rendition) -> ColumnElement[object]:
    """Generalised first, in degrees, then in the CRS asked for."""
    geometry: ColumnElement[object] = rows.c.geom
    if rendition.tolerance_m is not None:
        tolerance = bindparam("tolerance", type_=Float)
        geometry = func.ST_SimplifyPreserveTopology(geometry, tolerance)
    return in_crs(geometry, rendition.crs)


def query_values(layer: Layer, query: ItemsQuery) -> Mapping[str, object]:
    """Bind values of a page.

    Raises:
        InvalidKeyError: `after` is no key of this order.
    """
    keys = {} if query.after is None else decode_key(layer, query.order, query.after)
    return {
        **values_of(query.selection),
        **keys,
        "page": query.limit,
        "count": query.limit + 1,
        "tolerance": query.rendition.tolerance,
    }


def _texts(rows: Sequence[Record], rendition: Rendition) -> list[bytes]:
    if not rendition.is_shifted:
        return [row["feature"] for row in rows]
    located = [row["wkb"] for row in rows if row["wkb"] is not None]
    shifted = iter(shift_wkb(located, rendition.crs.datum) if located else ())
    return [
        row["head"] + (b"null" if row["wkb"] is None else next(shifted)) + row["tail"]
        for row in rows
    ]
