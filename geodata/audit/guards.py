"""What keeps the audit append-only, and what fills it: functions and triggers of the database.

UPDATE and TRUNCATE are refused whoever asks, DELETE too but for events older than the law wants
them kept, and then only within the function that notes how many went. Triggers fire always, in
replication too. Who owns the tables could drop them: `chain` makes that show.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from geodata.audit.watch import (
    ACTOR,
    ADDRESS,
    NOTE_ACCOUNT,
    NOTE_AREAS,
    NOTE_DECISION,
    NOTE_IMPORT,
    ROLE,
    SCHEMA,
)

LEAST_DAYS = 184
"""Six months, the least that network logs are kept (网络安全法 Cybersecurity Law, art. 21 (3))."""

SEALING = 0x7A676175
"""Advisory lock: the chain is added to, and shortened, by one at a time."""


@dataclass(frozen=True)
class Routine:
    """A function.

    Args:
        signature: name and arguments, without the schema.
        returns: type.
        body: PL/pgSQL as `pg_proc.prosrc` keeps it.
    """

    signature: str
    returns: str
    body: str

    @property
    def name(self) -> str:
        """Without arguments."""
        return self.signature.partition("(")[0]

    @property
    def create(self) -> str:
        """DDL that makes it; nobody but the owner may call it."""
        head = f"CREATE FUNCTION {SCHEMA}.{self.signature} RETURNS {self.returns}"
        return f"{head} LANGUAGE plpgsql AS $${self.body}$$"


@dataclass(frozen=True)
class Guard:
    """A trigger that fires always.

    Args:
        name: of the trigger.
        table: with its schema.
        when: events, as DDL has them.
        routine: name of its function.
        each: `ROW`, or `STATEMENT`.
        referencing: transition tables.
    """

    name: str
    table: str
    when: str
    routine: str
    each: str = "ROW"
    referencing: str = ""

    @property
    def create(self) -> tuple[str, str]:
        """DDL that makes it, and that makes it fire always."""
        make = f"CREATE TRIGGER {self.name} {self.when} ON {self.table}{self.referencing}"
        return (
            f"{make} FOR EACH {self.each} EXECUTE FUNCTION {SCHEMA}.{self.routine}()",
            f"ALTER TABLE {self.table} ENABLE ALWAYS TRIGGER {self.name}",
        )


STAMP = """
BEGIN
  new.at := clock_timestamp();
  new.login := session_user;
  RETURN new;
END
"""

AWAIT_LINK = f"""
BEGIN
  INSERT INTO {SCHEMA}.unsealed (event) SELECT id FROM added;
  RETURN NULL;
END
"""

REFUSE = """
BEGIN
  RAISE EXCEPTION '% of %.% is refused: the audit can only be added to',
    TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END
"""

PRUNING = "current_setting('zgc.audit_prune', true) IS DISTINCT FROM 'on'"

KEEP_EVENT = f"""
BEGIN
  IF {PRUNING} OR old.at >= now() - make_interval(days => {LEAST_DAYS}) THEN
    RAISE EXCEPTION 'DELETE of event % is refused: the audit can only be added to', old.id
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN old;
END
"""

KEEP_LINK = f"""
BEGIN
  IF {PRUNING} OR EXISTS (SELECT FROM {SCHEMA}.events WHERE id = old.event) THEN
    RAISE EXCEPTION 'DELETE of link % is refused: the audit can only be added to', old.number
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN old;
END
"""

PRUNE = f"""
DECLARE
  before timestamptz := now() - make_interval(days => keep_days);
  kept bigint;
  last bigint;
  chained bytea;
  gone bigint;
