"""The audit: events that can only be added to, their chain, and what of accounts, imports, review
and layers fills it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

CHANGES = {
    'record_change': (
        (
            "  PERFORM pg_notify('zgc_layer', TG_TABLE_NAME || ' ' || next_version);\n",
            """  PERFORM pg_notify('zgc_layer', TG_TABLE_NAME || ' ' || next_version);
  IF nullif(current_setting('zgc.import', true), '') IS NULL THEN
    INSERT INTO audit.events (action, actor, role, address, layer, features, number, detail)
      VALUES (
        CASE TG_OP WHEN 'INSERT' THEN 'feature.added' WHEN 'UPDATE' THEN 'feature.changed'
          ELSE 'feature.removed' END,
        coalesce(nullif(current_setting('zgc.actor', true), ''), CASE WHEN nullif(current_setting('zgc.address', true), '') IS NULL THEN session_user END), nullif(current_setting('zgc.role', true), ''), nullif(current_setting('zgc.address', true), ''), TG_TABLE_NAME,
        (SELECT array_agg(id) FROM (SELECT id FROM changed ORDER BY id LIMIT 100) AS few),
        (SELECT count(*) FROM changed),
        jsonb_strip_nulls(jsonb_build_object('reason', nullif(current_setting('zgc.reason', true), ''))));
  END IF;
""",
        ),
    ),
}
"""What becomes of trigger functions: pieces of their text, before and after."""

ROUTINES = {
    "stamp()": (
        "trigger",
        r"""
BEGIN
  new.at := clock_timestamp();
  new.login := session_user;
  RETURN new;
END
""",
    ),
    "await_link()": (
        "trigger",
        r"""
BEGIN
  INSERT INTO audit.unsealed (event) SELECT id FROM added;
  RETURN NULL;
END
""",
    ),
    "refuse()": (
        "trigger",
        r"""
BEGIN
  RAISE EXCEPTION '% of %.% is refused: the audit can only be added to',
    TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END
""",
    ),
    "keep_event()": (
        "trigger",
        r"""
BEGIN
  IF current_setting('zgc.audit_prune', true) IS DISTINCT FROM 'on' OR old.at >= now() - make_interval(days => 184) THEN
    RAISE EXCEPTION 'DELETE of event % is refused: the audit can only be added to', old.id
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN old;
END
""",
    ),
    "keep_link()": (
        "trigger",
        r"""
BEGIN
  IF current_setting('zgc.audit_prune', true) IS DISTINCT FROM 'on' OR EXISTS (SELECT FROM audit.events WHERE id = old.event) THEN
    RAISE EXCEPTION 'DELETE of link % is refused: the audit can only be added to', old.number
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN old;
END
""",
    ),
    "prune(keep_days integer)": (
        "bigint",
        r"""
DECLARE
  before timestamptz := now() - make_interval(days => keep_days);
  kept bigint;
  last bigint;
  chained bytea;
  gone bigint;
BEGIN
  IF keep_days < 184 THEN
    RAISE EXCEPTION 'the audit is kept for 184 days at least, not for %', keep_days
      USING ERRCODE = 'check_violation';
  END IF;
  PERFORM pg_advisory_xact_lock(2053595509);
  SELECT l.number INTO kept FROM audit.links AS l JOIN audit.events AS e ON e.id = l.event
    WHERE e.at >= before ORDER BY l.number LIMIT 1;
  SELECT l.number, l.hash INTO last, chained FROM audit.links AS l
    WHERE kept IS NULL OR l.number < kept ORDER BY l.number DESC LIMIT 1;
  IF last IS NULL THEN
    RETURN 0;
  END IF;
  PERFORM set_config('zgc.audit_prune', 'on', true);
  DELETE FROM audit.events AS e USING audit.links AS l
    WHERE e.id = l.event AND l.number <= last;
  GET DIAGNOSTICS gone = ROW_COUNT;
  DELETE FROM audit.links AS l WHERE l.number <= last;
  PERFORM set_config('zgc.audit_prune', '', true);
  INSERT INTO audit.events (action, actor, role, address, detail)
    VALUES ('audit.pruned', coalesce(nullif(current_setting('zgc.actor', true), ''), CASE WHEN nullif(current_setting('zgc.address', true), '') IS NULL THEN session_user END), nullif(current_setting('zgc.role', true), ''), nullif(current_setting('zgc.address', true), ''), jsonb_build_object('events', gone,
      'before', before, 'days', keep_days, 'number', last, 'hash', encode(chained, 'hex')));
  RETURN gone;
