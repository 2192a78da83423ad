"""The serving role: its grants follow from the declarations at each upgrade, not from history.

They are compared and mended whenever the schema is at its newest revision, and belong to a role
of the server rather than to this database alone (docs/decisions/0009-the-serving-role.md).
"""

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
