"""Functions that take a person's words out of versions and activity log, the one thing that changes either.

They belong to the history role and the owner alone may call them. They can only blank, so nobody forges with them; an entry
of the log keeps the digest by which it was sealed, and another one says that there was an erasure.
"""

from __future__ import annotations

from collections.abc import Iterator

from psycopg import sql

BLANKS = {"null": "NULL", "text": "''", "empty": "'{}'", "mark": "'erased ' || id"}
"""What a column becomes: NULL, an empty text, an empty list or object, or a text of its own where texts are unique."""

_VERSIONS = """
CREATE OR REPLACE FUNCTION shared.erase_versions(place text, name text, tenant uuid, ids uuid[], blanks jsonb)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $maker$
DECLARE
  said text;
  count bigint;
BEGIN
  IF name NOT LIKE '%%\\_history' THEN
    RAISE EXCEPTION '%% is no version table', name USING ERRCODE = 'insufficient_privilege';
  END IF;
  SELECT string_agg(format('%%I = ', key) || CASE value #>> '{}' %s END, ', ')
  INTO said FROM jsonb_each(blanks);
  IF said IS NULL THEN
    RETURN 0;
  END IF;
  EXECUTE format('UPDATE %%I.%%I SET %%s WHERE organization_id = $1 AND id = ANY($2)', place, name, said)
  USING tenant, ids;
  GET DIAGNOSTICS count = ROW_COUNT;
  RETURN count;
END $maker$"""

_ENTRIES = """
CREATE OR REPLACE FUNCTION shared.erase_entries(tenant uuid, ids uuid[], person uuid, owner text, why text)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $maker$
DECLARE
  count bigint;
BEGIN
  UPDATE shared.activity_events SET
    leaf = %s,
    nonce = NULL,
    changes = (SELECT coalesce(jsonb_object_agg(key, '[null, null]'::jsonb), '{}') FROM jsonb_each(changes))
  WHERE organization_id = tenant AND entity_id = ANY(ids) AND (leaf IS NULL OR nonce IS NOT NULL)
    AND action NOT IN ('erased', 'retired');
  GET DIAGNOSTICS count = ROW_COUNT;
  INSERT INTO shared.activity_events (
    position, nonce, organization_id, domain, at, entity_type, entity_id, entity_version, action, changes,
    app, actor_kind, actor_id, actor_name, actor_ip, user_agent, request_id, reason)
  VALUES (
    nextval('shared.activity_position'), gen_random_uuid(), tenant, owner, clock_timestamp(), 'customer', person, NULL,
    'erased', jsonb_build_object('entries', jsonb_build_array(NULL, count)), session_user, 'system', NULL, 'erase_person',
    '', '', '', why);
  RETURN count;
END $maker$"""


def erasing_functions() -> Iterator[sql.SQL]:
    """The statements that make them."""
    from shared.records.activity.digests import (
        LEAF,
    )  # its package has models, and roles are made before there are any

    cases = " ".join(f"WHEN '{name}' THEN $b${value}$b$" for name, value in BLANKS.items())
    yield sql.SQL(_VERSIONS.replace("%s END", f"{cases} END").replace("%%", "%"))  # type: ignore[arg-type]
    yield sql.SQL(_ENTRIES.replace("%s", LEAF))  # type: ignore[arg-type]
