"""Tables of the audit, in a schema of their own: events, and the chain that holds them together.

No role that serves, changes or administers may do more than add to them; see `guards`.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    column,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from geodata.audit.actions import Outcome
from geodata.audit.watch import SCHEMA
from geodata.database.tables import NAMING

AUDIT_METADATA = MetaData(schema=SCHEMA, naming_convention=NAMING)

SEARCHED = ("action", "actor", "subject", "layer", "address")
"""Columns that events are looked up by, newest first."""

EVENTS = Table(
    "events",
    AUDIT_METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False, index=True),
    Column("login", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("outcome", Text, nullable=False, server_default=Outcome.DONE.value),
    Column("actor", Text),
    Column("role", Text),
    Column("address", Text),
    Column("subject", Text),
    Column("layer", Text),
    Column("features", ARRAY(Text)),
    Column("number", BigInteger),
    Column("times", Integer, nullable=False, server_default="1"),
    Column("detail", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    CheckConstraint(column("outcome").in_([each.value for each in Outcome]), name="outcome"),
    CheckConstraint(column("times") > 0, name="times"),
    *(Index(f"ix_events_{name}_id", name, "id") for name in SEARCHED),
    Index("ix_events_features", "features", postgresql_using="gin"),
    comment="审计",
)
"""What happened. `at` and `login` (of the database) are the server's word, whoever writes.

`subject` is the account or group concerned, `features` are the first ids, `number` how many
features, `times` how often the same came within seconds.
"""

LINKS = Table(
    "links",
    AUDIT_METADATA,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("event", BigInteger, nullable=False, unique=True),
    Column("hash", LargeBinary, nullable=False),
    comment="审计链",
)
"""The chain: each hash is of the one before and its event; see `chain`."""

UNSEALED = Table(
    "unsealed",
    AUDIT_METADATA,
    Column("event", BigInteger, primary_key=True, autoincrement=False),
    comment="待入链的审计",
)
"""Events that have no link yet."""