END
""",
    ),
    "note_account()": (
        "trigger",
        r"""
DECLARE
  former jsonb := to_jsonb(old);
  present jsonb := to_jsonb(new);
  seen jsonb := coalesce(to_jsonb(new), to_jsonb(old));
  actor text := coalesce(nullif(current_setting('zgc.actor', true), ''), CASE WHEN nullif(current_setting('zgc.address', true), '') IS NULL THEN session_user END);
  concerned text := coalesce(seen ->> 'user', seen ->> 'name');
  noted text[] := '{}';
  more jsonb := '{}';
BEGIN
  IF TG_TABLE_NAME = 'users' THEN
    noted := CASE TG_OP WHEN 'INSERT' THEN '{user.added}' WHEN 'DELETE' THEN '{user.removed}'
      ELSE '{}' END::text[];
    IF TG_OP = 'UPDATE' AND new.role <> old.role THEN
      noted := noted || 'user.role'::text;
    END IF;
    IF TG_OP = 'UPDATE' AND new.password IS DISTINCT FROM old.password THEN
      noted := noted || 'user.password'::text;
    END IF;
    IF TG_OP = 'UPDATE' AND (new.disabled_at IS NULL) <> (old.disabled_at IS NULL) THEN
      noted := noted
        || CASE WHEN new.disabled_at IS NULL THEN 'user.enabled' ELSE 'user.disabled' END;
    END IF;
    more := jsonb_build_object('role', seen -> 'role', 'former_role',
      CASE WHEN former -> 'role' <> present -> 'role' THEN former -> 'role' END);
  ELSIF TG_TABLE_NAME = 'sessions' THEN
    noted := '{sign-in}';
    actor := seen ->> 'user';
  ELSIF TG_TABLE_NAME = 'invitations' THEN
    noted := '{user.invited}';
    more := jsonb_build_object('expires_at', seen -> 'expires_at');
  ELSIF TG_TABLE_NAME = 'tokens' THEN
    noted := CASE TG_OP WHEN 'INSERT' THEN '{token.made}' ELSE '{token.revoked}' END::text[];
    more := jsonb_build_object('number', seen -> 'id', 'title', seen -> 'title',
      'scopes', seen -> 'scopes', 'expires_at', seen -> 'expires_at');
  ELSIF TG_TABLE_NAME = 'groups' THEN
    noted := CASE TG_OP WHEN 'INSERT' THEN '{group.added}' ELSE '{group.removed}' END::text[];
  ELSIF TG_TABLE_NAME = 'memberships' THEN
    noted := CASE TG_OP WHEN 'INSERT' THEN '{group.joined}' ELSE '{group.left}' END::text[];
    more := jsonb_build_object('group', seen -> 'group');
  ELSIF TG_TABLE_NAME = 'openid_identities' THEN
    noted := CASE TG_OP WHEN 'INSERT' THEN '{user.linked}' ELSE '{user.unlinked}' END::text[];
    more := jsonb_build_object('issuer', seen -> 'issuer', 'subject', seen -> 'subject');
  ELSE
    noted := '{account.changed}';
    more := jsonb_build_object('table', TG_TABLE_NAME, 'operation', lower(TG_OP),
      'present', present - '{hash,password,secret}'::text[],
      'former', former - '{hash,password,secret}'::text[]);
  END IF;
  INSERT INTO audit.events (action, actor, role, address, subject, detail)
    SELECT each, actor, nullif(current_setting('zgc.role', true), ''), nullif(current_setting('zgc.address', true), ''), concerned, jsonb_strip_nulls(more)
    FROM unnest(noted) AS each;
  RETURN NULL;
