"""Tables of online geocoding and its review, in a schema of their own.

Providers' answers and people's decisions are not public: nobody is granted the schema but its
owner.
"""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    column,
)
from sqlalchemy.dialects.postgresql import JSONB

from geodata.database.tables import NAMING

SCHEMA = "geocoding"

OUTCOMES = ("found", "nothing")
"""What may be kept: answers about an address, never the failure of a request."""

OPEN = "open"
VERDICTS = ("placed", "not_found")
STATES = (OPEN, *VERDICTS)

GEOCODING_METADATA = MetaData(schema=SCHEMA, naming_convention=NAMING)


ANSWERS = Table(
    "answers",
    GEOCODING_METADATA,
    Column("provider", Text, primary_key=True),
    Column("address_key", Text, primary_key=True),
    Column("address", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("part", JSONB, nullable=False),
    Column("fetched_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), index=True),
    CheckConstraint(column("outcome").in_(OUTCOMES), name="outcome"),
    comment="地理编码服务的应答",
)
"""What providers answered, as they gave it; `expires_at` is null for people's decisions."""

QUOTAS = Table(
    "quotas",
    GEOCODING_METADATA,
    Column("provider", Text, primary_key=True),
    Column("free_at", DateTime(timezone=True), nullable=False),
    Column("day", Date, nullable=False),
    Column("used", Integer, nullable=False),
    Column("stopped_until", DateTime(timezone=True)),
    Column("stopped_why", Text),
    comment="地理编码服务的配额",
)
"""When the next request may go out, addresses asked on `day` (Beijing), and hard stops."""

REVIEW = Table(
    "review",
    GEOCODING_METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("address_key", Text, nullable=False, unique=True),
    Column("address", Text, nullable=False),
    Column("issues", ARRAY(Text), nullable=False),
    Column("candidates", JSONB, nullable=False),
    Column("state", Text, nullable=False),
    Column("queued_at", DateTime(timezone=True), nullable=False),
    CheckConstraint(column("state").in_(STATES), name="state"),
    Index("ix_review_state_id", "state", "id"),
    comment="待人工核对的地址",
)
"""Addresses that a person has to look at, or has looked at."""

DECISIONS = Table(
    "decisions",
    GEOCODING_METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("review", ForeignKey(REVIEW.c.id), nullable=False, index=True),
    Column("verdict", Text, nullable=False),
    Column("lon", Double),
    Column("lat", Double),
    Column("level", Text),
    Column("accuracy_m", Double),
    Column("decided_at", DateTime(timezone=True), nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    CheckConstraint(column("verdict").in_(VERDICTS), name="verdict"),
    CheckConstraint(
        (column("verdict") == "placed")
        == (
            column("lon").is_not(None)
            & column("lat").is_not(None)
            & column("level").is_not(None)
            & column("accuracy_m").is_not(None)
        ),
        name="placed",
    ),
    CheckConstraint(column("lon").between(-180, 180), name="lon"),
    CheckConstraint(column("lat").between(-90, 90), name="lat"),
    CheckConstraint(column("accuracy_m").between(1, 100_000), name="accuracy_m"),
    comment="人工核对的决定",
)
"""Every decision with who, when and why; the last of an address counts, none is overwritten."""
