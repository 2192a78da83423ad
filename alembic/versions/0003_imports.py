"""Imports: who loaded which file, and what it wrote or replaced in each layer."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

REFERENCES = {
    'axes': ('parent', 'counted_in'),
    'bases': ('parent', 'counted_in'),
    'clusters': ('parent', 'counted_in'),
    'demonstration_zone': ('parent', 'counted_in'),
    'districts': (),
    'enterprises': ('area',),
    'innovation_sites': ('parent', 'counted_in'),
    'parcels': ('park',),
    'projects': ('area',),
    'science_cities': ('parent', 'counted_in'),
    'sub_parks': ('parent', 'counted_in'),
}
"""Layers with their columns that name areas."""

IMPORT = "CAST(nullif(current_setting('zgc.import', true), '') AS BIGINT)"
SETTING = "nullif(current_setting('zgc.reason', true), '')"

CHANGES = {
    'record_change': (
        (
            "superseded_by, superseded_reason, %s)'\n      ' SELECT $1,"
            " greatest(now(), recorded_at), $2, $3, %s FROM changed',",
            "superseded_by, superseded_reason,'\n      ' superseded_import, %s)'\n      ' SELECT $1,"
            " greatest(now(), recorded_at), $2, $3, $4, %s FROM changed',",
        ),
        (
            f"session_user),\n            {SETTING};",
            f"session_user), {SETTING}, {IMPORT};",
        ),
    ),
} | {
    f'{layer}_feature': (
        (
            f"  new.recorded_reason := {SETTING};\n",
            f"  new.recorded_reason := {SETTING};\n  new.recorded_import := {IMPORT};\n",
        ),
    )
    for layer in REFERENCES
}
"""What becomes of trigger functions: pieces of their text, before and after."""


def upgrade() -> None:
    op.create_table('imports',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('layer', sa.Text(), nullable=False),
    sa.Column('file', sa.Text(), nullable=False),
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('mode', sa.Text(), nullable=False),
    sa.Column('options', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('rows', sa.BigInteger(), nullable=False),
    sa.Column('inserted', sa.BigInteger(), nullable=False),
    sa.Column('updated', sa.BigInteger(), nullable=False),
    sa.Column('unchanged', sa.BigInteger(), nullable=False),
    sa.Column('removed', sa.BigInteger(), nullable=False),
    sa.Column('actor', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('undoes', sa.BigInteger(), nullable=True),
    sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name=op.f('ck_imports_sha256')),
    sa.ForeignKeyConstraint(['undoes'], ['imports.id'], name=op.f('fk_imports_undoes')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_imports'))
    )
    op.create_index(op.f('ix_imports_layer'), 'imports', ['layer'], unique=False)
    op.create_index(op.f('ix_imports_undoes'), 'imports', ['undoes'], unique=False)
    for layer, references in REFERENCES.items():
        op.add_column(layer, sa.Column('recorded_import', sa.BigInteger(), nullable=True))
        for name in ('superseded_import', 'recorded_import'):
            column = sa.Column(name, sa.BigInteger(), nullable=True)
            op.add_column(layer, column, schema='history')
            op.create_index(
                f'ix_history_{layer}_{name}',
                layer,
                [name],
                schema='history',
                postgresql_where=sa.text(f'{name} IS NOT NULL'),
            )
        for name in references:
            op.drop_index(f'ix_{layer}_{name}', layer)
            known = sa.text(f'{name} IS NOT NULL')
            op.create_index(f'ix_{layer}_{name}', layer, [name], postgresql_where=known)
    for routine, changes in CHANGES.items():
        rewrite(routine, changes)


def downgrade() -> None:
    for routine, changes in CHANGES.items():
        rewrite(routine, [(after, before) for before, after in changes])
    for layer, references in REFERENCES.items():
        for name in references:
            op.drop_index(f'ix_{layer}_{name}', layer)
            op.create_index(f'ix_{layer}_{name}', layer, [name])
        for name in ('recorded_import', 'superseded_import'):
            op.drop_column(layer, name, schema='history')
        op.drop_column(layer, 'recorded_import')
    op.drop_table('imports')


def rewrite(routine, changes) -> None:
    """The function as it is, whatever columns its text has by now, with pieces exchanged."""
    found = sa.text('SELECT prosrc FROM pg_proc WHERE oid = to_regproc(:name)')
    body = op.get_bind().execute(found, {'name': routine}).scalar_one()
    for before, after in changes:
        if before not in body:
            raise RuntimeError(f'{routine}() has no {before!r}: it is not as revision 0002 left it')
        body = body.replace(before, after)
    head = f'CREATE OR REPLACE FUNCTION {routine}() RETURNS trigger LANGUAGE plpgsql'
    op.get_bind().exec_driver_sql(f'{head} AS $${body}$$'.replace('%', '%%'))