END
""",
    ),
    "note_areas()": (
        "trigger",
        r"""
BEGIN
  INSERT INTO audit.events (action, actor, role, address, subject, detail)
    SELECT 'group.areas', coalesce(nullif(current_setting('zgc.actor', true), ''), CASE WHEN nullif(current_setting('zgc.address', true), '') IS NULL THEN session_user END), nullif(current_setting('zgc.role', true), ''), nullif(current_setting('zgc.address', true), ''), changed."group",
      jsonb_build_object(
        CASE TG_OP WHEN 'INSERT' THEN 'added' ELSE 'removed' END,
        jsonb_agg(area ORDER BY area))
    FROM changed GROUP BY changed."group";
  RETURN NULL;
END
""",
    ),
    "note_import()": (
        "trigger",
        r"""
BEGIN
  INSERT INTO audit.events (action, actor, role, address, layer, number, detail)
    VALUES (
      CASE new.mode WHEN 'undo' THEN 'import.undone' ELSE 'import.loaded' END,
      new.actor, nullif(current_setting('zgc.role', true), ''), nullif(current_setting('zgc.address', true), ''), new.layer, new.inserted + new.updated + new.removed,
      jsonb_strip_nulls(jsonb_build_object(
        'import', new.id, 'undoes', new.undoes, 'file', new.file, 'sha256', new.sha256,
        'mode', new.mode, 'rows', new.rows, 'inserted', new.inserted, 'updated', new.updated,
        'removed', new.removed, 'reason', new.reason)));
  RETURN NULL;
END
""",
    ),
    "note_decision()": (
        "trigger",
        r"""
BEGIN
  INSERT INTO audit.events (action, actor, role, address, detail)
    VALUES ('review.decided', new.decided_by, nullif(current_setting('zgc.role', true), ''), nullif(current_setting('zgc.address', true), ''),
      jsonb_strip_nulls(jsonb_build_object(
        'review', new.review, 'verdict', new.verdict, 'level', new.level,
        'reason', new.reason)));
  RETURN NULL;
