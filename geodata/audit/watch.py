"""What the database itself tells the audit: changes, in the transaction that makes them.

Whatever way a change comes (page, API, command line, psql), it stands with its event or not at
all. Who asks is what the transaction says of itself (`asker.ascribe`), else the login.
"""

SCHEMA = "audit"


def _setting(name: str) -> str:
    return f"nullif(current_setting('{name}', true), '')"


ROLE, ADDRESS = _setting("zgc.role"), _setting("zgc.address")

ACTOR = f"coalesce({_setting('zgc.actor')}, CASE WHEN {ADDRESS} IS NULL THEN session_user END)"
"""A known address without an account is the public's."""

NOTED = f"""  IF nullif(current_setting('zgc.import', true), '') IS NULL THEN
    INSERT INTO {SCHEMA}.events (action, actor, role, address, layer, features, number, detail)
      VALUES (
        CASE TG_OP WHEN 'INSERT' THEN 'feature.added' WHEN 'UPDATE' THEN 'feature.changed'
          ELSE 'feature.removed' END,
        {ACTOR}, {ROLE}, {ADDRESS}, TG_TABLE_NAME,
        (SELECT array_agg(id) FROM (SELECT id FROM changed ORDER BY id LIMIT 100) AS few),
        (SELECT count(*) FROM changed),
        jsonb_strip_nulls(jsonb_build_object('reason', {_setting("zgc.reason")})));
  END IF;
"""
"""Of the record trigger: rows changed by an import are told of by its entry in the books."""

NOTE_IMPORT = f"""
BEGIN
  INSERT INTO {SCHEMA}.events (action, actor, role, address, layer, number, detail)
    VALUES (
      CASE new.mode WHEN 'undo' THEN 'import.undone' ELSE 'import.loaded' END,
      new.actor, {ROLE}, {ADDRESS}, new.layer, new.inserted + new.updated + new.removed,
      jsonb_strip_nulls(jsonb_build_object(
        'import', new.id, 'undoes', new.undoes, 'file', new.file, 'sha256', new.sha256,
        'mode', new.mode, 'rows', new.rows, 'inserted', new.inserted, 'updated', new.updated,
        'removed', new.removed, 'reason', new.reason)));
  RETURN NULL;
END
"""

NOTE_DECISION = f"""
BEGIN
  INSERT INTO {SCHEMA}.events (action, actor, role, address, detail)
    VALUES ('review.decided', new.decided_by, {ROLE}, {ADDRESS},
      jsonb_strip_nulls(jsonb_build_object(
        'review', new.review, 'verdict', new.verdict, 'level', new.level,
        'reason', new.reason)));
  RETURN NULL;
END
"""

NOTE_AREAS = f"""
BEGIN
  INSERT INTO {SCHEMA}.events (action, actor, role, address, subject, detail)
    SELECT 'group.areas', {ACTOR}, {ROLE}, {ADDRESS}, changed."group",
      jsonb_build_object(
        CASE TG_OP WHEN 'INSERT' THEN 'added' ELSE 'removed' END,
        jsonb_agg(area ORDER BY area))
    FROM changed GROUP BY changed."group";
  RETURN NULL;
END
"""

NOTE_ACCOUNT = f"""
DECLARE
  former jsonb := to_jsonb(old);
  present jsonb := to_jsonb(new);
  seen jsonb := coalesce(to_jsonb(new), to_jsonb(old));
  actor text := {ACTOR};
  concerned text := coalesce(seen ->> 'user', seen ->> 'name');
  noted text[] := '{{}}';
  more jsonb := '{{}}';
BEGIN
  IF TG_TABLE_NAME = 'users' THEN
    noted := CASE TG_OP WHEN 'INSERT' THEN '{{user.added}}' WHEN 'DELETE' THEN '{{user.removed}}'
      ELSE '{{}}' END::text[];
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
    noted := '{{sign-in}}';
    actor := seen ->> 'user';
  ELSIF TG_TABLE_NAME = 'invitations' THEN
    noted := '{{user.invited}}';
    more := jsonb_build_object('expires_at', seen -> 'expires_at');
  ELSIF TG_TABLE_NAME = 'tokens' THEN
    noted := CASE TG_OP WHEN 'INSERT' THEN '{{token.made}}' ELSE '{{token.revoked}}' END::text[];
    more := jsonb_build_object('number', seen -> 'id', 'title', seen -> 'title',
      'scopes', seen -> 'scopes', 'expires_at', seen -> 'expires_at');
  ELSIF TG_TABLE_NAME = 'groups' THEN
    noted := CASE TG_OP WHEN 'INSERT' THEN '{{group.added}}' ELSE '{{group.removed}}' END::text[];
  ELSIF TG_TABLE_NAME = 'memberships' THEN
    noted := CASE TG_OP WHEN 'INSERT' THEN '{{group.joined}}' ELSE '{{group.left}}' END::text[];
    more := jsonb_build_object('group', seen -> 'group');
  ELSIF TG_TABLE_NAME = 'openid_identities' THEN
    noted := CASE TG_OP WHEN 'INSERT' THEN '{{user.linked}}' ELSE '{{user.unlinked}}' END::text[];
    more := jsonb_build_object('issuer', seen -> 'issuer', 'subject', seen -> 'subject');
  ELSE
    noted := '{{account.changed}}';
    more := jsonb_build_object('table', TG_TABLE_NAME, 'operation', lower(TG_OP),
      'present', present - '{{hash,password,secret}}'::text[],
      'former', former - '{{hash,password,secret}}'::text[]);
  END IF;
  INSERT INTO {SCHEMA}.events (action, actor, role, address, subject, detail)
    SELECT each, actor, {ROLE}, {ADDRESS}, concerned, jsonb_strip_nulls(more)
    FROM unnest(noted) AS each;
  RETURN NULL;
END
"""
"""Secrets stay where they are: of each table only the columns named here are told."""
