-- What guards versions and the activity log. Nobody can sign in as trellis_history: its own functions alone act as it.

CREATE OR REPLACE FUNCTION shared.refuse_rewriting() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF current_user <> 'trellis_history' OR TG_OP = 'TRUNCATE' THEN
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION shared.refuse_truncate() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION '% remembers every record: TRUNCATE would leave no versions; use DELETE', TG_TABLE_NAME
    USING ERRCODE = 'insufficient_privilege';
END
$$;