BEGIN
  IF keep_days < {LEAST_DAYS} THEN
    RAISE EXCEPTION 'the audit is kept for {LEAST_DAYS} days at least, not for %', keep_days
      USING ERRCODE = 'check_violation';
  END IF;
  PERFORM pg_advisory_xact_lock({SEALING});
  SELECT l.number INTO kept FROM {SCHEMA}.links AS l JOIN {SCHEMA}.events AS e ON e.id = l.event
    WHERE e.at >= before ORDER BY l.number LIMIT 1;
  SELECT l.number, l.hash INTO last, chained FROM {SCHEMA}.links AS l
    WHERE kept IS NULL OR l.number < kept ORDER BY l.number DESC LIMIT 1;
  IF last IS NULL THEN
    RETURN 0;
  END IF;
  PERFORM set_config('zgc.audit_prune', 'on', true);
  DELETE FROM {SCHEMA}.events AS e USING {SCHEMA}.links AS l
    WHERE e.id = l.event AND l.number <= last;
  GET DIAGNOSTICS gone = ROW_COUNT;
  DELETE FROM {SCHEMA}.links AS l WHERE l.number <= last;
  PERFORM set_config('zgc.audit_prune', '', true);
  INSERT INTO {SCHEMA}.events (action, actor, role, address, detail)
    VALUES ('audit.pruned', {ACTOR}, {ROLE}, {ADDRESS}, jsonb_build_object('events', gone,
      'before', before, 'days', keep_days, 'number', last, 'hash', encode(chained, 'hex')));
  RETURN gone;
END
"""
"""Whole links from the beginning; the hash of the last one stays, so that the rest still hold."""

ROUTINES = (
    Routine("stamp()", "trigger", STAMP),
    Routine("await_link()", "trigger", AWAIT_LINK),
    Routine("refuse()", "trigger", REFUSE),
    Routine("keep_event()", "trigger", KEEP_EVENT),
    Routine("keep_link()", "trigger", KEEP_LINK),
    Routine("prune(keep_days integer)", "bigint", PRUNE),
    Routine("note_account()", "trigger", NOTE_ACCOUNT),
    Routine("note_areas()", "trigger", NOTE_AREAS),
    Routine("note_import()", "trigger", NOTE_IMPORT),
    Routine("note_decision()", "trigger", NOTE_DECISION),
)

GUARDS = (
    Guard("stamp", "audit.events", "BEFORE INSERT", "stamp"),
    Guard(
        "await_link",
        "audit.events",
        "AFTER INSERT",
        "await_link",
        "STATEMENT",
        " REFERENCING NEW TABLE AS added",
    ),
    Guard("refuse", "audit.events", "BEFORE UPDATE OR TRUNCATE", "refuse", "STATEMENT"),
    Guard("keep", "audit.events", "BEFORE DELETE", "keep_event"),
    Guard("refuse", "audit.links", "BEFORE UPDATE OR TRUNCATE", "refuse", "STATEMENT"),
    Guard("keep", "audit.links", "BEFORE DELETE", "keep_link"),
    Guard(
        "audit",
        "accounts.users",
        "AFTER INSERT OR DELETE OR UPDATE OF role, password, disabled_at",
        "note_account",
    ),
    Guard("audit", "accounts.sessions", "AFTER INSERT", "note_account"),
    Guard("audit", "accounts.invitations", "AFTER INSERT", "note_account"),
    Guard("audit", "accounts.tokens", "AFTER INSERT OR UPDATE OF revoked_at", "note_account"),
    Guard("audit", "accounts.groups", "AFTER INSERT OR DELETE", "note_account"),
    Guard("audit", "accounts.openid_identities", "AFTER INSERT OR DELETE", "note_account"),
    Guard("audit", "accounts.memberships", "AFTER INSERT OR DELETE", "note_account"),
    Guard(
        "audit_added",
        "accounts.group_areas",
        "AFTER INSERT",
        "note_areas",
        "STATEMENT",
        " REFERENCING NEW TABLE AS changed",
    ),
    Guard(
        "audit_removed",
        "accounts.group_areas",
        "AFTER DELETE",
        "note_areas",
        "STATEMENT",
        " REFERENCING OLD TABLE AS changed",
    ),
    Guard("audit", "imports", "AFTER INSERT", "note_import"),
    Guard("audit", "geocoding.decisions", "AFTER INSERT", "note_decision"),
)


def guard_statements() -> Iterator[str]:
    """DDL that makes all functions and triggers, on tables that are there."""
    for routine in ROUTINES:
        yield routine.create
    yield f"REVOKE ALL ON FUNCTION {SCHEMA}.prune(integer) FROM PUBLIC"
    for guard in GUARDS:
        yield from guard.create
