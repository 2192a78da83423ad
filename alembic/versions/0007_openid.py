"""Who is who at an OpenID provider, and the ID token that a session began with."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('openid_identities',
    sa.Column('issuer', sa.Text(), nullable=False),
    sa.Column('subject', sa.Text(), nullable=False),
    sa.Column('user', sa.Text(), nullable=False),
    sa.Column('linked_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user'], ['accounts.users.name'], name=op.f('fk_openid_identities_user')),
    sa.PrimaryKeyConstraint('issuer', 'subject', name=op.f('pk_openid_identities')),
    schema='accounts',
    comment='统一身份认证的身份'
    )
    op.create_index(op.f('ix_openid_identities_user'), 'openid_identities', ['user'], unique=False, schema='accounts')
    op.execute('CREATE TRIGGER audit AFTER INSERT OR DELETE ON accounts.openid_identities FOR EACH ROW EXECUTE FUNCTION audit.note_account()')
    op.execute('ALTER TABLE accounts.openid_identities ENABLE ALWAYS TRIGGER audit')
    op.add_column('sessions', sa.Column('id_token', sa.Text(), nullable=True), schema='accounts')


def downgrade() -> None:
    op.drop_column('sessions', 'id_token', schema='accounts')
    op.drop_table('openid_identities', schema='accounts')
