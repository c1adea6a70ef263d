-- Every change of a customer that apps keep a copy of becomes an event, whatever writes (shared/events/telling.py).
-- Nested loops are off: their cost is estimated when a plan is made, and would be kept for statements of any size. Events
-- are written 5,000 at a time, since an array of JSON may not grow without bound.
CREATE OR REPLACE FUNCTION platform.tell_customers() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_nestloop = off AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    PERFORM shared.write_events('platform', e.organization_id, e.events) FROM (
      SELECT c.organization_id, jsonb_agg(c.event ORDER BY c.id) AS events FROM (
        SELECT n.organization_id, n.id, (row_number() OVER (PARTITION BY n.organization_id ORDER BY n.id) - 1) / 5000 AS chunk,
          platform.customer_event(n.id, n.email, n.name, n.account_tier, n.preferred_language, n.company_id, k.name, true)
            AS event
        FROM new_rows n
        LEFT JOIN platform.companies k ON k.organization_id = n.organization_id AND k.id = n.company_id
        WHERE n.deleted_at IS NULL) c
      GROUP BY c.organization_id, c.chunk ORDER BY c.organization_id, c.chunk) e;
  ELSIF TG_OP = 'UPDATE' THEN
    PERFORM shared.write_events('platform', e.organization_id, e.events) FROM (
      SELECT c.organization_id, jsonb_agg(c.event ORDER BY c.id) AS events FROM (
        SELECT n.organization_id, n.id, (row_number() OVER (PARTITION BY n.organization_id ORDER BY n.id) - 1) / 5000 AS chunk,
          CASE WHEN n.deleted_at IS NULL THEN platform.customer_event(n.id, n.email, n.name, n.account_tier,
            n.preferred_language, n.company_id, k.name, false)
          ELSE platform.customer_gone(n.id) END AS event
        FROM new_rows n
        JOIN old_rows o ON o.id = n.id
        LEFT JOIN platform.companies k ON k.organization_id = n.organization_id AND k.id = n.company_id
        WHERE (o.email, o.name, o.account_tier, o.preferred_language, o.company_id, o.deleted_at)
          IS DISTINCT FROM (n.email, n.name, n.account_tier, n.preferred_language, n.company_id, n.deleted_at)
          AND (o.deleted_at IS NULL OR n.deleted_at IS NULL)) c
      GROUP BY c.organization_id, c.chunk ORDER BY c.organization_id, c.chunk) e;
  ELSE
    PERFORM shared.write_events('platform', e.organization_id, e.events) FROM (
      SELECT c.organization_id, jsonb_agg(c.event ORDER BY c.id) AS events FROM (
        SELECT o.organization_id, o.id, (row_number() OVER (PARTITION BY o.organization_id ORDER BY o.id) - 1) / 5000 AS chunk,
          platform.customer_gone(o.id) AS event
        FROM old_rows o WHERE o.deleted_at IS NULL) c
      GROUP BY c.organization_id, c.chunk ORDER BY c.organization_id, c.chunk) e;
  END IF;
  RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION platform.customer_gone(_id uuid) RETURNS jsonb
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
  SELECT jsonb_build_object(
    'id', shared.uuid7(), 'name', 'platform.customer.deleted', 'version', 1, 'type', 'platform.customer',
    'aggregate', _id, 'subject', _id, 'data', jsonb_build_object('customer_id', _id))
$$;

CREATE OR REPLACE FUNCTION platform.customer_event(
  _id uuid, _email text, _name text, _tier text, _language text, _company uuid, _company_name text, _is_new boolean
) RETURNS jsonb LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
  SELECT jsonb_build_object(
    'id', shared.uuid7(), 'name', 'platform.customer.changed', 'version', 1, 'type', 'platform.customer',
    'aggregate', _id, 'subject', _id,
    'data', jsonb_build_object(
      'customer_id', _id, 'email', _email, 'name', _name, 'account_tier', _tier, 'preferred_language', _language,
      'company_id', _company, 'company_name', coalesce(_company_name, ''), 'is_new', _is_new))
$$;

CREATE OR REPLACE FUNCTION platform.tell_companies() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_nestloop = off AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    PERFORM shared.write_events('platform', e.organization_id, e.events) FROM (
      SELECT c.organization_id, jsonb_agg(c.event ORDER BY c.id) AS events FROM (
        SELECT n.organization_id, n.id, (row_number() OVER (PARTITION BY n.organization_id ORDER BY n.id) - 1) / 5000 AS chunk,
          jsonb_build_object(
            'id', shared.uuid7(), 'name', 'platform.company.renamed', 'version', 1, 'type', 'platform.company',
            'aggregate', n.id, 'data', jsonb_build_object('company_id', n.id, 'name', n.name)) AS event
        FROM new_rows n JOIN old_rows o ON o.id = n.id WHERE o.name IS DISTINCT FROM n.name) c
      GROUP BY c.organization_id, c.chunk ORDER BY c.organization_id, c.chunk) e;
  END IF;
  RETURN NULL;
END
$$;
