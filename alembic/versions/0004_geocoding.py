"""Online geocoding in a schema of its own: answers, quotas, the review queue and its decisions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE SCHEMA geocoding")
    op.create_table('answers',
    sa.Column('provider', sa.Text(), nullable=False),
    sa.Column('address_key', sa.Text(), nullable=False),
    sa.Column('address', sa.Text(), nullable=False),
    sa.Column('outcome', sa.Text(), nullable=False),
    sa.Column('part', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('fetched_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("outcome IN ('found', 'nothing')", name=op.f('ck_answers_outcome')),
    sa.PrimaryKeyConstraint('provider', 'address_key', name=op.f('pk_answers')),
    schema='geocoding',
    comment='地理编码服务的应答'
    )
    op.create_index(op.f('ix_answers_expires_at'), 'answers', ['expires_at'], unique=False, schema='geocoding')
    op.create_table('quotas',
    sa.Column('provider', sa.Text(), nullable=False),
    sa.Column('free_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('used', sa.Integer(), nullable=False),
    sa.Column('stopped_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('stopped_why', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('provider', name=op.f('pk_quotas')),
    schema='geocoding',
    comment='地理编码服务的配额'
    )
    op.create_table('review',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('address_key', sa.Text(), nullable=False),
    sa.Column('address', sa.Text(), nullable=False),
    sa.Column('issues', sa.ARRAY(sa.Text()), nullable=False),
    sa.Column('candidates', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('queued_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("state IN ('open', 'placed', 'not_found')", name=op.f('ck_review_state')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_review')),
    sa.UniqueConstraint('address_key', name=op.f('uq_review_address_key')),
    schema='geocoding',
    comment='待人工核对的地址'
    )
    op.create_index('ix_review_state_id', 'review', ['state', 'id'], unique=False, schema='geocoding')
    op.create_table('decisions',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('review', sa.BigInteger(), nullable=False),
    sa.Column('verdict', sa.Text(), nullable=False),
    sa.Column('lon', sa.Double(), nullable=True),
    sa.Column('lat', sa.Double(), nullable=True),
    sa.Column('level', sa.Text(), nullable=True),
    sa.Column('accuracy_m', sa.Double(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('decided_by', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.CheckConstraint("(verdict = 'placed') = (lon IS NOT NULL AND lat IS NOT NULL AND level IS NOT NULL AND accuracy_m IS NOT NULL)", name=op.f('ck_decisions_placed')),
    sa.CheckConstraint("verdict IN ('placed', 'not_found')", name=op.f('ck_decisions_verdict')),
    sa.CheckConstraint('accuracy_m BETWEEN 1 AND 100000', name=op.f('ck_decisions_accuracy_m')),
    sa.CheckConstraint('lat BETWEEN -90 AND 90', name=op.f('ck_decisions_lat')),
    sa.CheckConstraint('lon BETWEEN -180 AND 180', name=op.f('ck_decisions_lon')),
    sa.ForeignKeyConstraint(['review'], ['geocoding.review.id'], name=op.f('fk_decisions_review')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_decisions')),
    schema='geocoding',
    comment='人工核对的决定'
    )
    op.create_index(op.f('ix_decisions_review'), 'decisions', ['review'], unique=False, schema='geocoding')


def downgrade() -> None:
    op.drop_index(op.f('ix_decisions_review'), table_name='decisions', schema='geocoding')
    op.drop_table('decisions', schema='geocoding')
    op.drop_index('ix_review_state_id', table_name='review', schema='geocoding')
    op.drop_table('review', schema='geocoding')
    op.drop_table('quotas', schema='geocoding')
    op.drop_index(op.f('ix_answers_expires_at'), table_name='answers', schema='geocoding')
    op.drop_table('answers', schema='geocoding')
    op.execute("DROP SCHEMA geocoding")
