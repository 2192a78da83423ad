"""Tables of accounts, in a schema of their own that nobody but its owner is granted.

Of whatever lets somebody in only a hash is kept: Argon2id of passwords, SHA-256 of session ids,
tokens and invitations, which are random and long enough not to be guessed from it.
"""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    MetaData,
    Table,
    Text,
    column,
)

from geodata.database.tables import NAMING
from layers.attribute import Role

SCHEMA = "accounts"

ROLES = tuple(role.value for role in Role if role is not Role.PUBLIC)
"""Roles that an account can have."""

NAME_PATTERN = "^[a-z][a-z0-9._-]{1,39}$"

ACCOUNTS_METADATA = MetaData(schema=SCHEMA, naming_convention=NAMING)

MOMENT = DateTime(timezone=True)

USERS = Table(
    "users",
    ACCOUNTS_METADATA,
    Column("name", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("password", Text),
    Column("created_at", MOMENT, nullable=False),
    Column("disabled_at", MOMENT),
    CheckConstraint(column("name").regexp_match(NAME_PATTERN), name="name"),
    CheckConstraint(column("role").in_(ROLES), name="role"),
    comment="账户",
)
"""People and programs; never deleted, since the record names them. No password: not set yet."""

GROUPS = Table(
    "groups",
    ACCOUNTS_METADATA,
    Column("name", Text, primary_key=True),
    Column("created_at", MOMENT, nullable=False),
    CheckConstraint(column("name").regexp_match(NAME_PATTERN), name="name"),
    comment="用户组，如园区管理办公室",
)

GROUP_AREAS = Table(
    "group_areas",
    ACCOUNTS_METADATA,
    Column("group", ForeignKey(GROUPS.c.name), primary_key=True),
    Column("area", Text, primary_key=True),
    comment="用户组管辖的区域",
)
"""Areas are named, not referenced: a layer may be replaced by an import while a group exists."""

MEMBERSHIPS = Table(
    "memberships",
    ACCOUNTS_METADATA,
    Column("user", ForeignKey(USERS.c.name), primary_key=True),
    Column("group", ForeignKey(GROUPS.c.name), primary_key=True, index=True),
    comment="用户组成员",
)

SESSIONS = Table(
    "sessions",
    ACCOUNTS_METADATA,
    Column("hash", LargeBinary, primary_key=True),
    Column("user", ForeignKey(USERS.c.name), nullable=False, index=True),
    Column("created_at", MOMENT, nullable=False, index=True),
    Column("used_at", MOMENT, nullable=False),
    Column("id_token", Text),
    comment="登录会话",
)
"""Browsers that are signed in; a session that ends is deleted. `id_token`: where it began at an
OpenID provider, what tells the provider which of its own sessions ends with this one."""

OPENID_IDENTITIES = Table(
    "openid_identities",
    ACCOUNTS_METADATA,
    Column("issuer", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("user", ForeignKey(USERS.c.name), nullable=False, index=True),
    Column("linked_at", MOMENT, nullable=False),
    comment="统一身份认证的身份",
)
"""Whom an OpenID provider means by a subject; names and addresses may pass to somebody else, a
subject never does (OpenID Connect Core, 5.7)."""

TOKENS = Table(
    "tokens",
    ACCOUNTS_METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("hash", LargeBinary, nullable=False, unique=True),
    Column("prefix", Text, nullable=False),
    Column("user", ForeignKey(USERS.c.name), nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("expires_at", MOMENT, nullable=False),
    Column("used_at", MOMENT),
    Column("revoked_at", MOMENT),
    comment="访问令牌",
)
"""Tokens of programs; `prefix` is the beginning of the token, for recognising it."""

FAILURES = Table(
    "failures",
    ACCOUNTS_METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("key", LargeBinary, nullable=False),
    Column("user", ForeignKey(USERS.c.name)),
    Column("address", Text, nullable=False),
    Column("failed_at", MOMENT, nullable=False, index=True),
    Index("ix_failures_key_failed_at", "key", "failed_at"),
    Index("ix_failures_address_failed_at", "address", "failed_at"),
    comment="登录失败",
)
"""Failed attempts to sign in. `key` is the hash of the name that was given, which may be a
password in the wrong field; `user` names the account only if there is one."""

INVITATIONS = Table(
    "invitations",
    ACCOUNTS_METADATA,
    Column("hash", LargeBinary, primary_key=True),
    Column("user", ForeignKey(USERS.c.name), index=True),
    Column("expires_at", MOMENT, nullable=False),
    comment="一次性设置链接",
)
"""One-time links to set a password; without a user: to make the first administrator. One that
is used is deleted."""
