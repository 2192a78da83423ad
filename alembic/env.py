"""Alembic environment: runs on the connection that geodata.database.migrate passes in."""

from alembic import context
from geoalchemy2 import alembic_helpers

from geodata.accounts.tables import ACCOUNTS_METADATA
from geodata.accounts.tables import SCHEMA as ACCOUNTS
from geodata.audit.tables import AUDIT_METADATA
from geodata.audit.watch import SCHEMA as AUDIT
from geodata.database.drift import add_record_drift, render_check
from geodata.database.tables import HISTORY
from geodata.geocoding.tables import GEOCODING_METADATA
from geodata.geocoding.tables import SCHEMA as GEOCODING
from geodata.plan.tables import PLAN_METADATA
from layers.catalog import CATALOG


def include_name(name, type_, _parents):
    """Only our schemas: an operator's database may hold others."""
    return type_ != "schema" or name in (None, HISTORY, GEOCODING, ACCOUNTS, AUDIT)


def render_item(type_, item, autogen_context):
    """Geometry columns as GeoAlchemy writes them, constraints as we do."""
    return (
        render_check(item)
        if type_ == "check"
        else alembic_helpers.render_item(type_, item, autogen_context)
    )


def process_revision_directives(migration_context, _revision, directives):
    """The record triggers of new and changed layers.

    GeoAlchemy's own writer is left out: its create_geospatial_table loses table comments, and
    our spatial indexes are declared, so plain operations do.
    """
    add_record_drift(migration_context, directives, PLAN_METADATA, CATALOG)


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=[PLAN_METADATA, GEOCODING_METADATA, ACCOUNTS_METADATA, AUDIT_METADATA],
    include_schemas=True,
    include_name=include_name,
    include_object=alembic_helpers.include_object,
    render_item=render_item,
    process_revision_directives=process_revision_directives,
)
with context.begin_transaction():
    context.run_migrations()
