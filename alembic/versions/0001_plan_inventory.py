"""Layers, their history and versions, and the plan's indicators, assignments and mentions."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute('CREATE EXTENSION IF NOT EXISTS postgis')
    op.execute('CREATE SCHEMA IF NOT EXISTS history')
    op.create_table('areas',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('layer', sa.Text(), nullable=False),
    sa.Column('parent', sa.Text(), nullable=True),
    sa.Column('counted_in', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_areas'))
    )
    op.create_index(op.f('ix_areas_counted_in'), 'areas', ['counted_in'], unique=False)
    op.create_index(op.f('ix_areas_parent'), 'areas', ['parent'], unique=False)
    op.create_table('districts',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('name_zh', sa.Text(), nullable=False, comment='中文名称'),
    sa.Column('name_en', sa.Text(), nullable=True, comment='英文名称'),
    sa.Column('source', sa.Text(), nullable=False, comment='来源'),
    sa.Column('as_of', sa.Date(), nullable=False, comment='资料日期'),
    sa.Column('valid_from', sa.Date(), nullable=True, comment='生效日期'),
    sa.Column('valid_to', sa.Date(), nullable=True, comment='失效日期'),
    sa.Column('accuracy_m', sa.Double(), nullable=True, comment='位置精度'),
    sa.Column('boundary_status', sa.Text(), nullable=False, comment='边界性质'),
    sa.Column('location_source', sa.Text(), nullable=True, comment='位置依据'),
    sa.Column('code', sa.Text(), nullable=False, comment='行政区划代码'),
    sa.Column('aliases', sa.Text(), nullable=True, comment='别名'),
    sa.Column('geom', Geometry(geometry_type='MULTIPOLYGON', srid=4490, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry'), nullable=True),
    sa.Column('feature', sa.Text(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_by', sa.Text(), nullable=False),
    sa.Column('recorded_reason', sa.Text(), nullable=True),
    sa.CheckConstraint("accuracy_m >= 0 AND accuracy_m < 'Infinity'::float8", name=op.f('ck_districts_accuracy_m')),
    sa.CheckConstraint("boundary_status IN ('schematic', 'authoritative')", name=op.f('ck_districts_boundary_status')),
    sa.CheckConstraint("char_length(code) <= 2000 AND code ~ '^([0-9]{6})$'", name=op.f('ck_districts_code')),
    sa.CheckConstraint("id ~ '^[A-Za-z0-9][A-Za-z0-9._-]*$' AND char_length(id) <= 120", name=op.f('ck_districts_id')),
    sa.CheckConstraint('ST_IsValid(geom)', name=op.f('ck_districts_geom')),
    sa.CheckConstraint('char_length(aliases) <= 2000', name=op.f('ck_districts_aliases')),
    sa.CheckConstraint('char_length(location_source) <= 2000', name=op.f('ck_districts_location_source')),
    sa.CheckConstraint('char_length(name_en) <= 2000', name=op.f('ck_districts_name_en')),
    sa.CheckConstraint('char_length(name_zh) <= 2000', name=op.f('ck_districts_name_zh')),
    sa.CheckConstraint('char_length(source) <= 2000', name=op.f('ck_districts_source')),
    sa.CheckConstraint('valid_from <= valid_to', name=op.f('ck_districts_valid')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_districts')),
    sa.UniqueConstraint('code', name=op.f('uq_districts_code'), deferrable=True),
    comment='行政区'
    )
    op.create_index('ix_districts_geom', 'districts', ['geom'], unique=False, postgresql_using='gist')
    op.create_table('axes',
    sa.Column('revision', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('operation', sa.Text(), nullable=False),
    sa.Column('superseded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('superseded_by', sa.Text(), nullable=False),
    sa.Column('superseded_reason', sa.Text(), nullable=True),
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('name_zh', sa.Text(), nullable=True),
    sa.Column('name_en', sa.Text(), nullable=True),
    sa.Column('source', sa.Text(), nullable=True),
    sa.Column('as_of', sa.Date(), nullable=True),
    sa.Column('valid_from', sa.Date(), nullable=True),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('accuracy_m', sa.Double(), nullable=True),
    sa.Column('boundary_status', sa.Text(), nullable=True),
    sa.Column('location_source', sa.Text(), nullable=True),
    sa.Column('kind', sa.Text(), nullable=True),
    sa.Column('aliases', sa.Text(), nullable=True),
    sa.Column('parent', sa.Text(), nullable=True),
    sa.Column('counted_in', sa.Text(), nullable=True),
    sa.Column('level', sa.Integer(), nullable=True),
    sa.Column('district', sa.Text(), nullable=True),
    sa.Column('industry', sa.Text(), nullable=True),
    sa.Column('section', sa.Text(), nullable=True),
    sa.Column('published_area_km2', sa.Double(), nullable=True),
    sa.Column('published_area_source', sa.Text(), nullable=True),
    sa.Column('geom', Geometry(geometry_type='MULTILINESTRING', srid=4490, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry'), nullable=True),
    sa.Column('feature', sa.Text(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_by', sa.Text(), nullable=False),
    sa.Column('recorded_reason', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('revision', name=op.f('pk_axes')),
    schema='history',
    comment='轴线（历史）'
    )
    op.create_index('ix_history_axes_geom', 'axes', ['geom'], unique=False, schema='history', postgresql_using='gist')
    op.create_index('ix_history_axes_id', 'axes', ['id', 'superseded_at'], unique=False, schema='history')
    op.create_table('bases',
    sa.Column('revision', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('operation', sa.Text(), nullable=False),
    sa.Column('superseded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('superseded_by', sa.Text(), nullable=False),
    sa.Column('superseded_reason', sa.Text(), nullable=True),
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('name_zh', sa.Text(), nullable=True),
    sa.Column('name_en', sa.Text(), nullable=True),
    sa.Column('source', sa.Text(), nullable=True),
    sa.Column('as_of', sa.Date(), nullable=True),
    sa.Column('valid_from', sa.Date(), nullable=True),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('accuracy_m', sa.Double(), nullable=True),
    sa.Column('boundary_status', sa.Text(), nullable=True),
    sa.Column('location_source', sa.Text(), nullable=True),
    sa.Column('kind', sa.Text(), nullable=True),
    sa.Column('in_regulation', sa.Boolean(), nullable=True),
    sa.Column('aliases', sa.Text(), nullable=True),
    sa.Column('parent', sa.Text(), nullable=True),
    sa.Column('counted_in', sa.Text(), nullable=True),
    sa.Column('level', sa.Integer(), nullable=True),
    sa.Column('district', sa.Text(), nullable=True),
    sa.Column('industry', sa.Text(), nullable=True),
    sa.Column('section', sa.Text(), nullable=True),
    sa.Column('published_area_km2', sa.Double(), nullable=True),
    sa.Column('published_area_source', sa.Text(), nullable=True),
    sa.Column('geom', Geometry(geometry_type='MULTIPOLYGON', srid=4490, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry'), nullable=True),
    sa.Column('feature', sa.Text(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_by', sa.Text(), nullable=False),
    sa.Column('recorded_reason', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('revision', name=op.f('pk_bases')),
    schema='history',
    comment='产业基地（历史）'
    )
    op.create_index('ix_history_bases_geom', 'bases', ['geom'], unique=False, schema='history', postgresql_using='gist')
    op.create_index('ix_history_bases_id', 'bases', ['id', 'superseded_at'], unique=False, schema='history')
    op.create_table('clusters',
    sa.Column('revision', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('operation', sa.Text(), nullable=False),
    sa.Column('superseded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('superseded_by', sa.Text(), nullable=False),
    sa.Column('superseded_reason', sa.Text(), nullable=True),
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('name_zh', sa.Text(), nullable=True),
    sa.Column('name_en', sa.Text(), nullable=True),
    sa.Column('source', sa.Text(), nullable=True),
    sa.Column('as_of', sa.Date(), nullable=True),
    sa.Column('valid_from', sa.Date(), nullable=True),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('accuracy_m', sa.Double(), nullable=True),
    sa.Column('boundary_status', sa.Text(), nullable=True),
    sa.Column('location_source', sa.Text(), nullable=True),
    sa.Column('aliases', sa.Text(), nullable=True),
    sa.Column('parent', sa.Text(), nullable=True),
    sa.Column('counted_in', sa.Text(), nullable=True),
    sa.Column('level', sa.Integer(), nullable=True),
    sa.Column('district', sa.Text(), nullable=True),
    sa.Column('industry', sa.Text(), nullable=True),
    sa.Column('section', sa.Text(), nullable=True),
    sa.Column('published_area_km2', sa.Double(), nullable=True),
    sa.Column('published_area_source', sa.Text(), nullable=True),
    sa.Column('geom', Geometry(geometry_type='MULTIPOLYGON', srid=4490, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry'), nullable=True),
    sa.Column('feature', sa.Text(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_by', sa.Text(), nullable=False),
    sa.Column('recorded_reason', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('revision', name=op.f('pk_clusters')),
    schema='history',
    comment='产业聚集区（历史）'
    )
    op.create_index('ix_history_clusters_geom', 'clusters', ['geom'], unique=False, schema='history', postgresql_using='gist')
    op.create_index('ix_history_clusters_id', 'clusters', ['id', 'superseded_at'], unique=False, schema='history')
    op.create_table('demonstration_zone',
    sa.Column('revision', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('operation', sa.Text(), nullable=False),
    sa.Column('superseded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('superseded_by', sa.Text(), nullable=False),
    sa.Column('superseded_reason', sa.Text(), nullable=True),
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('name_zh', sa.Text(), nullable=True),
    sa.Column('name_en', sa.Text(), nullable=True),
    sa.Column('source', sa.Text(), nullable=True),
    sa.Column('as_of', sa.Date(), nullable=True),
    sa.Column('valid_from', sa.Date(), nullable=True),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('accuracy_m', sa.Double(), nullable=True),
    sa.Column('boundary_status', sa.Text(), nullable=True),
    sa.Column('location_source', sa.Text(), nullable=True),
    sa.Column('aliases', sa.Text(), nullable=True),
    sa.Column('parent', sa.Text(), nullable=True),
    sa.Column('counted_in', sa.Text(), nullable=True),
    sa.Column('level', sa.Integer(), nullable=True),
    sa.Column('district', sa.Text(), nullable=True),
    sa.Column('industry', sa.Text(), nullable=True),
    sa.Column('section', sa.Text(), nullable=True),
    sa.Column('published_area_km2', sa.Double(), nullable=True),
    sa.Column('published_area_source', sa.Text(), nullable=True),
    sa.Column('geom', Geometry(geometry_type='MULTIPOLYGON', srid=4490, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry'), nullable=True),
    sa.Column('feature', sa.Text(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_by', sa.Text(), nullable=False),
    sa.Column('recorded_reason', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('revision', name=op.f('pk_demonstration_zone')),
    schema='history',
    comment='示范区（历史）'
    )
    op.create_index('ix_history_demonstration_zone_geom', 'demonstration_zone', ['geom'], unique=False, schema='history', postgresql_using='gist')
    op.create_index('ix_history_demonstration_zone_id', 'demonstration_zone', ['id', 'superseded_at'], unique=False, schema='history')
    op.create_table('districts',
    sa.Column('revision', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('operation', sa.Text(), nullable=False),
    sa.Column('superseded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('superseded_by', sa.Text(), nullable=False),
    sa.Column('superseded_reason', sa.Text(), nullable=True),
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('name_zh', sa.Text(), nullable=True),
    sa.Column('name_en', sa.Text(), nullable=True),
    sa.Column('source', sa.Text(), nullable=True),
    sa.Column('as_of', sa.Date(), nullable=True),
    sa.Column('valid_from', sa.Date(), nullable=True),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('accuracy_m', sa.Double(), nullable=True),
    sa.Column('boundary_status', sa.Text(), nullable=True),
    sa.Column('location_source', sa.Text(), nullable=True),
    sa.Column('code', sa.Text(), nullable=True),
    sa.Column('aliases', sa.Text(), nullable=True),
    sa.Column('geom', Geometry(geometry_type='MULTIPOLYGON', srid=4490, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry'), nullable=True),
    sa.Column('feature', sa.Text(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_by', sa.Text(), nullable=False),
    sa.Column('recorded_reason', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('revision', name=op.f('pk_districts')),
    schema='history',
    comment='行政区（历史）'
    )
    op.create_index('ix_history_districts_geom', 'districts', ['geom'], unique=False, schema='history', postgresql_using='gist')
    op.create_index('ix_history_districts_id', 'districts', ['id', 'superseded_at'], unique=False, schema='history')
    op.create_table('enterprises',
    sa.Column('revision', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('operation', sa.Text(), nullable=False),
    sa.Column('superseded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('superseded_by', sa.Text(), nullable=False),
    sa.Column('superseded_reason', sa.Text(), nullable=True),
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('name_zh', sa.Text(), nullable=True),
    sa.Column('name_en', sa.Text(), nullable=True),
    sa.Column('source', sa.Text(), nullable=True),
    sa.Column('as_of', sa.Date(), nullable=True),
    sa.Column('valid_from', sa.Date(), nullable=True),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('accuracy_m', sa.Double(), nullable=True),
    sa.Column('boundary_status', sa.Text(), nullable=True),
    sa.Column('location_source', sa.Text(), nullable=True),
    sa.Column('aliases', sa.Text(), nullable=True),
    sa.Column('industry', sa.Text(), nullable=True),
    sa.Column('emerging_industry', sa.Text(), nullable=True),
    sa.Column('plan_cluster', sa.Text(), nullable=True),
    sa.Column('area', sa.Text(), nullable=True),
    sa.Column('industry_code', sa.Text(), nullable=True),
    sa.Column('uscc', sa.Text(), nullable=True),
    sa.Column('address', sa.Text(), nullable=True),
    sa.Column('district', sa.Text(), nullable=True),
    sa.Column('section', sa.Text(), nullable=True),
    sa.Column('geom', Geometry(geometry_type='POINT', srid=4490, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry'), nullable=True),
    sa.Column('feature', sa.Text(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_by', sa.Text(), nullable=False),
    sa.Column('recorded_reason', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('revision', name=op.f('pk_enterprises')),
    schema='history',
    comment='企业（历史）'
    )
    op.create_index('ix_history_enterprises_geom', 'enterprises', ['geom'], unique=False, schema='history', postgresql_using='gist')
    op.create_index('ix_history_enterprises_id', 'enterprises', ['id', 'superseded_at'], unique=False, schema='history')
    op.create_table('innovation_sites',
    sa.Column('revision', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('operation', sa.Text(), nullable=False),
    sa.Column('superseded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('superseded_by', sa.Text(), nullable=False),
    sa.Column('superseded_reason', sa.Text(), nullable=True),
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('name_zh', sa.Text(), nullable=True),
    sa.Column('name_en', sa.Text(), nullable=True),
    sa.Column('source', sa.Text(), nullable=True),
    sa.Column('as_of', sa.Date(), nullable=True),
    sa.Column('valid_from', sa.Date(), nullable=True),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('accuracy_m', sa.Double(), nullable=True),
    sa.Column('boundary_status', sa.Text(), nullable=True),
    sa.Column('location_source', sa.Text(), nullable=True),
    sa.Column('kind', sa.Text(), nullable=True),
    sa.Column('aliases', sa.Text(), nullable=True),
    sa.Column('parent', sa.Text(), nullable=True),
    sa.Column('counted_in', sa.Text(), nullable=True),
    sa.Column('level', sa.Integer(), nullable=True),
    sa.Column('district', sa.Text(), nullable=True),
    sa.Column('industry', sa.Text(), nullable=True),
    sa.Column('section', sa.Text(), nullable=True),
    sa.Column('published_area_km2', sa.Double(), nullable=True),
    sa.Column('published_area_source', sa.Text(), nullable=True),
    sa.Column('geom', Geometry(geometry_type='POINT', srid=4490, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry'), nullable=True),
    sa.Column('feature', sa.Text(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_by', sa.Text(), nullable=False),
    sa.Column('recorded_reason', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('revision', name=op.f('pk_innovation_sites')),
    schema='history',
    comment='创新园和研究院（历史）'
    )
    op.create_index('ix_history_innovation_sites_geom', 'innovation_sites', ['geom'], unique=False, schema='history', postgresql_using='gist')
    op.create_index('ix_history_innovation_sites_id', 'innovation_sites', ['id', 'superseded_at'], unique=False, schema='history')
    op.create_table('parcels',
    sa.Column('revision', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('operation', sa.Text(), nullable=False),
    sa.Column('superseded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('superseded_by', sa.Text(), nullable=False),
    sa.Column('superseded_reason', sa.Text(), nullable=True),
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('name_zh', sa.Text(), nullable=True),
    sa.Column('name_en', sa.Text(), nullable=True),
    sa.Column('source', sa.Text(), nullable=True),
    sa.Column('as_of', sa.Date(), nullable=True),
    sa.Column('valid_from', sa.Date(), nullable=True),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('accuracy_m', sa.Double(), nullable=True),
    sa.Column('boundary_status', sa.Text(), nullable=True),
    sa.Column('location_source', sa.Text(), nullable=True),
    sa.Column('parcel_code', sa.Text(), nullable=True),
    sa.Column('land_ownership', sa.Text(), nullable=True),
    sa.Column('land_use', sa.Text(), nullable=True),
    sa.Column('supply_mode', sa.Text(), nullable=True),
    sa.Column('area_registered_m2', sa.Double(), nullable=True),
    sa.Column('park', sa.Text(), nullable=True),
    sa.Column('holder', sa.Text(), nullable=True),
    sa.Column('district', sa.Text(), nullable=True),
    sa.Column('geom', Geometry(geometry_type='MULTIPOLYGON', srid=4490, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry'), nullable=True),
    sa.Column('feature', sa.Text(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_by', sa.Text(), nullable=False),
    sa.Column('recorded_reason', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('revision', name=op.f('pk_parcels')),
    schema='history',
    comment='宗地（历史）'
    )
    op.create_index('ix_history_parcels_geom', 'parcels', ['geom'], unique=False, schema='history', postgresql_using='gist')
    op.create_index('ix_history_parcels_id', 'parcels', ['id', 'superseded_at'], unique=False, schema='history')
    op.create_table('projects',
    sa.Column('revision', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('operation', sa.Text(), nullable=False),
    sa.Column('superseded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('superseded_by', sa.Text(), nullable=False),
    sa.Column('superseded_reason', sa.Text(), nullable=True),
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('name_zh', sa.Text(), nullable=True),
    sa.Column('name_en', sa.Text(), nullable=True),
    sa.Column('source', sa.Text(), nullable=True),
    sa.Column('as_of', sa.Date(), nullable=True),
    sa.Column('valid_from', sa.Date(), nullable=True),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('accuracy_m', sa.Double(), nullable=True),
    sa.Column('boundary_status', sa.Text(), nullable=True),
    sa.Column('location_source', sa.Text(), nullable=True),
    sa.Column('kind', sa.Text(), nullable=True),
    sa.Column('aliases', sa.Text(), nullable=True),
    sa.Column('industry', sa.Text(), nullable=True),
    sa.Column('area', sa.Text(), nullable=True),
    sa.Column('district', sa.Text(), nullable=True),
    sa.Column('section', sa.Text(), nullable=True),
    sa.Column('geom', Geometry(geometry_type='POINT', srid=4490, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry'), nullable=True),
    sa.Column('feature', sa.Text(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_by', sa.Text(), nullable=False),
    sa.Column('recorded_reason', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('revision', name=op.f('pk_projects')),
    schema='history',
    comment='项目（历史）'
    )
    op.create_index('ix_history_projects_geom', 'projects', ['geom'], unique=False, schema='history', postgresql_using='gist')
    op.create_index('ix_history_projects_id', 'projects', ['id', 'superseded_at'], unique=False, schema='history')
    op.create_table('science_cities',
    sa.Column('revision', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('operation', sa.Text(), nullable=False),
    sa.Column('superseded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('superseded_by', sa.Text(), nullable=False),
    sa.Column('superseded_reason', sa.Text(), nullable=True),
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('name_zh', sa.Text(), nullable=True),
    sa.Column('name_en', sa.Text(), nullable=True),
    sa.Column('source', sa.Text(), nullable=True),
    sa.Column('as_of', sa.Date(), nullable=True),
    sa.Column('valid_from', sa.Date(), nullable=True),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('accuracy_m', sa.Double(), nullable=True),
    sa.Column('boundary_status', sa.Text(), nullable=True),
    sa.Column('location_source', sa.Text(), nullable=True),
    sa.Column('aliases', sa.Text(), nullable=True),
    sa.Column('parent', sa.Text(), nullable=True),
    sa.Column('counted_in', sa.Text(), nullable=True),
    sa.Column('level', sa.Integer(), nullable=True),
    sa.Column('district', sa.Text(), nullable=True),
    sa.Column('industry', sa.Text(), nullable=True),
    sa.Column('section', sa.Text(), nullable=True),
    sa.Column('published_area_km2', sa.Double(), nullable=True),
    sa.Column('published_area_source', sa.Text(), nullable=True),
    sa.Column('geom', Geometry(geometry_type='MULTIPOLYGON', srid=4490, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry'), nullable=True),
    sa.Column('feature', sa.Text(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_by', sa.Text(), nullable=False),
    sa.Column('recorded_reason', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('revision', name=op.f('pk_science_cities')),
    schema='history',
    comment='科学城（历史）'
    )
    op.create_index('ix_history_science_cities_geom', 'science_cities', ['geom'], unique=False, schema='history', postgresql_using='gist')
    op.create_index('ix_history_science_cities_id', 'science_cities', ['id', 'superseded_at'], unique=False, schema='history')
    op.create_table('sub_parks',
    sa.Column('revision', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('operation', sa.Text(), nullable=False),
    sa.Column('superseded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('superseded_by', sa.Text(), nullable=False),
    sa.Column('superseded_reason', sa.Text(), nullable=True),
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('name_zh', sa.Text(), nullable=True),
    sa.Column('name_en', sa.Text(), nullable=True),
    sa.Column('source', sa.Text(), nullable=True),
    sa.Column('as_of', sa.Date(), nullable=True),
    sa.Column('valid_from', sa.Date(), nullable=True),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('accuracy_m', sa.Double(), nullable=True),
    sa.Column('boundary_status', sa.Text(), nullable=True),
    sa.Column('location_source', sa.Text(), nullable=True),
    sa.Column('kind', sa.Text(), nullable=True),
    sa.Column('in_regulation', sa.Boolean(), nullable=True),
    sa.Column('aliases', sa.Text(), nullable=True),
    sa.Column('parent', sa.Text(), nullable=True),
    sa.Column('counted_in', sa.Text(), nullable=True),
    sa.Column('level', sa.Integer(), nullable=True),
    sa.Column('district', sa.Text(), nullable=True),
    sa.Column('industry', sa.Text(), nullable=True),
    sa.Column('section', sa.Text(), nullable=True),
    sa.Column('published_area_km2', sa.Double(), nullable=True),
    sa.Column('published_area_source', sa.Text(), nullable=True),
    sa.Column('geom', Geometry(geometry_type='MULTIPOLYGON', srid=4490, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry'), nullable=True),
    sa.Column('feature', sa.Text(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_by', sa.Text(), nullable=False),
    sa.Column('recorded_reason', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('revision', name=op.f('pk_sub_parks')),
    schema='history',
    comment='园区（历史）'
    )
    op.create_index('ix_history_sub_parks_geom', 'sub_parks', ['geom'], unique=False, schema='history', postgresql_using='gist')
    op.create_index('ix_history_sub_parks_id', 'sub_parks', ['id', 'superseded_at'], unique=False, schema='history')
    op.create_table('layer_versions',
    sa.Column('layer', sa.Text(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('layer', name=op.f('pk_layer_versions'))
    )
    op.create_table('mentions',
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('name_zh', sa.Text(), nullable=False),
    sa.Column('name_en', sa.Text(), nullable=True),
    sa.Column('feature', sa.Text(), nullable=True),
    sa.Column('section', sa.Text(), nullable=False),
    sa.Column('quote', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('kind', 'name_zh', name=op.f('pk_mentions')),
    comment='规划其他条目'
    )
    op.create_table('axes',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('name_zh', sa.Text(), nullable=False, comment='中文名称'),
    sa.Column('name_en', sa.Text(), nullable=True, comment='英文名称'),
    sa.Column('source', sa.Text(), nullable=False, comment='来源'),
    sa.Column('as_of', sa.Date(), nullable=False, comment='资料日期'),
    sa.Column('valid_from', sa.Date(), nullable=True, comment='生效日期'),
    sa.Column('valid_to', sa.Date(), nullable=True, comment='失效日期'),
    sa.Column('accuracy_m', sa.Double(), nullable=True, comment='位置精度'),
    sa.Column('boundary_status', sa.Text(), nullable=False, comment='边界性质'),
    sa.Column('location_source', sa.Text(), nullable=True, comment='位置依据'),
    sa.Column('kind', sa.Text(), nullable=False, comment='类别'),
    sa.Column('aliases', sa.Text(), nullable=True, comment='别名'),
    sa.Column('parent', sa.Text(), nullable=True, comment='上级区域'),
    sa.Column('counted_in', sa.Text(), nullable=True, comment='计入区域'),
    sa.Column('level', sa.Integer(), nullable=False, comment='层级'),
    sa.Column('district', sa.Text(), nullable=True, comment='所在区'),
    sa.Column('industry', sa.Text(), nullable=True, comment='产业'),
    sa.Column('section', sa.Text(), nullable=True, comment='规划章节'),
    sa.Column('published_area_km2', sa.Double(), nullable=True, comment='公布面积'),
    sa.Column('published_area_source', sa.Text(), nullable=True, comment='公布面积来源'),
    sa.Column('geom', Geometry(geometry_type='MULTILINESTRING', srid=4490, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry'), nullable=True),
    sa.Column('feature', sa.Text(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_by', sa.Text(), nullable=False),
    sa.Column('recorded_reason', sa.Text(), nullable=True),
    sa.CheckConstraint("accuracy_m >= 0 AND accuracy_m < 'Infinity'::float8", name=op.f('ck_axes_accuracy_m')),
    sa.CheckConstraint("boundary_status IN ('schematic', 'authoritative')", name=op.f('ck_axes_boundary_status')),
    sa.CheckConstraint("district IN ('110101', '110102', '110105', '110106', '110107', '110108', '110109', '110111', '110112', '110113', '110114', '110115', '110116', '110117', '110118', '110119')", name=op.f('ck_axes_district')),
    sa.CheckConstraint("id ~ '^[A-Za-z0-9][A-Za-z0-9._-]*$' AND char_length(id) <= 120", name=op.f('ck_axes_id')),
    sa.CheckConstraint("industry IN ('electronic_information', 'biology', 'new_energy_environment', 'new_energy_vehicles', 'new_materials', 'equipment', 'aerospace', 'cultural_creative', 'modern_services')", name=op.f('ck_axes_industry')),
    sa.CheckConstraint("kind IN ('axis', 'corridor')", name=op.f('ck_axes_kind')),
    sa.CheckConstraint("published_area_km2 >= 0 AND published_area_km2 < 'Infinity'::float8", name=op.f('ck_axes_published_area_km2')),
    sa.CheckConstraint('ST_IsValid(geom)', name=op.f('ck_axes_geom')),
    sa.CheckConstraint('char_length(aliases) <= 2000', name=op.f('ck_axes_aliases')),
    sa.CheckConstraint('char_length(counted_in) <= 2000', name=op.f('ck_axes_counted_in')),
    sa.CheckConstraint('char_length(location_source) <= 2000', name=op.f('ck_axes_location_source')),
    sa.CheckConstraint('char_length(name_en) <= 2000', name=op.f('ck_axes_name_en')),
    sa.CheckConstraint('char_length(name_zh) <= 2000', name=op.f('ck_axes_name_zh')),
    sa.CheckConstraint('char_length(parent) <= 2000', name=op.f('ck_axes_parent')),
    sa.CheckConstraint('char_length(published_area_source) <= 2000', name=op.f('ck_axes_published_area_source')),
    sa.CheckConstraint('char_length(section) <= 40', name=op.f('ck_axes_section')),
    sa.CheckConstraint('char_length(source) <= 2000', name=op.f('ck_axes_source')),
    sa.CheckConstraint('level >= 0 AND level <= 9', name=op.f('ck_axes_level')),
    sa.CheckConstraint('valid_from <= valid_to', name=op.f('ck_axes_valid')),
    sa.ForeignKeyConstraint(['counted_in'], ['areas.id'], name=op.f('fk_axes_counted_in'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['parent'], ['areas.id'], name=op.f('fk_axes_parent'), initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_axes')),
    comment='轴线'
    )
    op.create_index(op.f('ix_axes_counted_in'), 'axes', ['counted_in'], unique=False)
    op.create_index('ix_axes_geom', 'axes', ['geom'], unique=False, postgresql_using='gist')
    op.create_index(op.f('ix_axes_parent'), 'axes', ['parent'], unique=False)
    op.create_table('bases',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('name_zh', sa.Text(), nullable=False, comment='中文名称'),
    sa.Column('name_en', sa.Text(), nullable=True, comment='英文名称'),
    sa.Column('source', sa.Text(), nullable=False, comment='来源'),
    sa.Column('as_of', sa.Date(), nullable=False, comment='资料日期'),
    sa.Column('valid_from', sa.Date(), nullable=True, comment='生效日期'),
    sa.Column('valid_to', sa.Date(), nullable=True, comment='失效日期'),
    sa.Column('accuracy_m', sa.Double(), nullable=True, comment='位置精度'),
    sa.Column('boundary_status', sa.Text(), nullable=False, comment='边界性质'),
    sa.Column('location_source', sa.Text(), nullable=True, comment='位置依据'),
    sa.Column('kind', sa.Text(), nullable=False, comment='类别'),
    sa.Column('in_regulation', sa.Boolean(), nullable=True, comment='条例所列'),
    sa.Column('aliases', sa.Text(), nullable=True, comment='别名'),
    sa.Column('parent', sa.Text(), nullable=True, comment='上级区域'),
    sa.Column('counted_in', sa.Text(), nullable=True, comment='计入区域'),
    sa.Column('level', sa.Integer(), nullable=False, comment='层级'),
    sa.Column('district', sa.Text(), nullable=True, comment='所在区'),
    sa.Column('industry', sa.Text(), nullable=True, comment='产业'),
    sa.Column('section', sa.Text(), nullable=True, comment='规划章节'),
    sa.Column('published_area_km2', sa.Double(), nullable=True, comment='公布面积'),
    sa.Column('published_area_source', sa.Text(), nullable=True, comment='公布面积来源'),
    sa.Column('geom', Geometry(geometry_type='MULTIPOLYGON', srid=4490, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry'), nullable=True),
    sa.Column('feature', sa.Text(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_by', sa.Text(), nullable=False),
    sa.Column('recorded_reason', sa.Text(), nullable=True),
    sa.CheckConstraint("accuracy_m >= 0 AND accuracy_m < 'Infinity'::float8", name=op.f('ck_bases_accuracy_m')),
    sa.CheckConstraint("boundary_status IN ('schematic', 'authoritative')", name=op.f('ck_bases_boundary_status')),
    sa.CheckConstraint("district IN ('110101', '110102', '110105', '110106', '110107', '110108', '110109', '110111', '110112', '110113', '110114', '110115', '110116', '110117', '110118', '110119')", name=op.f('ck_bases_district')),
    sa.CheckConstraint("id ~ '^[A-Za-z0-9][A-Za-z0-9._-]*$' AND char_length(id) <= 120", name=op.f('ck_bases_id')),
    sa.CheckConstraint("industry IN ('electronic_information', 'biology', 'new_energy_environment', 'new_energy_vehicles', 'new_materials', 'equipment', 'aerospace', 'cultural_creative', 'modern_services')", name=op.f('ck_bases_industry')),
    sa.CheckConstraint("kind IN ('base', 'specialised_park', 'facility')", name=op.f('ck_bases_kind')),
    sa.CheckConstraint("published_area_km2 >= 0 AND published_area_km2 < 'Infinity'::float8", name=op.f('ck_bases_published_area_km2')),
    sa.CheckConstraint('ST_IsValid(geom)', name=op.f('ck_bases_geom')),
    sa.CheckConstraint('char_length(aliases) <= 2000', name=op.f('ck_bases_aliases')),
    sa.CheckConstraint('char_length(counted_in) <= 2000', name=op.f('ck_bases_counted_in')),
    sa.CheckConstraint('char_length(location_source) <= 2000', name=op.f('ck_bases_location_source')),
    sa.CheckConstraint('char_length(name_en) <= 2000', name=op.f('ck_bases_name_en')),
    sa.CheckConstraint('char_length(name_zh) <= 2000', name=op.f('ck_bases_name_zh')),
    sa.CheckConstraint('char_length(parent) <= 2000', name=op.f('ck_bases_parent')),
    sa.CheckConstraint('char_length(published_area_source) <= 2000', name=op.f('ck_bases_published_area_source')),
    sa.CheckConstraint('char_length(section) <= 40', name=op.f('ck_bases_section')),
    sa.CheckConstraint('char_length(source) <= 2000', name=op.f('ck_bases_source')),
    sa.CheckConstraint('level >= 0 AND level <= 9', name=op.f('ck_bases_level')),
    sa.CheckConstraint('valid_from <= valid_to', name=op.f('ck_bases_valid')),
    sa.ForeignKeyConstraint(['counted_in'], ['areas.id'], name=op.f('fk_bases_counted_in'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['parent'], ['areas.id'], name=op.f('fk_bases_parent'), initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bases')),
    comment='产业基地'
    )
    op.create_index(op.f('ix_bases_counted_in'), 'bases', ['counted_in'], unique=False)
    op.create_index('ix_bases_geom', 'bases', ['geom'], unique=False, postgresql_using='gist')
    op.create_index(op.f('ix_bases_parent'), 'bases', ['parent'], unique=False)
    op.create_table('clusters',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('name_zh', sa.Text(), nullable=False, comment='中文名称'),
    sa.Column('name_en', sa.Text(), nullable=True, comment='英文名称'),
    sa.Column('source', sa.Text(), nullable=False, comment='来源'),
    sa.Column('as_of', sa.Date(), nullable=False, comment='资料日期'),
    sa.Column('valid_from', sa.Date(), nullable=True, comment='生效日期'),
    sa.Column('valid_to', sa.Date(), nullable=True, comment='失效日期'),
    sa.Column('accuracy_m', sa.Double(), nullable=True, comment='位置精度'),
    sa.Column('boundary_status', sa.Text(), nullable=False, comment='边界性质'),
    sa.Column('location_source', sa.Text(), nullable=True, comment='位置依据'),
    sa.Column('aliases', sa.Text(), nullable=True, comment='别名'),
    sa.Column('parent', sa.Text(), nullable=True, comment='上级区域'),
    sa.Column('counted_in', sa.Text(), nullable=True, comment='计入区域'),
    sa.Column('level', sa.Integer(), nullable=False, comment='层级'),
    sa.Column('district', sa.Text(), nullable=True, comment='所在区'),
    sa.Column('industry', sa.Text(), nullable=True, comment='产业'),
    sa.Column('section', sa.Text(), nullable=True, comment='规划章节'),
    sa.Column('published_area_km2', sa.Double(), nullable=True, comment='公布面积'),
    sa.Column('published_area_source', sa.Text(), nullable=True, comment='公布面积来源'),
    sa.Column('geom', Geometry(geometry_type='MULTIPOLYGON', srid=4490, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry'), nullable=True),
    sa.Column('feature', sa.Text(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_by', sa.Text(), nullable=False),
    sa.Column('recorded_reason', sa.Text(), nullable=True),
    sa.CheckConstraint("accuracy_m >= 0 AND accuracy_m < 'Infinity'::float8", name=op.f('ck_clusters_accuracy_m')),
    sa.CheckConstraint("boundary_status IN ('schematic', 'authoritative')", name=op.f('ck_clusters_boundary_status')),
    sa.CheckConstraint("district IN ('110101', '110102', '110105', '110106', '110107', '110108', '110109', '110111', '110112', '110113', '110114', '110115', '110116', '110117', '110118', '110119')", name=op.f('ck_clusters_district')),
    sa.CheckConstraint("id ~ '^[A-Za-z0-9][A-Za-z0-9._-]*$' AND char_length(id) <= 120", name=op.f('ck_clusters_id')),
    sa.CheckConstraint("industry IN ('electronic_information', 'biology', 'new_energy_environment', 'new_energy_vehicles', 'new_materials', 'equipment', 'aerospace', 'cultural_creative', 'modern_services')", name=op.f('ck_clusters_industry')),
    sa.CheckConstraint("published_area_km2 >= 0 AND published_area_km2 < 'Infinity'::float8", name=op.f('ck_clusters_published_area_km2')),
    sa.CheckConstraint('ST_IsValid(geom)', name=op.f('ck_clusters_geom')),
    sa.CheckConstraint('char_length(aliases) <= 2000', name=op.f('ck_clusters_aliases')),
    sa.CheckConstraint('char_length(counted_in) <= 2000', name=op.f('ck_clusters_counted_in')),
    sa.CheckConstraint('char_length(location_source) <= 2000', name=op.f('ck_clusters_location_source')),
    sa.CheckConstraint('char_length(name_en) <= 2000', name=op.f('ck_clusters_name_en')),
    sa.CheckConstraint('char_length(name_zh) <= 2000', name=op.f('ck_clusters_name_zh')),
    sa.CheckConstraint('char_length(parent) <= 2000', name=op.f('ck_clusters_parent')),
    sa.CheckConstraint('char_length(published_area_source) <= 2000', name=op.f('ck_clusters_published_area_source')),
    sa.CheckConstraint('char_length(section) <= 40', name=op.f('ck_clusters_section')),
    sa.CheckConstraint('char_length(source) <= 2000', name=op.f('ck_clusters_source')),
    sa.CheckConstraint('level >= 0 AND level <= 9', name=op.f('ck_clusters_level')),
    sa.CheckConstraint('valid_from <= valid_to', name=op.f('ck_clusters_valid')),
    sa.ForeignKeyConstraint(['counted_in'], ['areas.id'], name=op.f('fk_clusters_counted_in'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['parent'], ['areas.id'], name=op.f('fk_clusters_parent'), initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_clusters')),
    comment='产业聚集区'
    )
    op.create_index(op.f('ix_clusters_counted_in'), 'clusters', ['counted_in'], unique=False)
    op.create_index('ix_clusters_geom', 'clusters', ['geom'], unique=False, postgresql_using='gist')
    op.create_index(op.f('ix_clusters_parent'), 'clusters', ['parent'], unique=False)
    op.create_table('demonstration_zone',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('name_zh', sa.Text(), nullable=False, comment='中文名称'),
    sa.Column('name_en', sa.Text(), nullable=True, comment='英文名称'),
    sa.Column('source', sa.Text(), nullable=False, comment='来源'),
    sa.Column('as_of', sa.Date(), nullable=False, comment='资料日期'),
    sa.Column('valid_from', sa.Date(), nullable=True, comment='生效日期'),
    sa.Column('valid_to', sa.Date(), nullable=True, comment='失效日期'),
    sa.Column('accuracy_m', sa.Double(), nullable=True, comment='位置精度'),
    sa.Column('boundary_status', sa.Text(), nullable=False, comment='边界性质'),
    sa.Column('location_source', sa.Text(), nullable=True, comment='位置依据'),
    sa.Column('aliases', sa.Text(), nullable=True, comment='别名'),
    sa.Column('parent', sa.Text(), nullable=True, comment='上级区域'),
    sa.Column('counted_in', sa.Text(), nullable=True, comment='计入区域'),
    sa.Column('level', sa.Integer(), nullable=False, comment='层级'),
    sa.Column('district', sa.Text(), nullable=True, comment='所在区'),
    sa.Column('industry', sa.Text(), nullable=True, comment='产业'),
    sa.Column('section', sa.Text(), nullable=True, comment='规划章节'),
    sa.Column('published_area_km2', sa.Double(), nullable=True, comment='公布面积'),
    sa.Column('published_area_source', sa.Text(), nullable=True, comment='公布面积来源'),
    sa.Column('geom', Geometry(geometry_type='MULTIPOLYGON', srid=4490, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry'), nullable=True),
    sa.Column('feature', sa.Text(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_by', sa.Text(), nullable=False),
    sa.Column('recorded_reason', sa.Text(), nullable=True),
    sa.CheckConstraint("accuracy_m >= 0 AND accuracy_m < 'Infinity'::float8", name=op.f('ck_demonstration_zone_accuracy_m')),
    sa.CheckConstraint("boundary_status IN ('schematic', 'authoritative')", name=op.f('ck_demonstration_zone_boundary_status')),
    sa.CheckConstraint("district IN ('110101', '110102', '110105', '110106', '110107', '110108', '110109', '110111', '110112', '110113', '110114', '110115', '110116', '110117', '110118', '110119')", name=op.f('ck_demonstration_zone_district')),
    sa.CheckConstraint("id ~ '^[A-Za-z0-9][A-Za-z0-9._-]*$' AND char_length(id) <= 120", name=op.f('ck_demonstration_zone_id')),
    sa.CheckConstraint("industry IN ('electronic_information', 'biology', 'new_energy_environment', 'new_energy_vehicles', 'new_materials', 'equipment', 'aerospace', 'cultural_creative', 'modern_services')", name=op.f('ck_demonstration_zone_industry')),
    sa.CheckConstraint("published_area_km2 >= 0 AND published_area_km2 < 'Infinity'::float8", name=op.f('ck_demonstration_zone_published_area_km2')),
    sa.CheckConstraint('ST_IsValid(geom)', name=op.f('ck_demonstration_zone_geom')),
    sa.CheckConstraint('char_length(aliases) <= 2000', name=op.f('ck_demonstration_zone_aliases')),
    sa.CheckConstraint('char_length(counted_in) <= 2000', name=op.f('ck_demonstration_zone_counted_in')),
    sa.CheckConstraint('char_length(location_source) <= 2000', name=op.f('ck_demonstration_zone_location_source')),
    sa.CheckConstraint('char_length(name_en) <= 2000', name=op.f('ck_demonstration_zone_name_en')),
    sa.CheckConstraint('char_length(name_zh) <= 2000', name=op.f('ck_demonstration_zone_name_zh')),
    sa.CheckConstraint('char_length(parent) <= 2000', name=op.f('ck_demonstration_zone_parent')),
    sa.CheckConstraint('char_length(published_area_source) <= 2000', name=op.f('ck_demonstration_zone_published_area_source')),
    sa.CheckConstraint('char_length(section) <= 40', name=op.f('ck_demonstration_zone_section')),
    sa.CheckConstraint('char_length(source) <= 2000', name=op.f('ck_demonstration_zone_source')),
    sa.CheckConstraint('level >= 0 AND level <= 9', name=op.f('ck_demonstration_zone_level')),
    sa.CheckConstraint('valid_from <= valid_to', name=op.f('ck_demonstration_zone_valid')),
    sa.ForeignKeyConstraint(['counted_in'], ['areas.id'], name=op.f('fk_demonstration_zone_counted_in'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['parent'], ['areas.id'], name=op.f('fk_demonstration_zone_parent'), initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_demonstration_zone')),
    comment='示范区'
    )
    op.create_index(op.f('ix_demonstration_zone_counted_in'), 'demonstration_zone', ['counted_in'], unique=False)
    op.create_index('ix_demonstration_zone_geom', 'demonstration_zone', ['geom'], unique=False, postgresql_using='gist')
    op.create_index(op.f('ix_demonstration_zone_parent'), 'demonstration_zone', ['parent'], unique=False)
    op.create_table('enterprises',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('name_zh', sa.Text(), nullable=False, comment='中文名称'),
    sa.Column('name_en', sa.Text(), nullable=True, comment='英文名称'),
    sa.Column('source', sa.Text(), nullable=False, comment='来源'),
    sa.Column('as_of', sa.Date(), nullable=False, comment='资料日期'),
    sa.Column('valid_from', sa.Date(), nullable=True, comment='生效日期'),
    sa.Column('valid_to', sa.Date(), nullable=True, comment='失效日期'),
    sa.Column('accuracy_m', sa.Double(), nullable=True, comment='位置精度'),
    sa.Column('boundary_status', sa.Text(), nullable=False, comment='边界性质'),
    sa.Column('location_source', sa.Text(), nullable=True, comment='位置依据'),
    sa.Column('aliases', sa.Text(), nullable=True, comment='别名'),
    sa.Column('industry', sa.Text(), nullable=True, comment='产业'),
    sa.Column('emerging_industry', sa.Text(), nullable=True, comment='战略性新兴产业'),
    sa.Column('plan_cluster', sa.Text(), nullable=True, comment='规划产业集群'),
    sa.Column('area', sa.Text(), nullable=True, comment='规划归属区域'),
    sa.Column('industry_code', sa.Text(), nullable=True, comment='国民经济行业代码'),
    sa.Column('uscc', sa.Text(), nullable=True, comment='统一社会信用代码'),
    sa.Column('address', sa.Text(), nullable=True, comment='地址'),
    sa.Column('district', sa.Text(), nullable=True, comment='所在区'),
    sa.Column('section', sa.Text(), nullable=True, comment='规划章节'),
    sa.Column('geom', Geometry(geometry_type='POINT', srid=4490, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry'), nullable=True),
    sa.Column('feature', sa.Text(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_by', sa.Text(), nullable=False),
    sa.Column('recorded_reason', sa.Text(), nullable=True),
    sa.CheckConstraint("accuracy_m >= 0 AND accuracy_m < 'Infinity'::float8", name=op.f('ck_enterprises_accuracy_m')),
    sa.CheckConstraint("boundary_status IN ('schematic', 'authoritative')", name=op.f('ck_enterprises_boundary_status')),
    sa.CheckConstraint("char_length(industry_code) <= 2000 AND industry_code ~ '^((2002|2011|2017):[A-T]?[0-9]{0,4})$'", name=op.f('ck_enterprises_industry_code')),
    sa.CheckConstraint("char_length(uscc) <= 2000 AND uscc ~ '^([0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10})$'", name=op.f('ck_enterprises_uscc')),
    sa.CheckConstraint("district IN ('110101', '110102', '110105', '110106', '110107', '110108', '110109', '110111', '110112', '110113', '110114', '110115', '110116', '110117', '110118', '110119')", name=op.f('ck_enterprises_district')),
    sa.CheckConstraint("emerging_industry IN ('next_generation_it', 'energy_saving_environment', 'biology', 'high_end_equipment', 'new_energy', 'new_materials', 'new_energy_vehicles')", name=op.f('ck_enterprises_emerging_industry')),
    sa.CheckConstraint("id ~ '^[A-Za-z0-9][A-Za-z0-9._-]*$' AND char_length(id) <= 120", name=op.f('ck_enterprises_id')),
    sa.CheckConstraint("industry IN ('electronic_information', 'biology', 'new_energy_environment', 'new_energy_vehicles', 'new_materials', 'equipment', 'aerospace', 'cultural_creative', 'modern_services')", name=op.f('ck_enterprises_industry')),
    sa.CheckConstraint("plan_cluster IN ('N1', 'N2', 'N3', 'N4', 'N5', 'N6', 'N7', 'N8', 'S1', 'S2', 'S3', 'S4', 'S5', 'S6', 'P1', 'P2', 'P3', 'P4', 'F1')", name=op.f('ck_enterprises_plan_cluster')),
    sa.CheckConstraint('char_length(address) <= 2000', name=op.f('ck_enterprises_address')),
    sa.CheckConstraint('char_length(aliases) <= 2000', name=op.f('ck_enterprises_aliases')),
    sa.CheckConstraint('char_length(area) <= 2000', name=op.f('ck_enterprises_area')),
    sa.CheckConstraint('char_length(location_source) <= 2000', name=op.f('ck_enterprises_location_source')),
    sa.CheckConstraint('char_length(name_en) <= 2000', name=op.f('ck_enterprises_name_en')),
    sa.CheckConstraint('char_length(name_zh) <= 2000', name=op.f('ck_enterprises_name_zh')),
    sa.CheckConstraint('char_length(section) <= 40', name=op.f('ck_enterprises_section')),
    sa.CheckConstraint('char_length(source) <= 2000', name=op.f('ck_enterprises_source')),
    sa.CheckConstraint('valid_from <= valid_to', name=op.f('ck_enterprises_valid')),
    sa.ForeignKeyConstraint(['area'], ['areas.id'], name=op.f('fk_enterprises_area'), initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_enterprises')),
    sa.UniqueConstraint('uscc', name=op.f('uq_enterprises_uscc'), deferrable=True),
    comment='企业'
    )
    op.create_index(op.f('ix_enterprises_area'), 'enterprises', ['area'], unique=False)
    op.create_index('ix_enterprises_geom', 'enterprises', ['geom'], unique=False, postgresql_using='gist')
    op.create_table('indicators',
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('area', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('name_zh', sa.Text(), nullable=False),
    sa.Column('name_en', sa.Text(), nullable=False),
    sa.Column('value_low', sa.Double(), nullable=False),
    sa.Column('value_high', sa.Double(), nullable=False),
    sa.Column('unit', sa.Text(), nullable=False),
    sa.Column('qualifier', sa.Text(), nullable=False),
    sa.Column('year', sa.Text(), nullable=False),
    sa.Column('area_wording', sa.Text(), nullable=False),
    sa.Column('section', sa.Text(), nullable=False),
    sa.Column('quote', sa.Text(), nullable=False),
    sa.CheckConstraint("kind IN ('baseline', 'target')", name=op.f('ck_indicators_kind')),
    sa.CheckConstraint("qualifier IN ('eq', 'ge', 'approx', 'range')", name=op.f('ck_indicators_qualifier')),
    sa.CheckConstraint('value_low <= value_high', name=op.f('ck_indicators_value')),
    sa.ForeignKeyConstraint(['area'], ['areas.id'], name=op.f('fk_indicators_area'), initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('key', 'area', 'kind', name=op.f('pk_indicators')),
    comment='规划指标'
    )
    op.create_table('innovation_sites',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('name_zh', sa.Text(), nullable=False, comment='中文名称'),
    sa.Column('name_en', sa.Text(), nullable=True, comment='英文名称'),
    sa.Column('source', sa.Text(), nullable=False, comment='来源'),
    sa.Column('as_of', sa.Date(), nullable=False, comment='资料日期'),
    sa.Column('valid_from', sa.Date(), nullable=True, comment='生效日期'),
    sa.Column('valid_to', sa.Date(), nullable=True, comment='失效日期'),
    sa.Column('accuracy_m', sa.Double(), nullable=True, comment='位置精度'),
    sa.Column('boundary_status', sa.Text(), nullable=False, comment='边界性质'),
    sa.Column('location_source', sa.Text(), nullable=True, comment='位置依据'),
    sa.Column('kind', sa.Text(), nullable=False, comment='类别'),
    sa.Column('aliases', sa.Text(), nullable=True, comment='别名'),
    sa.Column('parent', sa.Text(), nullable=True, comment='上级区域'),
    sa.Column('counted_in', sa.Text(), nullable=True, comment='计入区域'),
    sa.Column('level', sa.Integer(), nullable=False, comment='层级'),
    sa.Column('district', sa.Text(), nullable=True, comment='所在区'),
    sa.Column('industry', sa.Text(), nullable=True, comment='产业'),
    sa.Column('section', sa.Text(), nullable=True, comment='规划章节'),
    sa.Column('published_area_km2', sa.Double(), nullable=True, comment='公布面积'),
    sa.Column('published_area_source', sa.Text(), nullable=True, comment='公布面积来源'),
    sa.Column('geom', Geometry(geometry_type='POINT', srid=4490, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry'), nullable=True),
    sa.Column('feature', sa.Text(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_by', sa.Text(), nullable=False),
    sa.Column('recorded_reason', sa.Text(), nullable=True),
    sa.CheckConstraint("accuracy_m >= 0 AND accuracy_m < 'Infinity'::float8", name=op.f('ck_innovation_sites_accuracy_m')),
    sa.CheckConstraint("boundary_status IN ('schematic', 'authoritative')", name=op.f('ck_innovation_sites_boundary_status')),
    sa.CheckConstraint("district IN ('110101', '110102', '110105', '110106', '110107', '110108', '110109', '110111', '110112', '110113', '110114', '110115', '110116', '110117', '110118', '110119')", name=op.f('ck_innovation_sites_district')),
    sa.CheckConstraint("id ~ '^[A-Za-z0-9][A-Za-z0-9._-]*$' AND char_length(id) <= 120", name=op.f('ck_innovation_sites_id')),
    sa.CheckConstraint("industry IN ('electronic_information', 'biology', 'new_energy_environment', 'new_energy_vehicles', 'new_materials', 'equipment', 'aerospace', 'cultural_creative', 'modern_services')", name=op.f('ck_innovation_sites_industry')),
    sa.CheckConstraint("kind IN ('innovation_park', 'institute')", name=op.f('ck_innovation_sites_kind')),
    sa.CheckConstraint("published_area_km2 >= 0 AND published_area_km2 < 'Infinity'::float8", name=op.f('ck_innovation_sites_published_area_km2')),
    sa.CheckConstraint('char_length(aliases) <= 2000', name=op.f('ck_innovation_sites_aliases')),
    sa.CheckConstraint('char_length(counted_in) <= 2000', name=op.f('ck_innovation_sites_counted_in')),
    sa.CheckConstraint('char_length(location_source) <= 2000', name=op.f('ck_innovation_sites_location_source')),
    sa.CheckConstraint('char_length(name_en) <= 2000', name=op.f('ck_innovation_sites_name_en')),
    sa.CheckConstraint('char_length(name_zh) <= 2000', name=op.f('ck_innovation_sites_name_zh')),
    sa.CheckConstraint('char_length(parent) <= 2000', name=op.f('ck_innovation_sites_parent')),
    sa.CheckConstraint('char_length(published_area_source) <= 2000', name=op.f('ck_innovation_sites_published_area_source')),
    sa.CheckConstraint('char_length(section) <= 40', name=op.f('ck_innovation_sites_section')),
    sa.CheckConstraint('char_length(source) <= 2000', name=op.f('ck_innovation_sites_source')),
    sa.CheckConstraint('level >= 0 AND level <= 9', name=op.f('ck_innovation_sites_level')),
    sa.CheckConstraint('valid_from <= valid_to', name=op.f('ck_innovation_sites_valid')),
    sa.ForeignKeyConstraint(['counted_in'], ['areas.id'], name=op.f('fk_innovation_sites_counted_in'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['parent'], ['areas.id'], name=op.f('fk_innovation_sites_parent'), initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_innovation_sites')),
    comment='创新园和研究院'
    )
    op.create_index(op.f('ix_innovation_sites_counted_in'), 'innovation_sites', ['counted_in'], unique=False)
    op.create_index('ix_innovation_sites_geom', 'innovation_sites', ['geom'], unique=False, postgresql_using='gist')
    op.create_index(op.f('ix_innovation_sites_parent'), 'innovation_sites', ['parent'], unique=False)
    op.create_table('parcels',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('name_zh', sa.Text(), nullable=False, comment='中文名称'),
    sa.Column('name_en', sa.Text(), nullable=True, comment='英文名称'),
    sa.Column('source', sa.Text(), nullable=False, comment='来源'),
    sa.Column('as_of', sa.Date(), nullable=False, comment='资料日期'),
    sa.Column('valid_from', sa.Date(), nullable=True, comment='生效日期'),
    sa.Column('valid_to', sa.Date(), nullable=True, comment='失效日期'),
    sa.Column('accuracy_m', sa.Double(), nullable=True, comment='位置精度'),
    sa.Column('boundary_status', sa.Text(), nullable=False, comment='边界性质'),
    sa.Column('location_source', sa.Text(), nullable=True, comment='位置依据'),
    sa.Column('parcel_code', sa.Text(), nullable=False, comment='宗地代码'),
    sa.Column('land_ownership', sa.Text(), nullable=True, comment='土地所有权'),
    sa.Column('land_use', sa.Text(), nullable=True, comment='土地用途'),
    sa.Column('supply_mode', sa.Text(), nullable=True, comment='供应方式'),
    sa.Column('area_registered_m2', sa.Double(), nullable=True, comment='证载面积'),
    sa.Column('park', sa.Text(), nullable=True, comment='所属园区'),
    sa.Column('holder', sa.Text(), nullable=True, comment='使用权人'),
    sa.Column('district', sa.Text(), nullable=True, comment='所在区'),
    sa.Column('geom', Geometry(geometry_type='MULTIPOLYGON', srid=4490, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry', nullable=False), nullable=False),
    sa.Column('feature', sa.Text(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_by', sa.Text(), nullable=False),
    sa.Column('recorded_reason', sa.Text(), nullable=True),
    sa.CheckConstraint("accuracy_m >= 0 AND accuracy_m < 'Infinity'::float8", name=op.f('ck_parcels_accuracy_m')),
    sa.CheckConstraint("area_registered_m2 >= 0 AND area_registered_m2 < 'Infinity'::float8", name=op.f('ck_parcels_area_registered_m2')),
    sa.CheckConstraint("boundary_status IN ('schematic', 'authoritative')", name=op.f('ck_parcels_boundary_status')),
    sa.CheckConstraint("char_length(land_use) <= 2000 AND land_use ~ '^([A-Za-z0-9/.-]{1,20}:[A-Z0-9]{1,8})$'", name=op.f('ck_parcels_land_use')),
    sa.CheckConstraint("char_length(parcel_code) <= 2000 AND parcel_code ~ '^([0-9]{12}[GJZ][A-Z][0-9]{5})$'", name=op.f('ck_parcels_parcel_code')),
    sa.CheckConstraint("district IN ('110101', '110102', '110105', '110106', '110107', '110108', '110109', '110111', '110112', '110113', '110114', '110115', '110116', '110117', '110118', '110119')", name=op.f('ck_parcels_district')),
    sa.CheckConstraint("id ~ '^[A-Za-z0-9][A-Za-z0-9._-]*$' AND char_length(id) <= 120", name=op.f('ck_parcels_id')),
    sa.CheckConstraint("land_ownership IN ('G', 'J', 'Z')", name=op.f('ck_parcels_land_ownership')),
    sa.CheckConstraint("supply_mode IN ('allocation', 'agreement', 'tender', 'auction', 'listing', 'lease', 'equity')", name=op.f('ck_parcels_supply_mode')),
    sa.CheckConstraint('ST_IsValid(geom)', name=op.f('ck_parcels_geom')),
    sa.CheckConstraint('char_length(holder) <= 2000', name=op.f('ck_parcels_holder')),
    sa.CheckConstraint('char_length(location_source) <= 2000', name=op.f('ck_parcels_location_source')),
    sa.CheckConstraint('char_length(name_en) <= 2000', name=op.f('ck_parcels_name_en')),
    sa.CheckConstraint('char_length(name_zh) <= 2000', name=op.f('ck_parcels_name_zh')),
    sa.CheckConstraint('char_length(park) <= 2000', name=op.f('ck_parcels_park')),
    sa.CheckConstraint('char_length(source) <= 2000', name=op.f('ck_parcels_source')),
    sa.CheckConstraint('valid_from <= valid_to', name=op.f('ck_parcels_valid')),
    sa.ForeignKeyConstraint(['park'], ['areas.id'], name=op.f('fk_parcels_park'), initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_parcels')),
    sa.UniqueConstraint('parcel_code', name=op.f('uq_parcels_parcel_code'), deferrable=True),
    comment='宗地'
    )
    op.create_index('ix_parcels_geom', 'parcels', ['geom'], unique=False, postgresql_using='gist')
    op.create_index(op.f('ix_parcels_park'), 'parcels', ['park'], unique=False)
    op.create_table('projects',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('name_zh', sa.Text(), nullable=False, comment='中文名称'),
    sa.Column('name_en', sa.Text(), nullable=True, comment='英文名称'),
    sa.Column('source', sa.Text(), nullable=False, comment='来源'),
    sa.Column('as_of', sa.Date(), nullable=False, comment='资料日期'),
    sa.Column('valid_from', sa.Date(), nullable=True, comment='生效日期'),
    sa.Column('valid_to', sa.Date(), nullable=True, comment='失效日期'),
    sa.Column('accuracy_m', sa.Double(), nullable=True, comment='位置精度'),
    sa.Column('boundary_status', sa.Text(), nullable=False, comment='边界性质'),
    sa.Column('location_source', sa.Text(), nullable=True, comment='位置依据'),
    sa.Column('kind', sa.Text(), nullable=False, comment='类别'),
    sa.Column('aliases', sa.Text(), nullable=True, comment='别名'),
    sa.Column('industry', sa.Text(), nullable=True, comment='产业'),
    sa.Column('area', sa.Text(), nullable=True, comment='规划归属区域'),
    sa.Column('district', sa.Text(), nullable=True, comment='所在区'),
    sa.Column('section', sa.Text(), nullable=True, comment='规划章节'),
    sa.Column('geom', Geometry(geometry_type='POINT', srid=4490, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry'), nullable=True),
    sa.Column('feature', sa.Text(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_by', sa.Text(), nullable=False),
    sa.Column('recorded_reason', sa.Text(), nullable=True),
    sa.CheckConstraint("accuracy_m >= 0 AND accuracy_m < 'Infinity'::float8", name=op.f('ck_projects_accuracy_m')),
    sa.CheckConstraint("boundary_status IN ('schematic', 'authoritative')", name=op.f('ck_projects_boundary_status')),
    sa.CheckConstraint("district IN ('110101', '110102', '110105', '110106', '110107', '110108', '110109', '110111', '110112', '110113', '110114', '110115', '110116', '110117', '110118', '110119')", name=op.f('ck_projects_district')),
    sa.CheckConstraint("id ~ '^[A-Za-z0-9][A-Za-z0-9._-]*$' AND char_length(id) <= 120", name=op.f('ck_projects_id')),
    sa.CheckConstraint("industry IN ('electronic_information', 'biology', 'new_energy_environment', 'new_energy_vehicles', 'new_materials', 'equipment', 'aerospace', 'cultural_creative', 'modern_services')", name=op.f('ck_projects_industry')),
    sa.CheckConstraint("kind IN ('product', 'national_major', 'infrastructure', 'national_centre', 'pilot', 'standard', 'programme', 'city_theme')", name=op.f('ck_projects_kind')),
    sa.CheckConstraint('char_length(aliases) <= 2000', name=op.f('ck_projects_aliases')),
    sa.CheckConstraint('char_length(area) <= 2000', name=op.f('ck_projects_area')),
    sa.CheckConstraint('char_length(location_source) <= 2000', name=op.f('ck_projects_location_source')),
    sa.CheckConstraint('char_length(name_en) <= 2000', name=op.f('ck_projects_name_en')),
    sa.CheckConstraint('char_length(name_zh) <= 2000', name=op.f('ck_projects_name_zh')),
    sa.CheckConstraint('char_length(section) <= 40', name=op.f('ck_projects_section')),
    sa.CheckConstraint('char_length(source) <= 2000', name=op.f('ck_projects_source')),
    sa.CheckConstraint('valid_from <= valid_to', name=op.f('ck_projects_valid')),
    sa.ForeignKeyConstraint(['area'], ['areas.id'], name=op.f('fk_projects_area'), initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_projects')),
    comment='项目'
    )
    op.create_index(op.f('ix_projects_area'), 'projects', ['area'], unique=False)
    op.create_index('ix_projects_geom', 'projects', ['geom'], unique=False, postgresql_using='gist')
    op.create_table('science_cities',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('name_zh', sa.Text(), nullable=False, comment='中文名称'),
    sa.Column('name_en', sa.Text(), nullable=True, comment='英文名称'),
    sa.Column('source', sa.Text(), nullable=False, comment='来源'),
    sa.Column('as_of', sa.Date(), nullable=False, comment='资料日期'),
    sa.Column('valid_from', sa.Date(), nullable=True, comment='生效日期'),
    sa.Column('valid_to', sa.Date(), nullable=True, comment='失效日期'),
    sa.Column('accuracy_m', sa.Double(), nullable=True, comment='位置精度'),
    sa.Column('boundary_status', sa.Text(), nullable=False, comment='边界性质'),
    sa.Column('location_source', sa.Text(), nullable=True, comment='位置依据'),
    sa.Column('aliases', sa.Text(), nullable=True, comment='别名'),
    sa.Column('parent', sa.Text(), nullable=True, comment='上级区域'),
    sa.Column('counted_in', sa.Text(), nullable=True, comment='计入区域'),
    sa.Column('level', sa.Integer(), nullable=False, comment='层级'),
    sa.Column('district', sa.Text(), nullable=True, comment='所在区'),
    sa.Column('industry', sa.Text(), nullable=True, comment='产业'),
    sa.Column('section', sa.Text(), nullable=True, comment='规划章节'),
    sa.Column('published_area_km2', sa.Double(), nullable=True, comment='公布面积'),
    sa.Column('published_area_source', sa.Text(), nullable=True, comment='公布面积来源'),
    sa.Column('geom', Geometry(geometry_type='MULTIPOLYGON', srid=4490, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry'), nullable=True),
    sa.Column('feature', sa.Text(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_by', sa.Text(), nullable=False),
    sa.Column('recorded_reason', sa.Text(), nullable=True),
    sa.CheckConstraint("accuracy_m >= 0 AND accuracy_m < 'Infinity'::float8", name=op.f('ck_science_cities_accuracy_m')),
    sa.CheckConstraint("boundary_status IN ('schematic', 'authoritative')", name=op.f('ck_science_cities_boundary_status')),
    sa.CheckConstraint("district IN ('110101', '110102', '110105', '110106', '110107', '110108', '110109', '110111', '110112', '110113', '110114', '110115', '110116', '110117', '110118', '110119')", name=op.f('ck_science_cities_district')),
    sa.CheckConstraint("id ~ '^[A-Za-z0-9][A-Za-z0-9._-]*$' AND char_length(id) <= 120", name=op.f('ck_science_cities_id')),
    sa.CheckConstraint("industry IN ('electronic_information', 'biology', 'new_energy_environment', 'new_energy_vehicles', 'new_materials', 'equipment', 'aerospace', 'cultural_creative', 'modern_services')", name=op.f('ck_science_cities_industry')),
    sa.CheckConstraint("published_area_km2 >= 0 AND published_area_km2 < 'Infinity'::float8", name=op.f('ck_science_cities_published_area_km2')),
    sa.CheckConstraint('ST_IsValid(geom)', name=op.f('ck_science_cities_geom')),
    sa.CheckConstraint('char_length(aliases) <= 2000', name=op.f('ck_science_cities_aliases')),
    sa.CheckConstraint('char_length(counted_in) <= 2000', name=op.f('ck_science_cities_counted_in')),
    sa.CheckConstraint('char_length(location_source) <= 2000', name=op.f('ck_science_cities_location_source')),
    sa.CheckConstraint('char_length(name_en) <= 2000', name=op.f('ck_science_cities_name_en')),
    sa.CheckConstraint('char_length(name_zh) <= 2000', name=op.f('ck_science_cities_name_zh')),
    sa.CheckConstraint('char_length(parent) <= 2000', name=op.f('ck_science_cities_parent')),
    sa.CheckConstraint('char_length(published_area_source) <= 2000', name=op.f('ck_science_cities_published_area_source')),
    sa.CheckConstraint('char_length(section) <= 40', name=op.f('ck_science_cities_section')),
    sa.CheckConstraint('char_length(source) <= 2000', name=op.f('ck_science_cities_source')),
    sa.CheckConstraint('level >= 0 AND level <= 9', name=op.f('ck_science_cities_level')),
    sa.CheckConstraint('valid_from <= valid_to', name=op.f('ck_science_cities_valid')),
    sa.ForeignKeyConstraint(['counted_in'], ['areas.id'], name=op.f('fk_science_cities_counted_in'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['parent'], ['areas.id'], name=op.f('fk_science_cities_parent'), initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_science_cities')),
    comment='科学城'
    )
    op.create_index(op.f('ix_science_cities_counted_in'), 'science_cities', ['counted_in'], unique=False)
    op.create_index('ix_science_cities_geom', 'science_cities', ['geom'], unique=False, postgresql_using='gist')
    op.create_index(op.f('ix_science_cities_parent'), 'science_cities', ['parent'], unique=False)
    op.create_table('sub_parks',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('name_zh', sa.Text(), nullable=False, comment='中文名称'),
    sa.Column('name_en', sa.Text(), nullable=True, comment='英文名称'),
    sa.Column('source', sa.Text(), nullable=False, comment='来源'),
    sa.Column('as_of', sa.Date(), nullable=False, comment='资料日期'),
    sa.Column('valid_from', sa.Date(), nullable=True, comment='生效日期'),
    sa.Column('valid_to', sa.Date(), nullable=True, comment='失效日期'),
    sa.Column('accuracy_m', sa.Double(), nullable=True, comment='位置精度'),
    sa.Column('boundary_status', sa.Text(), nullable=False, comment='边界性质'),
    sa.Column('location_source', sa.Text(), nullable=True, comment='位置依据'),
    sa.Column('kind', sa.Text(), nullable=False, comment='类别'),
    sa.Column('in_regulation', sa.Boolean(), nullable=True, comment='条例所列'),
    sa.Column('aliases', sa.Text(), nullable=True, comment='别名'),
    sa.Column('parent', sa.Text(), nullable=True, comment='上级区域'),
    sa.Column('counted_in', sa.Text(), nullable=True, comment='计入区域'),
    sa.Column('level', sa.Integer(), nullable=False, comment='层级'),
    sa.Column('district', sa.Text(), nullable=True, comment='所在区'),
    sa.Column('industry', sa.Text(), nullable=True, comment='产业'),
    sa.Column('section', sa.Text(), nullable=True, comment='规划章节'),
    sa.Column('published_area_km2', sa.Double(), nullable=True, comment='公布面积'),
    sa.Column('published_area_source', sa.Text(), nullable=True, comment='公布面积来源'),
    sa.Column('geom', Geometry(geometry_type='MULTIPOLYGON', srid=4490, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry'), nullable=True),
    sa.Column('feature', sa.Text(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_by', sa.Text(), nullable=False),
    sa.Column('recorded_reason', sa.Text(), nullable=True),
    sa.CheckConstraint("accuracy_m >= 0 AND accuracy_m < 'Infinity'::float8", name=op.f('ck_sub_parks_accuracy_m')),
    sa.CheckConstraint("boundary_status IN ('schematic', 'authoritative')", name=op.f('ck_sub_parks_boundary_status')),
    sa.CheckConstraint("district IN ('110101', '110102', '110105', '110106', '110107', '110108', '110109', '110111', '110112', '110113', '110114', '110115', '110116', '110117', '110118', '110119')", name=op.f('ck_sub_parks_district')),
    sa.CheckConstraint("id ~ '^[A-Za-z0-9][A-Za-z0-9._-]*$' AND char_length(id) <= 120", name=op.f('ck_sub_parks_id')),
    sa.CheckConstraint("industry IN ('electronic_information', 'biology', 'new_energy_environment', 'new_energy_vehicles', 'new_materials', 'equipment', 'aerospace', 'cultural_creative', 'modern_services')", name=op.f('ck_sub_parks_industry')),
    sa.CheckConstraint("kind IN ('park', 'special_park', 'industrial_park', 'development_area', 'group')", name=op.f('ck_sub_parks_kind')),
    sa.CheckConstraint("published_area_km2 >= 0 AND published_area_km2 < 'Infinity'::float8", name=op.f('ck_sub_parks_published_area_km2')),
    sa.CheckConstraint('ST_IsValid(geom)', name=op.f('ck_sub_parks_geom')),
    sa.CheckConstraint('char_length(aliases) <= 2000', name=op.f('ck_sub_parks_aliases')),
    sa.CheckConstraint('char_length(counted_in) <= 2000', name=op.f('ck_sub_parks_counted_in')),
    sa.CheckConstraint('char_length(location_source) <= 2000', name=op.f('ck_sub_parks_location_source')),
    sa.CheckConstraint('char_length(name_en) <= 2000', name=op.f('ck_sub_parks_name_en')),
    sa.CheckConstraint('char_length(name_zh) <= 2000', name=op.f('ck_sub_parks_name_zh')),
    sa.CheckConstraint('char_length(parent) <= 2000', name=op.f('ck_sub_parks_parent')),
    sa.CheckConstraint('char_length(published_area_source) <= 2000', name=op.f('ck_sub_parks_published_area_source')),
    sa.CheckConstraint('char_length(section) <= 40', name=op.f('ck_sub_parks_section')),
    sa.CheckConstraint('char_length(source) <= 2000', name=op.f('ck_sub_parks_source')),
    sa.CheckConstraint('level >= 0 AND level <= 9', name=op.f('ck_sub_parks_level')),
    sa.CheckConstraint('valid_from <= valid_to', name=op.f('ck_sub_parks_valid')),
    sa.ForeignKeyConstraint(['counted_in'], ['areas.id'], name=op.f('fk_sub_parks_counted_in'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['parent'], ['areas.id'], name=op.f('fk_sub_parks_parent'), initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sub_parks')),
    comment='园区'
    )
    op.create_index(op.f('ix_sub_parks_counted_in'), 'sub_parks', ['counted_in'], unique=False)
    op.create_index('ix_sub_parks_geom', 'sub_parks', ['geom'], unique=False, postgresql_using='gist')
    op.create_index(op.f('ix_sub_parks_parent'), 'sub_parks', ['parent'], unique=False)
    op.create_table('assignments',
    sa.Column('enterprise', sa.Text(), nullable=False),
    sa.Column('area', sa.Text(), nullable=False),
    sa.Column('plan_cluster', sa.Text(), nullable=False),
    sa.Column('section', sa.Text(), nullable=False),
    sa.Column('quote', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['area'], ['areas.id'], name=op.f('fk_assignments_area'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['enterprise'], ['enterprises.id'], name=op.f('fk_assignments_enterprise'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('enterprise', 'area', 'plan_cluster', name=op.f('pk_assignments')),
    comment='规划企业归属'
    )
    op.create_index(op.f('ix_assignments_area'), 'assignments', ['area'], unique=False)
    op.create_table('growth_targets',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('enterprise', sa.Text(), nullable=True),
    sa.Column('target', sa.Text(), nullable=False),
    sa.Column('section', sa.Text(), nullable=False),
    sa.Column('quote', sa.Text(), nullable=False),
    sa.CheckConstraint("kind IN ('baseline', 'target')", name=op.f('ck_growth_targets_kind')),
    sa.ForeignKeyConstraint(['enterprise'], ['enterprises.id'], name=op.f('fk_growth_targets_enterprise'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('name', 'kind', name=op.f('pk_growth_targets')),
    comment='企业规模目标'
    )
    op.execute("CREATE OR REPLACE FUNCTION record_change() RETURNS trigger LANGUAGE plpgsql AS $$\nDECLARE\n  columns text;\n  next_version bigint;\nBEGIN\n  IF NOT EXISTS (SELECT FROM changed) THEN\n    RETURN NULL;\n  END IF;\n  IF TG_OP <> 'INSERT' THEN\n    SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO columns\n      FROM pg_attribute WHERE attrelid = TG_RELID AND attnum > 0 AND NOT attisdropped;\n    EXECUTE format(\n      'INSERT INTO history.%I (operation, superseded_at, superseded_by, superseded_reason, %s)'\n      ' SELECT $1, greatest(now(), recorded_at), $2, $3, %s FROM changed',\n      TG_TABLE_NAME, columns, columns)\n      USING lower(TG_OP), coalesce(nullif(current_setting('zgc.actor', true), ''), session_user),\n            nullif(current_setting('zgc.reason', true), '');\n  END IF;\n  INSERT INTO layer_versions AS v (layer, version, changed_at) VALUES (TG_TABLE_NAME, 1, clock_timestamp()) ON CONFLICT (layer) DO UPDATE SET version = v.version + 1, changed_at = clock_timestamp()\n    RETURNING version INTO next_version;\n  PERFORM pg_notify('zgc_layer', TG_TABLE_NAME || ' ' || next_version);\n  RETURN NULL;\nEND\n$$")
    op.execute("CREATE OR REPLACE FUNCTION refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n  RAISE EXCEPTION 'TRUNCATE % would lose its history; use DELETE', TG_TABLE_NAME;\nEND\n$$")
    op.execute("CREATE OR REPLACE FUNCTION register_area() RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n  IF TG_OP = 'DELETE' OR (TG_OP = 'UPDATE' AND old.id <> new.id) THEN\n    DELETE FROM areas WHERE id = old.id;\n  END IF;\n  IF TG_OP <> 'DELETE' THEN\n    INSERT INTO areas (id, layer, parent, counted_in)\n      VALUES (new.id, TG_TABLE_NAME, new.parent, new.counted_in)\n      ON CONFLICT (id) DO UPDATE SET parent = excluded.parent, counted_in = excluded.counted_in\n      WHERE areas.layer = excluded.layer;\n    IF NOT FOUND THEN\n      RAISE EXCEPTION 'area id % is already used by another layer', new.id\n        USING ERRCODE = 'unique_violation';\n    END IF;\n  END IF;\n  RETURN NULL;\nEND\n$$")
    op.execute('CREATE OR REPLACE FUNCTION demonstration_zone_feature() RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n  new.feature := \'{"type":"Feature","id":\' || coalesce(CAST(to_json("new".id) AS TEXT), \'null\') || \',"geometry":\' || coalesce(ST_AsGeoJSON(ST_ForcePolygonCCW("new".geom), 8, 0), \'null\') || \',"properties":{\' || \'"name_zh":\' || coalesce(CAST(to_json("new".name_zh) AS TEXT), \'null\') || \',"name_en":\' || coalesce(CAST(to_json("new".name_en) AS TEXT), \'null\') || \',"source":\' || coalesce(CAST(to_json("new".source) AS TEXT), \'null\') || \',"as_of":\' || coalesce(CAST(to_json("new".as_of) AS TEXT), \'null\') || \',"valid_from":\' || coalesce(CAST(to_json("new".valid_from) AS TEXT), \'null\') || \',"valid_to":\' || coalesce(CAST(to_json("new".valid_to) AS TEXT), \'null\') || \',"accuracy_m":\' || coalesce(CAST("new".accuracy_m AS TEXT), \'null\') || \',"boundary_status":\' || coalesce(CAST(to_json("new".boundary_status) AS TEXT), \'null\') || \',"location_source":\' || coalesce(CAST(to_json("new".location_source) AS TEXT), \'null\') || \',"aliases":\' || coalesce(CAST(to_json("new".aliases) AS TEXT), \'null\') || \',"parent":\' || coalesce(CAST(to_json("new".parent) AS TEXT), \'null\') || \',"counted_in":\' || coalesce(CAST(to_json("new".counted_in) AS TEXT), \'null\') || \',"level":\' || coalesce(CAST("new".level AS TEXT), \'null\') || \',"district":\' || coalesce(CAST(to_json("new".district) AS TEXT), \'null\') || \',"industry":\' || coalesce(CAST(to_json("new".industry) AS TEXT), \'null\') || \',"section":\' || coalesce(CAST(to_json("new".section) AS TEXT), \'null\') || \',"published_area_km2":\' || coalesce(CAST("new".published_area_km2 AS TEXT), \'null\') || \',"published_area_source":\' || coalesce(CAST(to_json("new".published_area_source) AS TEXT), \'null\') || \'}}\';\n  new.recorded_at := greatest(now(), old.recorded_at);\n  new.recorded_by := coalesce(nullif(current_setting(\'zgc.actor\', true), \'\'), session_user);\n  new.recorded_reason := nullif(current_setting(\'zgc.reason\', true), \'\');\n  RETURN new;\nEND\n$$')
    op.execute('CREATE OR REPLACE FUNCTION science_cities_feature() RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n  new.feature := \'{"type":"Feature","id":\' || coalesce(CAST(to_json("new".id) AS TEXT), \'null\') || \',"geometry":\' || coalesce(ST_AsGeoJSON(ST_ForcePolygonCCW("new".geom), 8, 0), \'null\') || \',"properties":{\' || \'"name_zh":\' || coalesce(CAST(to_json("new".name_zh) AS TEXT), \'null\') || \',"name_en":\' || coalesce(CAST(to_json("new".name_en) AS TEXT), \'null\') || \',"source":\' || coalesce(CAST(to_json("new".source) AS TEXT), \'null\') || \',"as_of":\' || coalesce(CAST(to_json("new".as_of) AS TEXT), \'null\') || \',"valid_from":\' || coalesce(CAST(to_json("new".valid_from) AS TEXT), \'null\') || \',"valid_to":\' || coalesce(CAST(to_json("new".valid_to) AS TEXT), \'null\') || \',"accuracy_m":\' || coalesce(CAST("new".accuracy_m AS TEXT), \'null\') || \',"boundary_status":\' || coalesce(CAST(to_json("new".boundary_status) AS TEXT), \'null\') || \',"location_source":\' || coalesce(CAST(to_json("new".location_source) AS TEXT), \'null\') || \',"aliases":\' || coalesce(CAST(to_json("new".aliases) AS TEXT), \'null\') || \',"parent":\' || coalesce(CAST(to_json("new".parent) AS TEXT), \'null\') || \',"counted_in":\' || coalesce(CAST(to_json("new".counted_in) AS TEXT), \'null\') || \',"level":\' || coalesce(CAST("new".level AS TEXT), \'null\') || \',"district":\' || coalesce(CAST(to_json("new".district) AS TEXT), \'null\') || \',"industry":\' || coalesce(CAST(to_json("new".industry) AS TEXT), \'null\') || \',"section":\' || coalesce(CAST(to_json("new".section) AS TEXT), \'null\') || \',"published_area_km2":\' || coalesce(CAST("new".published_area_km2 AS TEXT), \'null\') || \',"published_area_source":\' || coalesce(CAST(to_json("new".published_area_source) AS TEXT), \'null\') || \'}}\';\n  new.recorded_at := greatest(now(), old.recorded_at);\n  new.recorded_by := coalesce(nullif(current_setting(\'zgc.actor\', true), \'\'), session_user);\n  new.recorded_reason := nullif(current_setting(\'zgc.reason\', true), \'\');\n  RETURN new;\nEND\n$$')
    op.execute('CREATE OR REPLACE FUNCTION clusters_feature() RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n  new.feature := \'{"type":"Feature","id":\' || coalesce(CAST(to_json("new".id) AS TEXT), \'null\') || \',"geometry":\' || coalesce(ST_AsGeoJSON(ST_ForcePolygonCCW("new".geom), 8, 0), \'null\') || \',"properties":{\' || \'"name_zh":\' || coalesce(CAST(to_json("new".name_zh) AS TEXT), \'null\') || \',"name_en":\' || coalesce(CAST(to_json("new".name_en) AS TEXT), \'null\') || \',"source":\' || coalesce(CAST(to_json("new".source) AS TEXT), \'null\') || \',"as_of":\' || coalesce(CAST(to_json("new".as_of) AS TEXT), \'null\') || \',"valid_from":\' || coalesce(CAST(to_json("new".valid_from) AS TEXT), \'null\') || \',"valid_to":\' || coalesce(CAST(to_json("new".valid_to) AS TEXT), \'null\') || \',"accuracy_m":\' || coalesce(CAST("new".accuracy_m AS TEXT), \'null\') || \',"boundary_status":\' || coalesce(CAST(to_json("new".boundary_status) AS TEXT), \'null\') || \',"location_source":\' || coalesce(CAST(to_json("new".location_source) AS TEXT), \'null\') || \',"aliases":\' || coalesce(CAST(to_json("new".aliases) AS TEXT), \'null\') || \',"parent":\' || coalesce(CAST(to_json("new".parent) AS TEXT), \'null\') || \',"counted_in":\' || coalesce(CAST(to_json("new".counted_in) AS TEXT), \'null\') || \',"level":\' || coalesce(CAST("new".level AS TEXT), \'null\') || \',"district":\' || coalesce(CAST(to_json("new".district) AS TEXT), \'null\') || \',"industry":\' || coalesce(CAST(to_json("new".industry) AS TEXT), \'null\') || \',"section":\' || coalesce(CAST(to_json("new".section) AS TEXT), \'null\') || \',"published_area_km2":\' || coalesce(CAST("new".published_area_km2 AS TEXT), \'null\') || \',"published_area_source":\' || coalesce(CAST(to_json("new".published_area_source) AS TEXT), \'null\') || \'}}\';\n  new.recorded_at := greatest(now(), old.recorded_at);\n  new.recorded_by := coalesce(nullif(current_setting(\'zgc.actor\', true), \'\'), session_user);\n  new.recorded_reason := nullif(current_setting(\'zgc.reason\', true), \'\');\n  RETURN new;\nEND\n$$')
    op.execute('CREATE OR REPLACE FUNCTION sub_parks_feature() RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n  new.feature := \'{"type":"Feature","id":\' || coalesce(CAST(to_json("new".id) AS TEXT), \'null\') || \',"geometry":\' || coalesce(ST_AsGeoJSON(ST_ForcePolygonCCW("new".geom), 8, 0), \'null\') || \',"properties":{\' || \'"name_zh":\' || coalesce(CAST(to_json("new".name_zh) AS TEXT), \'null\') || \',"name_en":\' || coalesce(CAST(to_json("new".name_en) AS TEXT), \'null\') || \',"source":\' || coalesce(CAST(to_json("new".source) AS TEXT), \'null\') || \',"as_of":\' || coalesce(CAST(to_json("new".as_of) AS TEXT), \'null\') || \',"valid_from":\' || coalesce(CAST(to_json("new".valid_from) AS TEXT), \'null\') || \',"valid_to":\' || coalesce(CAST(to_json("new".valid_to) AS TEXT), \'null\') || \',"accuracy_m":\' || coalesce(CAST("new".accuracy_m AS TEXT), \'null\') || \',"boundary_status":\' || coalesce(CAST(to_json("new".boundary_status) AS TEXT), \'null\') || \',"location_source":\' || coalesce(CAST(to_json("new".location_source) AS TEXT), \'null\') || \',"kind":\' || coalesce(CAST(to_json("new".kind) AS TEXT), \'null\') || \',"in_regulation":\' || coalesce(CAST("new".in_regulation AS TEXT), \'null\') || \',"aliases":\' || coalesce(CAST(to_json("new".aliases) AS TEXT), \'null\') || \',"parent":\' || coalesce(CAST(to_json("new".parent) AS TEXT), \'null\') || \',"counted_in":\' || coalesce(CAST(to_json("new".counted_in) AS TEXT), \'null\') || \',"level":\' || coalesce(CAST("new".level AS TEXT), \'null\') || \',"district":\' || coalesce(CAST(to_json("new".district) AS TEXT), \'null\') || \',"industry":\' || coalesce(CAST(to_json("new".industry) AS TEXT), \'null\') || \',"section":\' || coalesce(CAST(to_json("new".section) AS TEXT), \'null\') || \',"published_area_km2":\' || coalesce(CAST("new".published_area_km2 AS TEXT), \'null\') || \',"published_area_source":\' || coalesce(CAST(to_json("new".published_area_source) AS TEXT), \'null\') || \'}}\';\n  new.recorded_at := greatest(now(), old.recorded_at);\n  new.recorded_by := coalesce(nullif(current_setting(\'zgc.actor\', true), \'\'), session_user);\n  new.recorded_reason := nullif(current_setting(\'zgc.reason\', true), \'\');\n  RETURN new;\nEND\n$$')
    op.execute('CREATE OR REPLACE FUNCTION bases_feature() RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n  new.feature := \'{"type":"Feature","id":\' || coalesce(CAST(to_json("new".id) AS TEXT), \'null\') || \',"geometry":\' || coalesce(ST_AsGeoJSON(ST_ForcePolygonCCW("new".geom), 8, 0), \'null\') || \',"properties":{\' || \'"name_zh":\' || coalesce(CAST(to_json("new".name_zh) AS TEXT), \'null\') || \',"name_en":\' || coalesce(CAST(to_json("new".name_en) AS TEXT), \'null\') || \',"source":\' || coalesce(CAST(to_json("new".source) AS TEXT), \'null\') || \',"as_of":\' || coalesce(CAST(to_json("new".as_of) AS TEXT), \'null\') || \',"valid_from":\' || coalesce(CAST(to_json("new".valid_from) AS TEXT), \'null\') || \',"valid_to":\' || coalesce(CAST(to_json("new".valid_to) AS TEXT), \'null\') || \',"accuracy_m":\' || coalesce(CAST("new".accuracy_m AS TEXT), \'null\') || \',"boundary_status":\' || coalesce(CAST(to_json("new".boundary_status) AS TEXT), \'null\') || \',"location_source":\' || coalesce(CAST(to_json("new".location_source) AS TEXT), \'null\') || \',"kind":\' || coalesce(CAST(to_json("new".kind) AS TEXT), \'null\') || \',"in_regulation":\' || coalesce(CAST("new".in_regulation AS TEXT), \'null\') || \',"aliases":\' || coalesce(CAST(to_json("new".aliases) AS TEXT), \'null\') || \',"parent":\' || coalesce(CAST(to_json("new".parent) AS TEXT), \'null\') || \',"counted_in":\' || coalesce(CAST(to_json("new".counted_in) AS TEXT), \'null\') || \',"level":\' || coalesce(CAST("new".level AS TEXT), \'null\') || \',"district":\' || coalesce(CAST(to_json("new".district) AS TEXT), \'null\') || \',"industry":\' || coalesce(CAST(to_json("new".industry) AS TEXT), \'null\') || \',"section":\' || coalesce(CAST(to_json("new".section) AS TEXT), \'null\') || \',"published_area_km2":\' || coalesce(CAST("new".published_area_km2 AS TEXT), \'null\') || \',"published_area_source":\' || coalesce(CAST(to_json("new".published_area_source) AS TEXT), \'null\') || \'}}\';\n  new.recorded_at := greatest(now(), old.recorded_at);\n  new.recorded_by := coalesce(nullif(current_setting(\'zgc.actor\', true), \'\'), session_user);\n  new.recorded_reason := nullif(current_setting(\'zgc.reason\', true), \'\');\n  RETURN new;\nEND\n$$')
    op.execute('CREATE OR REPLACE FUNCTION innovation_sites_feature() RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n  new.feature := \'{"type":"Feature","id":\' || coalesce(CAST(to_json("new".id) AS TEXT), \'null\') || \',"geometry":\' || coalesce(ST_AsGeoJSON("new".geom, 8, 0), \'null\') || \',"properties":{\' || \'"name_zh":\' || coalesce(CAST(to_json("new".name_zh) AS TEXT), \'null\') || \',"name_en":\' || coalesce(CAST(to_json("new".name_en) AS TEXT), \'null\') || \',"source":\' || coalesce(CAST(to_json("new".source) AS TEXT), \'null\') || \',"as_of":\' || coalesce(CAST(to_json("new".as_of) AS TEXT), \'null\') || \',"valid_from":\' || coalesce(CAST(to_json("new".valid_from) AS TEXT), \'null\') || \',"valid_to":\' || coalesce(CAST(to_json("new".valid_to) AS TEXT), \'null\') || \',"accuracy_m":\' || coalesce(CAST("new".accuracy_m AS TEXT), \'null\') || \',"boundary_status":\' || coalesce(CAST(to_json("new".boundary_status) AS TEXT), \'null\') || \',"location_source":\' || coalesce(CAST(to_json("new".location_source) AS TEXT), \'null\') || \',"kind":\' || coalesce(CAST(to_json("new".kind) AS TEXT), \'null\') || \',"aliases":\' || coalesce(CAST(to_json("new".aliases) AS TEXT), \'null\') || \',"parent":\' || coalesce(CAST(to_json("new".parent) AS TEXT), \'null\') || \',"counted_in":\' || coalesce(CAST(to_json("new".counted_in) AS TEXT), \'null\') || \',"level":\' || coalesce(CAST("new".level AS TEXT), \'null\') || \',"district":\' || coalesce(CAST(to_json("new".district) AS TEXT), \'null\') || \',"industry":\' || coalesce(CAST(to_json("new".industry) AS TEXT), \'null\') || \',"section":\' || coalesce(CAST(to_json("new".section) AS TEXT), \'null\') || \',"published_area_km2":\' || coalesce(CAST("new".published_area_km2 AS TEXT), \'null\') || \',"published_area_source":\' || coalesce(CAST(to_json("new".published_area_source) AS TEXT), \'null\') || \'}}\';\n  new.recorded_at := greatest(now(), old.recorded_at);\n  new.recorded_by := coalesce(nullif(current_setting(\'zgc.actor\', true), \'\'), session_user);\n  new.recorded_reason := nullif(current_setting(\'zgc.reason\', true), \'\');\n  RETURN new;\nEND\n$$')
    op.execute('CREATE OR REPLACE FUNCTION axes_feature() RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n  new.feature := \'{"type":"Feature","id":\' || coalesce(CAST(to_json("new".id) AS TEXT), \'null\') || \',"geometry":\' || coalesce(ST_AsGeoJSON("new".geom, 8, 0), \'null\') || \',"properties":{\' || \'"name_zh":\' || coalesce(CAST(to_json("new".name_zh) AS TEXT), \'null\') || \',"name_en":\' || coalesce(CAST(to_json("new".name_en) AS TEXT), \'null\') || \',"source":\' || coalesce(CAST(to_json("new".source) AS TEXT), \'null\') || \',"as_of":\' || coalesce(CAST(to_json("new".as_of) AS TEXT), \'null\') || \',"valid_from":\' || coalesce(CAST(to_json("new".valid_from) AS TEXT), \'null\') || \',"valid_to":\' || coalesce(CAST(to_json("new".valid_to) AS TEXT), \'null\') || \',"accuracy_m":\' || coalesce(CAST("new".accuracy_m AS TEXT), \'null\') || \',"boundary_status":\' || coalesce(CAST(to_json("new".boundary_status) AS TEXT), \'null\') || \',"location_source":\' || coalesce(CAST(to_json("new".location_source) AS TEXT), \'null\') || \',"kind":\' || coalesce(CAST(to_json("new".kind) AS TEXT), \'null\') || \',"aliases":\' || coalesce(CAST(to_json("new".aliases) AS TEXT), \'null\') || \',"parent":\' || coalesce(CAST(to_json("new".parent) AS TEXT), \'null\') || \',"counted_in":\' || coalesce(CAST(to_json("new".counted_in) AS TEXT), \'null\') || \',"level":\' || coalesce(CAST("new".level AS TEXT), \'null\') || \',"district":\' || coalesce(CAST(to_json("new".district) AS TEXT), \'null\') || \',"industry":\' || coalesce(CAST(to_json("new".industry) AS TEXT), \'null\') || \',"section":\' || coalesce(CAST(to_json("new".section) AS TEXT), \'null\') || \',"published_area_km2":\' || coalesce(CAST("new".published_area_km2 AS TEXT), \'null\') || \',"published_area_source":\' || coalesce(CAST(to_json("new".published_area_source) AS TEXT), \'null\') || \'}}\';\n  new.recorded_at := greatest(now(), old.recorded_at);\n  new.recorded_by := coalesce(nullif(current_setting(\'zgc.actor\', true), \'\'), session_user);\n  new.recorded_reason := nullif(current_setting(\'zgc.reason\', true), \'\');\n  RETURN new;\nEND\n$$')
    op.execute('CREATE OR REPLACE FUNCTION districts_feature() RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n  new.feature := \'{"type":"Feature","id":\' || coalesce(CAST(to_json("new".id) AS TEXT), \'null\') || \',"geometry":\' || coalesce(ST_AsGeoJSON(ST_ForcePolygonCCW("new".geom), 8, 0), \'null\') || \',"properties":{\' || \'"name_zh":\' || coalesce(CAST(to_json("new".name_zh) AS TEXT), \'null\') || \',"name_en":\' || coalesce(CAST(to_json("new".name_en) AS TEXT), \'null\') || \',"source":\' || coalesce(CAST(to_json("new".source) AS TEXT), \'null\') || \',"as_of":\' || coalesce(CAST(to_json("new".as_of) AS TEXT), \'null\') || \',"valid_from":\' || coalesce(CAST(to_json("new".valid_from) AS TEXT), \'null\') || \',"valid_to":\' || coalesce(CAST(to_json("new".valid_to) AS TEXT), \'null\') || \',"accuracy_m":\' || coalesce(CAST("new".accuracy_m AS TEXT), \'null\') || \',"boundary_status":\' || coalesce(CAST(to_json("new".boundary_status) AS TEXT), \'null\') || \',"location_source":\' || coalesce(CAST(to_json("new".location_source) AS TEXT), \'null\') || \',"code":\' || coalesce(CAST(to_json("new".code) AS TEXT), \'null\') || \',"aliases":\' || coalesce(CAST(to_json("new".aliases) AS TEXT), \'null\') || \'}}\';\n  new.recorded_at := greatest(now(), old.recorded_at);\n  new.recorded_by := coalesce(nullif(current_setting(\'zgc.actor\', true), \'\'), session_user);\n  new.recorded_reason := nullif(current_setting(\'zgc.reason\', true), \'\');\n  RETURN new;\nEND\n$$')
    op.execute('CREATE OR REPLACE FUNCTION enterprises_feature() RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n  new.feature := \'{"type":"Feature","id":\' || coalesce(CAST(to_json("new".id) AS TEXT), \'null\') || \',"geometry":\' || coalesce(ST_AsGeoJSON("new".geom, 8, 0), \'null\') || \',"properties":{\' || \'"name_zh":\' || coalesce(CAST(to_json("new".name_zh) AS TEXT), \'null\') || \',"name_en":\' || coalesce(CAST(to_json("new".name_en) AS TEXT), \'null\') || \',"source":\' || coalesce(CAST(to_json("new".source) AS TEXT), \'null\') || \',"as_of":\' || coalesce(CAST(to_json("new".as_of) AS TEXT), \'null\') || \',"valid_from":\' || coalesce(CAST(to_json("new".valid_from) AS TEXT), \'null\') || \',"valid_to":\' || coalesce(CAST(to_json("new".valid_to) AS TEXT), \'null\') || \',"accuracy_m":\' || coalesce(CAST("new".accuracy_m AS TEXT), \'null\') || \',"boundary_status":\' || coalesce(CAST(to_json("new".boundary_status) AS TEXT), \'null\') || \',"location_source":\' || coalesce(CAST(to_json("new".location_source) AS TEXT), \'null\') || \',"aliases":\' || coalesce(CAST(to_json("new".aliases) AS TEXT), \'null\') || \',"industry":\' || coalesce(CAST(to_json("new".industry) AS TEXT), \'null\') || \',"emerging_industry":\' || coalesce(CAST(to_json("new".emerging_industry) AS TEXT), \'null\') || \',"plan_cluster":\' || coalesce(CAST(to_json("new".plan_cluster) AS TEXT), \'null\') || \',"area":\' || coalesce(CAST(to_json("new".area) AS TEXT), \'null\') || \',"industry_code":\' || coalesce(CAST(to_json("new".industry_code) AS TEXT), \'null\') || \',"uscc":\' || coalesce(CAST(to_json("new".uscc) AS TEXT), \'null\') || \',"address":\' || coalesce(CAST(to_json("new".address) AS TEXT), \'null\') || \',"district":\' || coalesce(CAST(to_json("new".district) AS TEXT), \'null\') || \',"section":\' || coalesce(CAST(to_json("new".section) AS TEXT), \'null\') || \'}}\';\n  new.recorded_at := greatest(now(), old.recorded_at);\n  new.recorded_by := coalesce(nullif(current_setting(\'zgc.actor\', true), \'\'), session_user);\n  new.recorded_reason := nullif(current_setting(\'zgc.reason\', true), \'\');\n  RETURN new;\nEND\n$$')
    op.execute('CREATE OR REPLACE FUNCTION projects_feature() RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n  new.feature := \'{"type":"Feature","id":\' || coalesce(CAST(to_json("new".id) AS TEXT), \'null\') || \',"geometry":\' || coalesce(ST_AsGeoJSON("new".geom, 8, 0), \'null\') || \',"properties":{\' || \'"name_zh":\' || coalesce(CAST(to_json("new".name_zh) AS TEXT), \'null\') || \',"name_en":\' || coalesce(CAST(to_json("new".name_en) AS TEXT), \'null\') || \',"source":\' || coalesce(CAST(to_json("new".source) AS TEXT), \'null\') || \',"as_of":\' || coalesce(CAST(to_json("new".as_of) AS TEXT), \'null\') || \',"valid_from":\' || coalesce(CAST(to_json("new".valid_from) AS TEXT), \'null\') || \',"valid_to":\' || coalesce(CAST(to_json("new".valid_to) AS TEXT), \'null\') || \',"accuracy_m":\' || coalesce(CAST("new".accuracy_m AS TEXT), \'null\') || \',"boundary_status":\' || coalesce(CAST(to_json("new".boundary_status) AS TEXT), \'null\') || \',"location_source":\' || coalesce(CAST(to_json("new".location_source) AS TEXT), \'null\') || \',"kind":\' || coalesce(CAST(to_json("new".kind) AS TEXT), \'null\') || \',"aliases":\' || coalesce(CAST(to_json("new".aliases) AS TEXT), \'null\') || \',"industry":\' || coalesce(CAST(to_json("new".industry) AS TEXT), \'null\') || \',"area":\' || coalesce(CAST(to_json("new".area) AS TEXT), \'null\') || \',"district":\' || coalesce(CAST(to_json("new".district) AS TEXT), \'null\') || \',"section":\' || coalesce(CAST(to_json("new".section) AS TEXT), \'null\') || \'}}\';\n  new.recorded_at := greatest(now(), old.recorded_at);\n  new.recorded_by := coalesce(nullif(current_setting(\'zgc.actor\', true), \'\'), session_user);\n  new.recorded_reason := nullif(current_setting(\'zgc.reason\', true), \'\');\n  RETURN new;\nEND\n$$')
    op.execute('CREATE OR REPLACE FUNCTION parcels_feature() RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n  new.feature := \'{"type":"Feature","id":\' || coalesce(CAST(to_json("new".id) AS TEXT), \'null\') || \',"geometry":\' || coalesce(ST_AsGeoJSON(ST_ForcePolygonCCW("new".geom), 8, 0), \'null\') || \',"properties":{\' || \'"name_zh":\' || coalesce(CAST(to_json("new".name_zh) AS TEXT), \'null\') || \',"name_en":\' || coalesce(CAST(to_json("new".name_en) AS TEXT), \'null\') || \',"source":\' || coalesce(CAST(to_json("new".source) AS TEXT), \'null\') || \',"as_of":\' || coalesce(CAST(to_json("new".as_of) AS TEXT), \'null\') || \',"valid_from":\' || coalesce(CAST(to_json("new".valid_from) AS TEXT), \'null\') || \',"valid_to":\' || coalesce(CAST(to_json("new".valid_to) AS TEXT), \'null\') || \',"accuracy_m":\' || coalesce(CAST("new".accuracy_m AS TEXT), \'null\') || \',"boundary_status":\' || coalesce(CAST(to_json("new".boundary_status) AS TEXT), \'null\') || \',"location_source":\' || coalesce(CAST(to_json("new".location_source) AS TEXT), \'null\') || \',"parcel_code":\' || coalesce(CAST(to_json("new".parcel_code) AS TEXT), \'null\') || \',"land_ownership":\' || coalesce(CAST(to_json("new".land_ownership) AS TEXT), \'null\') || \',"land_use":\' || coalesce(CAST(to_json("new".land_use) AS TEXT), \'null\') || \',"supply_mode":\' || coalesce(CAST(to_json("new".supply_mode) AS TEXT), \'null\') || \',"area_registered_m2":\' || coalesce(CAST("new".area_registered_m2 AS TEXT), \'null\') || \',"park":\' || coalesce(CAST(to_json("new".park) AS TEXT), \'null\') || \',"district":\' || coalesce(CAST(to_json("new".district) AS TEXT), \'null\') || \'}}\';\n  new.recorded_at := greatest(now(), old.recorded_at);\n  new.recorded_by := coalesce(nullif(current_setting(\'zgc.actor\', true), \'\'), session_user);\n  new.recorded_reason := nullif(current_setting(\'zgc.reason\', true), \'\');\n  RETURN new;\nEND\n$$')
    op.execute('CREATE TRIGGER feature BEFORE INSERT OR UPDATE ON demonstration_zone FOR EACH ROW EXECUTE FUNCTION demonstration_zone_feature()')
    op.execute('CREATE TRIGGER record_insert AFTER INSERT ON demonstration_zone REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION record_change()')
    op.execute('CREATE TRIGGER record_update AFTER UPDATE ON demonstration_zone REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION record_change()')
    op.execute('CREATE TRIGGER record_delete AFTER DELETE ON demonstration_zone REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION record_change()')
    op.execute('CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON demonstration_zone FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()')
    op.execute('CREATE TRIGGER register_area AFTER INSERT OR DELETE OR UPDATE ON demonstration_zone FOR EACH ROW EXECUTE FUNCTION register_area()')
    op.execute('CREATE TRIGGER feature BEFORE INSERT OR UPDATE ON science_cities FOR EACH ROW EXECUTE FUNCTION science_cities_feature()')
    op.execute('CREATE TRIGGER record_insert AFTER INSERT ON science_cities REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION record_change()')
    op.execute('CREATE TRIGGER record_update AFTER UPDATE ON science_cities REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION record_change()')
    op.execute('CREATE TRIGGER record_delete AFTER DELETE ON science_cities REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION record_change()')
    op.execute('CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON science_cities FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()')
    op.execute('CREATE TRIGGER register_area AFTER INSERT OR DELETE OR UPDATE ON science_cities FOR EACH ROW EXECUTE FUNCTION register_area()')
    op.execute('CREATE TRIGGER feature BEFORE INSERT OR UPDATE ON clusters FOR EACH ROW EXECUTE FUNCTION clusters_feature()')
    op.execute('CREATE TRIGGER record_insert AFTER INSERT ON clusters REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION record_change()')
    op.execute('CREATE TRIGGER record_update AFTER UPDATE ON clusters REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION record_change()')
    op.execute('CREATE TRIGGER record_delete AFTER DELETE ON clusters REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION record_change()')
    op.execute('CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON clusters FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()')
    op.execute('CREATE TRIGGER register_area AFTER INSERT OR DELETE OR UPDATE ON clusters FOR EACH ROW EXECUTE FUNCTION register_area()')
    op.execute('CREATE TRIGGER feature BEFORE INSERT OR UPDATE ON sub_parks FOR EACH ROW EXECUTE FUNCTION sub_parks_feature()')
    op.execute('CREATE TRIGGER record_insert AFTER INSERT ON sub_parks REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION record_change()')
    op.execute('CREATE TRIGGER record_update AFTER UPDATE ON sub_parks REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION record_change()')
    op.execute('CREATE TRIGGER record_delete AFTER DELETE ON sub_parks REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION record_change()')
    op.execute('CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON sub_parks FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()')
    op.execute('CREATE TRIGGER register_area AFTER INSERT OR DELETE OR UPDATE ON sub_parks FOR EACH ROW EXECUTE FUNCTION register_area()')
    op.execute('CREATE TRIGGER feature BEFORE INSERT OR UPDATE ON bases FOR EACH ROW EXECUTE FUNCTION bases_feature()')
    op.execute('CREATE TRIGGER record_insert AFTER INSERT ON bases REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION record_change()')
    op.execute('CREATE TRIGGER record_update AFTER UPDATE ON bases REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION record_change()')
    op.execute('CREATE TRIGGER record_delete AFTER DELETE ON bases REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION record_change()')
    op.execute('CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON bases FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()')
    op.execute('CREATE TRIGGER register_area AFTER INSERT OR DELETE OR UPDATE ON bases FOR EACH ROW EXECUTE FUNCTION register_area()')
    op.execute('CREATE TRIGGER feature BEFORE INSERT OR UPDATE ON innovation_sites FOR EACH ROW EXECUTE FUNCTION innovation_sites_feature()')
    op.execute('CREATE TRIGGER record_insert AFTER INSERT ON innovation_sites REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION record_change()')
    op.execute('CREATE TRIGGER record_update AFTER UPDATE ON innovation_sites REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION record_change()')
    op.execute('CREATE TRIGGER record_delete AFTER DELETE ON innovation_sites REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION record_change()')
    op.execute('CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON innovation_sites FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()')
    op.execute('CREATE TRIGGER register_area AFTER INSERT OR DELETE OR UPDATE ON innovation_sites FOR EACH ROW EXECUTE FUNCTION register_area()')
    op.execute('CREATE TRIGGER feature BEFORE INSERT OR UPDATE ON axes FOR EACH ROW EXECUTE FUNCTION axes_feature()')
    op.execute('CREATE TRIGGER record_insert AFTER INSERT ON axes REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION record_change()')
    op.execute('CREATE TRIGGER record_update AFTER UPDATE ON axes REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION record_change()')
    op.execute('CREATE TRIGGER record_delete AFTER DELETE ON axes REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION record_change()')
    op.execute('CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON axes FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()')
    op.execute('CREATE TRIGGER register_area AFTER INSERT OR DELETE OR UPDATE ON axes FOR EACH ROW EXECUTE FUNCTION register_area()')
    op.execute('CREATE TRIGGER feature BEFORE INSERT OR UPDATE ON districts FOR EACH ROW EXECUTE FUNCTION districts_feature()')
    op.execute('CREATE TRIGGER record_insert AFTER INSERT ON districts REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION record_change()')
    op.execute('CREATE TRIGGER record_update AFTER UPDATE ON districts REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION record_change()')
    op.execute('CREATE TRIGGER record_delete AFTER DELETE ON districts REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION record_change()')
    op.execute('CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON districts FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()')
    op.execute('CREATE TRIGGER feature BEFORE INSERT OR UPDATE ON enterprises FOR EACH ROW EXECUTE FUNCTION enterprises_feature()')
    op.execute('CREATE TRIGGER record_insert AFTER INSERT ON enterprises REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION record_change()')
    op.execute('CREATE TRIGGER record_update AFTER UPDATE ON enterprises REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION record_change()')
    op.execute('CREATE TRIGGER record_delete AFTER DELETE ON enterprises REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION record_change()')
    op.execute('CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON enterprises FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()')
    op.execute('CREATE TRIGGER feature BEFORE INSERT OR UPDATE ON projects FOR EACH ROW EXECUTE FUNCTION projects_feature()')
    op.execute('CREATE TRIGGER record_insert AFTER INSERT ON projects REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION record_change()')
    op.execute('CREATE TRIGGER record_update AFTER UPDATE ON projects REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION record_change()')
    op.execute('CREATE TRIGGER record_delete AFTER DELETE ON projects REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION record_change()')
    op.execute('CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON projects FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()')
    op.execute('CREATE TRIGGER feature BEFORE INSERT OR UPDATE ON parcels FOR EACH ROW EXECUTE FUNCTION parcels_feature()')
    op.execute('CREATE TRIGGER record_insert AFTER INSERT ON parcels REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION record_change()')
    op.execute('CREATE TRIGGER record_update AFTER UPDATE ON parcels REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION record_change()')
    op.execute('CREATE TRIGGER record_delete AFTER DELETE ON parcels REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION record_change()')
    op.execute('CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON parcels FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()')


def downgrade() -> None:
    op.drop_table('growth_targets')
    op.drop_index(op.f('ix_assignments_area'), table_name='assignments')
    op.drop_table('assignments')
    op.drop_index(op.f('ix_sub_parks_parent'), table_name='sub_parks')
    op.drop_index('ix_sub_parks_geom', table_name='sub_parks', postgresql_using='gist')
    op.drop_index(op.f('ix_sub_parks_counted_in'), table_name='sub_parks')
    op.drop_table('sub_parks')
    op.drop_index(op.f('ix_science_cities_parent'), table_name='science_cities')
    op.drop_index('ix_science_cities_geom', table_name='science_cities', postgresql_using='gist')
    op.drop_index(op.f('ix_science_cities_counted_in'), table_name='science_cities')
    op.drop_table('science_cities')
    op.drop_index('ix_projects_geom', table_name='projects', postgresql_using='gist')
    op.drop_index(op.f('ix_projects_area'), table_name='projects')
    op.drop_table('projects')
    op.drop_index(op.f('ix_parcels_park'), table_name='parcels')
    op.drop_index('ix_parcels_geom', table_name='parcels', postgresql_using='gist')
    op.drop_table('parcels')
    op.drop_index(op.f('ix_innovation_sites_parent'), table_name='innovation_sites')
    op.drop_index('ix_innovation_sites_geom', table_name='innovation_sites', postgresql_using='gist')
    op.drop_index(op.f('ix_innovation_sites_counted_in'), table_name='innovation_sites')
    op.drop_table('innovation_sites')
    op.drop_table('indicators')
    op.drop_index('ix_enterprises_geom', table_name='enterprises', postgresql_using='gist')
    op.drop_index(op.f('ix_enterprises_area'), table_name='enterprises')
    op.drop_table('enterprises')
    op.drop_index(op.f('ix_demonstration_zone_parent'), table_name='demonstration_zone')
    op.drop_index('ix_demonstration_zone_geom', table_name='demonstration_zone', postgresql_using='gist')
    op.drop_index(op.f('ix_demonstration_zone_counted_in'), table_name='demonstration_zone')
    op.drop_table('demonstration_zone')
    op.drop_index(op.f('ix_clusters_parent'), table_name='clusters')
    op.drop_index('ix_clusters_geom', table_name='clusters', postgresql_using='gist')
    op.drop_index(op.f('ix_clusters_counted_in'), table_name='clusters')
    op.drop_table('clusters')
    op.drop_index(op.f('ix_bases_parent'), table_name='bases')
    op.drop_index('ix_bases_geom', table_name='bases', postgresql_using='gist')
    op.drop_index(op.f('ix_bases_counted_in'), table_name='bases')
    op.drop_table('bases')
    op.drop_index(op.f('ix_axes_parent'), table_name='axes')
    op.drop_index('ix_axes_geom', table_name='axes', postgresql_using='gist')
    op.drop_index(op.f('ix_axes_counted_in'), table_name='axes')
    op.drop_table('axes')
    op.drop_table('mentions')
    op.drop_table('layer_versions')
    op.drop_index('ix_history_sub_parks_id', table_name='sub_parks', schema='history')
    op.drop_index('ix_history_sub_parks_geom', table_name='sub_parks', schema='history', postgresql_using='gist')
    op.drop_table('sub_parks', schema='history')
    op.drop_index('ix_history_science_cities_id', table_name='science_cities', schema='history')
    op.drop_index('ix_history_science_cities_geom', table_name='science_cities', schema='history', postgresql_using='gist')
    op.drop_table('science_cities', schema='history')
    op.drop_index('ix_history_projects_id', table_name='projects', schema='history')
    op.drop_index('ix_history_projects_geom', table_name='projects', schema='history', postgresql_using='gist')
    op.drop_table('projects', schema='history')
    op.drop_index('ix_history_parcels_id', table_name='parcels', schema='history')
    op.drop_index('ix_history_parcels_geom', table_name='parcels', schema='history', postgresql_using='gist')
    op.drop_table('parcels', schema='history')
    op.drop_index('ix_history_innovation_sites_id', table_name='innovation_sites', schema='history')
    op.drop_index('ix_history_innovation_sites_geom', table_name='innovation_sites', schema='history', postgresql_using='gist')
    op.drop_table('innovation_sites', schema='history')
    op.drop_index('ix_history_enterprises_id', table_name='enterprises', schema='history')
    op.drop_index('ix_history_enterprises_geom', table_name='enterprises', schema='history', postgresql_using='gist')
    op.drop_table('enterprises', schema='history')
    op.drop_index('ix_history_districts_id', table_name='districts', schema='history')
    op.drop_index('ix_history_districts_geom', table_name='districts', schema='history', postgresql_using='gist')
    op.drop_table('districts', schema='history')
    op.drop_index('ix_history_demonstration_zone_id', table_name='demonstration_zone', schema='history')
    op.drop_index('ix_history_demonstration_zone_geom', table_name='demonstration_zone', schema='history', postgresql_using='gist')
    op.drop_table('demonstration_zone', schema='history')
    op.drop_index('ix_history_clusters_id', table_name='clusters', schema='history')
    op.drop_index('ix_history_clusters_geom', table_name='clusters', schema='history', postgresql_using='gist')
    op.drop_table('clusters', schema='history')
    op.drop_index('ix_history_bases_id', table_name='bases', schema='history')
    op.drop_index('ix_history_bases_geom', table_name='bases', schema='history', postgresql_using='gist')
    op.drop_table('bases', schema='history')
    op.drop_index('ix_history_axes_id', table_name='axes', schema='history')
    op.drop_index('ix_history_axes_geom', table_name='axes', schema='history', postgresql_using='gist')
    op.drop_table('axes', schema='history')
    op.drop_index('ix_districts_geom', table_name='districts', postgresql_using='gist')
    op.drop_table('districts')
    op.drop_index(op.f('ix_areas_parent'), table_name='areas')
    op.drop_index(op.f('ix_areas_counted_in'), table_name='areas')
    op.drop_table('areas')
    op.execute('DROP FUNCTION record_change()')
    op.execute('DROP FUNCTION refuse_truncate()')
    op.execute('DROP FUNCTION register_area()')
    op.execute('DROP FUNCTION demonstration_zone_feature()')
    op.execute('DROP FUNCTION science_cities_feature()')
    op.execute('DROP FUNCTION clusters_feature()')
    op.execute('DROP FUNCTION sub_parks_feature()')
    op.execute('DROP FUNCTION bases_feature()')
    op.execute('DROP FUNCTION innovation_sites_feature()')
    op.execute('DROP FUNCTION axes_feature()')
    op.execute('DROP FUNCTION districts_feature()')
    op.execute('DROP FUNCTION enterprises_feature()')
    op.execute('DROP FUNCTION projects_feature()')
    op.execute('DROP FUNCTION parcels_feature()')
    op.execute('DROP SCHEMA history')
