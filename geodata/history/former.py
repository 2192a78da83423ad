"""A version of a feature that is no more: what somebody saw before another changed it."""

from collections.abc import Collection
from functools import lru_cache

from sqlalchemy import Text, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from geodata.database.pool import Pool
from geodata.database.representation import feature_text, geometry_text, readable
from geodata.database.statement import Statement, compile_statement
from geodata.database.tables import METADATA, history_table
from geodata.features.tag import instant_of, instant_tag
from layers.attribute import Role
from layers.layer import Layer


async def read_former(
    pool: Pool, layer: Layer, feature_id: str, tags: Collection[str], reader: Role
) -> str | None:
    """The version that bore one of the tags, the latest of them, as GeoJSON text.

    Args:
        pool: connections as the serving role of the reader.
        tags: as :func:`geodata.features.tag.row_tag` writes them.
        reader: the text has what this role may read.

    Returns:
        None where the history has none: the tag is made up, or older than the feature's history.
    """
    values = {"id": feature_id, "instants": [instant_of(tag) for tag in tags]}
    row = await pool.fetchrow(_statement(layer, reader), values)
    return None if row is None else str(row["feature"])


@lru_cache(maxsize=64)
def _statement(layer: Layer, reader: Role) -> Statement:
    past = history_table(METADATA, layer)
    text = feature_text(past, readable(layer, reader), geometry_text(past.c.geom, layer))
    instants = bindparam("instants", type_=ARRAY(Text))
    query = select(text.label("feature")).where(
        past.c.id == bindparam("id", type_=Text), instant_tag(past) == any_(instants)
    )
    return compile_statement(query.order_by(past.c.revision.desc()).limit(1))
