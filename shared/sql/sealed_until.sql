-- Up to which position a domain's entries of the activity log are sealed. The seals themselves are the operator's.
CREATE OR REPLACE FUNCTION shared.sealed_until(domain text) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT coalesce(max(s.until), 0) FROM shared.activity_seals s WHERE s.domain = sealed_until.domain
$$;
