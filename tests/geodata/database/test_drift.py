"""Drift: what a database lacks of the declaration is seen, and what is proposed mends it."""

import dataclasses
import json
from datetime import date

import pytest
import sqlalchemy
from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from alembic.operations import Operations
from geoalchemy2 import Geometry as GeometryColumn
from geoalchemy2 import alembic_helpers
from sqlalchemy import select, text
from sqlalchemy.dialects import postgresql

from geodata.database import migrate
from geodata.database.drift import add_record_drift, render_check
from geodata.database.tables import HISTORY, METADATA, build_metadata
from geodata.plan.tables import PLAN_METADATA, declare_plan_tables
from layers.attribute import Attribute, Role, ValueType
from layers.catalog import CATALOG, Catalog
from layers.codelist import Codelist
from layers.layer import Geometry, Layer
from layers.style import Style
from layers.text import Text

TITLE = Text("站点", "Stations")
KINDS = Codelist("stations_kind", "test", {"metro": TITLE, "bus": TITLE})
MORE_KINDS = {"axis": TITLE, "corridor": TITLE, "ring": TITLE}
LINE = Attribute(name="line", title=TITLE, pattern=r"(metro:line|100%|it's)[0-9]*", required=False)
STATIONS = Layer(
    id="stations",
    title=TITLE,
    description=TITLE,
    geometry=Geometry.AREA,
    attributes=(
        LINE,
        Attribute(name="kind", title=TITLE, codes=KINDS),
        Attribute(name="park", title=TITLE, references=("bases",)),
        Attribute(name="depth_m", title=TITLE, type=ValueType.NUMBER, unit="m", unique=True),
    ),
    style=Style(colour="#000000"),
)


def changed(changes):
    """The catalog with the attributes of some layers changed."""
    return Catalog(
        tuple(
            dataclasses.replace(layer, attributes=tuple(changes[layer.id](own_of(layer)).values()))
            if layer.id in changes
            else layer
            for layer in CATALOG
        )
    )


def own_of(layer):
    return {attribute.name: attribute for attribute in layer.attributes}


def without(own, *names):
    return {name: attribute for name, attribute in own.items() if name not in names}


def other(own, name, **rules):
    return own | {name: dataclasses.replace(own[name], **rules)}


SECTION_FOR_PLANNERS = changed({"projects": lambda own: other(own, "section", reader=Role.PLANNER)})
LINES = changed({"projects": lambda own: {**own, "line": LINE}})


def render_item(kind, item, context):
    if kind == "check":
        return render_check(item)
    return alembic_helpers.render_item(kind, item, context)


class Proposal:
    """What Alembic and the record drift propose for a catalog, as alembic/env.py asks them."""

    def __init__(self, connection, catalog=CATALOG):
        metadata = metadata_of(catalog)
        options = {
            "include_schemas": True,
            "include_name": lambda name, kind, _: kind != "schema" or name in (None, HISTORY),
            "include_object": alembic_helpers.include_object,
            "target_metadata": metadata,
        }
        self.context = MigrationContext.configure(connection, opts=options)
        script = produce_migrations(self.context, metadata)
        add_record_drift(self.context, [script], metadata, catalog)
        self.upgrade, self.downgrade = map(self._code, (script.upgrade_ops, script.downgrade_ops))

    def _code(self, operations):
        return render_python_code(
            operations, render_item=render_item, migration_context=self.context
        )

    @property
    def is_empty(self):
        return "op." not in self.upgrade

    def run(self, code):
        """As a migration file would: by the Python text that is written into it."""
        names = {
            "op": Operations(self.context),
            "sa": sqlalchemy,
            "postgresql": postgresql,
            "Geometry": GeometryColumn,
        }
        exec("if True:\n    " + code, names)


def metadata_of(catalog):
    if catalog is CATALOG:
        return PLAN_METADATA
    return declare_plan_tables(build_metadata(catalog))


NO_BODY = "RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN new; END$$"