END
""",
    ),
}
"""Functions of the audit: what they return, and their text."""

GUARDS = (
    ("stamp", "audit.events",
     "BEFORE INSERT",
     "", "ROW", "stamp"),
    ("await_link", "audit.events",
     "AFTER INSERT",
     " REFERENCING NEW TABLE AS added", "STATEMENT", "await_link"),
    ("refuse", "audit.events",
     "BEFORE UPDATE OR TRUNCATE",
     "", "STATEMENT", "refuse"),
    ("keep", "audit.events",
     "BEFORE DELETE",
     "", "ROW", "keep_event"),
    ("refuse", "audit.links",
     "BEFORE UPDATE OR TRUNCATE",
     "", "STATEMENT", "refuse"),
    ("keep", "audit.links",
     "BEFORE DELETE",
     "", "ROW", "keep_link"),
    ("audit", "accounts.users",
     "AFTER INSERT OR DELETE OR UPDATE OF role, password, disabled_at",
     "", "ROW", "note_account"),
    ("audit", "accounts.sessions",
     "AFTER INSERT",
     "", "ROW", "note_account"),
    ("audit", "accounts.invitations",
     "AFTER INSERT",
     "", "ROW", "note_account"),
    ("audit", "accounts.tokens",
     "AFTER INSERT OR UPDATE OF revoked_at",
     "", "ROW", "note_account"),
    ("audit", "accounts.groups",
     "AFTER INSERT OR DELETE",
     "", "ROW", "note_account"),
    ("audit", "accounts.memberships",
     "AFTER INSERT OR DELETE",
     "", "ROW", "note_account"),
    ("audit_added", "accounts.group_areas",
     "AFTER INSERT",
     " REFERENCING NEW TABLE AS changed", "STATEMENT", "note_areas"),
    ("audit_removed", "accounts.group_areas",
     "AFTER DELETE",
     " REFERENCING OLD TABLE AS changed", "STATEMENT", "note_areas"),
    ("audit", "imports",
     "AFTER INSERT",
     "", "ROW", "note_import"),
    ("audit", "geocoding.decisions",
     "AFTER INSERT",
     "", "ROW", "note_decision"),
)
"""Triggers: name, table, events, transition tables, how often, function."""


def upgrade() -> None:
    op.execute("CREATE SCHEMA audit")
    op.create_table('events',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('login', sa.Text(), nullable=False),
    sa.Column('action', sa.Text(), nullable=False),
    sa.Column('outcome', sa.Text(), server_default='done', nullable=False),
    sa.Column('actor', sa.Text(), nullable=True),
    sa.Column('role', sa.Text(), nullable=True),
    sa.Column('address', sa.Text(), nullable=True),
    sa.Column('subject', sa.Text(), nullable=True),
    sa.Column('layer', sa.Text(), nullable=True),
    sa.Column('features', sa.ARRAY(sa.Text()), nullable=True),
    sa.Column('number', sa.BigInteger(), nullable=True),
    sa.Column('times', sa.Integer(), server_default='1', nullable=False),
    sa.Column('detail', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
    sa.CheckConstraint("outcome IN ('done', 'refused', 'failed')", name=op.f('ck_events_outcome')),
    sa.CheckConstraint('times > 0', name=op.f('ck_events_times')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_events')),
    schema='audit',
    comment='审计'
    )
    for name in ('action', 'actor', 'subject', 'layer', 'address'):
        op.create_index(f'ix_events_{name}_id', 'events', [name, 'id'], unique=False, schema='audit')
    op.create_index('ix_events_features', 'events', ['features'], unique=False, schema='audit', postgresql_using='gin')
    op.create_index(op.f('ix_events_at'), 'events', ['at'], unique=False, schema='audit')
    op.create_table('links',
    sa.Column('number', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('event', sa.BigInteger(), nullable=False),
    sa.Column('hash', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_links')),
    sa.UniqueConstraint('event', name=op.f('uq_links_event')),
    schema='audit',
    comment='审计链'
    )
    op.create_table('unsealed',
    sa.Column('event', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.PrimaryKeyConstraint('event', name=op.f('pk_unsealed')),
    schema='audit',
    comment='待入链的审计'
    )
    for signature, (returns, body) in ROUTINES.items():
        head = f'CREATE FUNCTION audit.{signature} RETURNS {returns} LANGUAGE plpgsql'
        plain(f'{head} AS $${body}$$')
    plain('REVOKE ALL ON FUNCTION audit.prune(integer) FROM PUBLIC')
    for name, table, when, referencing, each, routine in GUARDS:
        plain(f'CREATE TRIGGER {name} {when} ON {table}{referencing}'
              f' FOR EACH {each} EXECUTE FUNCTION audit.{routine}()')
        plain(f'ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}')
    for routine, changes in CHANGES.items():
        rewrite(routine, changes)


def downgrade() -> None:
    """Takes the audit itself away; who must keep it dumps the schema first."""
    for routine, changes in CHANGES.items():
        rewrite(routine, [(after, before) for before, after in changes])
    for name, table, *_ in GUARDS:
        plain(f'DROP TRIGGER {name} ON {table}')
    for signature in ROUTINES:
        plain(f'DROP FUNCTION audit.{signature}')
    for table in ('unsealed', 'links', 'events'):
        op.drop_table(table, schema='audit')
    op.execute("DROP SCHEMA audit")


def plain(statement) -> None:
    """Without parameters, so that percent signs are only that."""
    op.get_bind().exec_driver_sql(statement.replace('%', '%%'))


def rewrite(routine, changes) -> None:
    """The function as it is, whatever columns its text has by now, with pieces exchanged."""
    found = sa.text('SELECT prosrc FROM pg_proc WHERE oid = to_regproc(:name)')
    body = op.get_bind().execute(found, {'name': routine}).scalar_one()
    for before, after in changes:
        if before not in body:
            raise RuntimeError(f'{routine}() has no {before!r}: it is not as revision 0005 left it')
        body = body.replace(before, after)
    head = f'CREATE OR REPLACE FUNCTION {routine}() RETURNS trigger LANGUAGE plpgsql'
    plain(f'{head} AS $${body}$$')
