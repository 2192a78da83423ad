"""Accounts in a schema of their own: users, groups, sessions, tokens, failures, invitations."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE SCHEMA accounts")
    op.create_table('groups',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("name ~ '^[a-z][a-z0-9._-]{1,39}$'", name=op.f('ck_groups_name')),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_groups')),
    schema='accounts',
    comment='用户组，如园区管理办公室'
    )
    op.create_table('users',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('role', sa.Text(), nullable=False),
    sa.Column('password', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('disabled_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("name ~ '^[a-z][a-z0-9._-]{1,39}$'", name=op.f('ck_users_name')),
    sa.CheckConstraint("role IN ('planner', 'land_officer', 'admin')", name=op.f('ck_users_role')),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_users')),
    schema='accounts',
    comment='账户'
    )
    op.create_table('failures',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('key', sa.LargeBinary(), nullable=False),
    sa.Column('user', sa.Text(), nullable=True),
    sa.Column('address', sa.Text(), nullable=False),
    sa.Column('failed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user'], ['accounts.users.name'], name=op.f('fk_failures_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_failures')),
    schema='accounts',
    comment='登录失败'
    )
    op.create_index('ix_failures_address_failed_at', 'failures', ['address', 'failed_at'], unique=False, schema='accounts')
    op.create_index(op.f('ix_failures_failed_at'), 'failures', ['failed_at'], unique=False, schema='accounts')
    op.create_index('ix_failures_key_failed_at', 'failures', ['key', 'failed_at'], unique=False, schema='accounts')
    op.create_table('group_areas',
    sa.Column('group', sa.Text(), nullable=False),
    sa.Column('area', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['group'], ['accounts.groups.name'], name=op.f('fk_group_areas_group')),
    sa.PrimaryKeyConstraint('group', 'area', name=op.f('pk_group_areas')),
    schema='accounts',
    comment='用户组管辖的区域'
    )
    op.create_table('invitations',
    sa.Column('hash', sa.LargeBinary(), nullable=False),
    sa.Column('user', sa.Text(), nullable=True),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user'], ['accounts.users.name'], name=op.f('fk_invitations_user')),
    sa.PrimaryKeyConstraint('hash', name=op.f('pk_invitations')),
    schema='accounts',
    comment='一次性设置链接'
    )
    op.create_index(op.f('ix_invitations_user'), 'invitations', ['user'], unique=False, schema='accounts')
    op.create_table('memberships',
    sa.Column('user', sa.Text(), nullable=False),
    sa.Column('group', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['group'], ['accounts.groups.name'], name=op.f('fk_memberships_group')),
    sa.ForeignKeyConstraint(['user'], ['accounts.users.name'], name=op.f('fk_memberships_user')),
    sa.PrimaryKeyConstraint('user', 'group', name=op.f('pk_memberships')),
    schema='accounts',
    comment='用户组成员'
    )
    op.create_index(op.f('ix_memberships_group'), 'memberships', ['group'], unique=False, schema='accounts')
    op.create_table('sessions',
    sa.Column('hash', sa.LargeBinary(), nullable=False),
    sa.Column('user', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user'], ['accounts.users.name'], name=op.f('fk_sessions_user')),
    sa.PrimaryKeyConstraint('hash', name=op.f('pk_sessions')),
    schema='accounts',
    comment='登录会话'
    )
    op.create_index(op.f('ix_sessions_created_at'), 'sessions', ['created_at'], unique=False, schema='accounts')
    op.create_index(op.f('ix_sessions_user'), 'sessions', ['user'], unique=False, schema='accounts')
    op.create_table('tokens',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('hash', sa.LargeBinary(), nullable=False),
    sa.Column('prefix', sa.Text(), nullable=False),
    sa.Column('user', sa.Text(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('scopes', sa.ARRAY(sa.Text()), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['user'], ['accounts.users.name'], name=op.f('fk_tokens_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tokens')),
    sa.UniqueConstraint('hash', name=op.f('uq_tokens_hash')),
    schema='accounts',
    comment='访问令牌'
    )
    op.create_index(op.f('ix_tokens_user'), 'tokens', ['user'], unique=False, schema='accounts')


def downgrade() -> None:
    op.drop_table('tokens', schema='accounts')
    op.drop_table('sessions', schema='accounts')
    op.drop_table('memberships', schema='accounts')
    op.drop_table('invitations', schema='accounts')
    op.drop_table('group_areas', schema='accounts')
    op.drop_table('failures', schema='accounts')
    op.drop_table('users', schema='accounts')
    op.drop_table('groups', schema='accounts')
    op.execute("DROP SCHEMA accounts")