DAMAGES = {
    # damage -> what the proposal says; each on another table, so that all can be done at once
    "DROP TRIGGER feature ON axes": "CREATE TRIGGER feature BEFORE INSERT OR UPDATE ON axes",
    "DROP TRIGGER record_update ON bases": "CREATE TRIGGER record_update AFTER UPDATE ON bases",
    "DROP TRIGGER refuse_truncate ON clusters": "CREATE TRIGGER refuse_truncate BEFORE TRUNCATE",
    "DROP TRIGGER register_area ON sub_parks": "CREATE TRIGGER register_area AFTER INSERT OR DELETE"
    " OR UPDATE ON sub_parks",
    "ALTER TABLE projects DISABLE TRIGGER record_delete": "ENABLE TRIGGER record_delete",
    "CREATE OR REPLACE TRIGGER feature BEFORE INSERT ON enterprises FOR EACH ROW EXECUTE FUNCTION"
    " enterprises_feature()": "CREATE TRIGGER feature BEFORE INSERT OR UPDATE ON enterprises",
    "CREATE TRIGGER register_area AFTER DELETE ON parcels FOR EACH ROW EXECUTE FUNCTION"
    " register_area()": "DROP TRIGGER register_area ON parcels",
    "DROP FUNCTION clusters_feature() CASCADE": "FUNCTION clusters_feature()",
    f"CREATE OR REPLACE FUNCTION record_change() {NO_BODY}": "FUNCTION record_change()",
    f"CREATE OR REPLACE FUNCTION sub_parks_feature() {NO_BODY}": "FUNCTION sub_parks_feature()",
    "ALTER TABLE axes DROP CONSTRAINT ck_axes_kind": "ADD CONSTRAINT ck_axes_kind",
    "ALTER TABLE bases DROP CONSTRAINT ck_bases_level, ADD CONSTRAINT ck_bases_level"
    " CHECK (level <= 99)": "ADD CONSTRAINT ck_bases_level",
    "ALTER TABLE axes ADD CONSTRAINT more CHECK (level < 9)": "DROP CONSTRAINT IF EXISTS more",
    "ALTER TABLE indicators DROP CONSTRAINT ck_indicators_kind": "CONSTRAINT ck_indicators_kind",
    "ALTER TABLE axes DROP COLUMN aliases": "op.add_column('axes', sa.Column('aliases'",
    "ALTER TABLE history.bases DROP COLUMN section": "op.add_column('bases', sa.Column('section'",
    "ALTER TABLE axes ADD COLUMN extra text": "op.drop_column('axes', 'extra')",
    "ALTER TABLE bases ALTER COLUMN name_zh DROP NOT NULL": "op.alter_column('bases', 'name_zh'",
    "ALTER TABLE bases ALTER COLUMN level TYPE bigint": "op.alter_column('bases', 'level'",
    "ALTER TABLE bases DROP CONSTRAINT fk_bases_parent": "op.f('fk_bases_parent')",
    "ALTER TABLE parcels DROP CONSTRAINT uq_parcels_parcel_code": "op.f('uq_parcels_parcel_code')",
    "DROP INDEX ix_axes_geom": "op.create_index('ix_axes_geom'",
    "COMMENT ON TABLE axes IS 'other'": "'轴线'",
    "COMMENT ON COLUMN axes.kind IS NULL": "comment='类别'",
    "DROP TABLE mentions": "op.create_table('mentions'",
    "DROP TABLE history.axes": "op.create_index('ix_history_axes_id'",
    "DROP POLICY add ON bases": "CREATE POLICY add ON bases FOR INSERT",
    "ALTER POLICY change ON axes USING (true)": "CREATE POLICY change ON axes FOR UPDATE",
    "CREATE POLICY more ON axes FOR INSERT WITH CHECK (true)": "DROP POLICY more ON axes",
    "ALTER TABLE clusters DISABLE ROW LEVEL SECURITY": "clusters ENABLE ROW LEVEL SECURITY",
    "CREATE OR REPLACE FUNCTION accounts.writes_all(at_least text) RETURNS boolean LANGUAGE sql"
    " AS 'SELECT true'": "FUNCTION accounts.writes_all(at_least text)",
    "DROP TRIGGER refuse_offices ON geocoding.decisions": "CREATE TRIGGER refuse_offices",
    "DROP TABLE districts": "CREATE TRIGGER feature BEFORE INSERT OR UPDATE ON districts",
}


@pytest.fixture(scope="module")
def damaged(plan_engine):
    """A database with every damage done and undone again: what was proposed, what was left."""
    with plan_engine.connect() as connection:
        for damage in DAMAGES:
            connection.exec_driver_sql(damage)
        proposal = Proposal(connection)
        proposal.run(proposal.upgrade)
        left = Proposal(connection)
        connection.rollback()
    return proposal.upgrade, left


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_seen(damaged, damage):
    proposed, _ = damaged
    assert DAMAGES[damage] in proposed


def test_what_is_proposed_mends_all_damage(damaged):
    _, left = damaged
    assert left.is_empty


def test_a_migrated_database_lacks_nothing(connection):
    assert Proposal(connection).is_empty


FOREIGN = [
    f"CREATE FUNCTION nearest_feature() {NO_BODY}",
    "CREATE FUNCTION axes_feature(text) RETURNS text LANGUAGE sql AS 'SELECT $1'",
    f"CREATE FUNCTION audit() {NO_BODY}",
    "CREATE TRIGGER audit AFTER INSERT ON axes FOR EACH ROW EXECUTE FUNCTION audit()",
    "CREATE SCHEMA other",
    "CREATE TABLE other.axes (id text CHECK (id <> ''))",
    f"CREATE FUNCTION other.axes_feature() {NO_BODY}",
    "CREATE TRIGGER feature BEFORE INSERT ON other.axes"
    " FOR EACH ROW EXECUTE FUNCTION other.axes_feature()",
]


def test_what_an_operator_made_for_himself_is_left_alone(connection):
    for made in FOREIGN:
        connection.exec_driver_sql(made)
    assert Proposal(connection).is_empty


CHANGES = {
    "a-layer-more": CATALOG.with_layer(STATIONS),
    "a-layer-less": Catalog(tuple(layer for layer in CATALOG if layer.id != "parcels")),
    "attributes-more-and-less-and-other-rules": changed(
        {
            "projects": lambda own: {**own, "line": LINE},
            "innovation_sites": lambda own: without(own, "section", "aliases"),
            "axes": lambda own: other(own, "kind", codes=Codelist("k", "test", MORE_KINDS)),
            "districts": lambda own: other(own, "code", pattern="[0-9]{6}|x:y%z", unique=False),
            "bases": lambda own: other(own, "section", max_length=60),
            "sub_parks": lambda own: other(own, "level", maximum=12),
            "parcels": lambda own: other(own, "holder", reader=Role.PUBLIC),
            "enterprises": lambda own: other(own, "address", unique=True, reader=Role.PLANNER),
        }
    ),
}


@pytest.mark.parametrize("catalog", CHANGES.values(), ids=CHANGES)
def test_a_changed_declaration_is_followed_there_and_back(connection, catalog):
    there = Proposal(connection, catalog)
    assert not there.is_empty
    there.run(there.upgrade)
    assert Proposal(connection, catalog).is_empty
    there.run(there.downgrade)
    assert Proposal(connection).is_empty


def features(connection, table="projects"):
    rows = METADATA.tables[table]
    return {row.id: json.loads(row.feature) for row in connection.execute(select(rows))}


def test_rows_lose_from_their_public_text_what_is_public_no_longer_in_the_past_too(connection):
    connection.execute(text("UPDATE projects SET name_en = 'x'"))
    before = features(connection)
    proposal = Proposal(connection, SECTION_FOR_PLANNERS)
    proposal.run(proposal.upgrade)
    for table in ("projects", f"{HISTORY}.projects"):
        for feature in features(connection, table).values():
            assert "section" not in feature["properties"]
            assert "kind" in feature["properties"]
    proposal.run(proposal.downgrade)
    assert features(connection) == before


def test_rows_gain_in_their_public_text_an_attribute_that_is_added(connection):
    proposal = Proposal(connection, LINES)
    proposal.run(proposal.upgrade)
    assert all(each["properties"]["line"] is None for each in features(connection).values())


def test_deriving_texts_again_moves_the_version_on_but_is_no_change_of_the_rows(connection):
    versions, past = METADATA.tables["layer_versions"], METADATA.tables["history.projects"]
    version = select(versions.c.version).where(versions.c.layer == "projects")
    rows = select(METADATA.tables["projects"].c["id", "recorded_at", "recorded_by"])
    before = connection.execute(version).scalar_one()
    recorded, kept = set(connection.execute(rows)), len(connection.execute(select(past)).all())
    proposal = Proposal(connection, SECTION_FOR_PLANNERS)
    proposal.run(proposal.upgrade)
    assert connection.execute(version).scalar_one() == before + 1
    assert set(connection.execute(rows)) == recorded
    assert len(connection.execute(select(past)).all()) == kept


def test_a_new_layer_records_from_its_first_row_on(connection):
    proposal = Proposal(connection, CHANGES["a-layer-more"])
    proposal.run(proposal.upgrade)
    stations = build_metadata(CHANGES["a-layer-more"]).tables["stations"]
    row = {
        "id": "zhichunlu",
        "name_zh": "知春路站",
        "source": "test",
        "as_of": date(2011, 1, 1),
        "boundary_status": "schematic",
        "line": "metro:line13",
    }
    connection.execute(stations.insert().values(row))
    (feature,) = connection.execute(select(stations.c.feature)).scalars()
    assert json.loads(feature)["properties"]["line"] == "metro:line13"
    with pytest.raises(sqlalchemy.exc.IntegrityError, match="ck_stations_line"):
        connection.execute(stations.update().values(line="metro"))


def test_check_names_what_differs(new_database):
    url = new_database()
    migrate.upgrade(url, lambda _: None)
    migrate.check(url)
    engine = migrate.open_engine(url)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE axes DROP CONSTRAINT ck_axes_kind"))
    engine.dispose()
    with pytest.raises(migrate.SchemaDriftError, match="ck_axes_kind"):
        migrate.check(url)
