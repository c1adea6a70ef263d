-- Every change of a customer that apps keep a copy of becomes an event, whatever writes (shared/events/telling.py).
-- Nested loops are off: their cost is estimated when a plan is made, and would be kept for statements of any size.
CREATE OR REPLACE FUNCTION platform.tell_customers() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_nestloop = off AS $$
DECLARE
  _organization uuid;
  _events jsonb;
BEGIN
  IF TG_OP = 'DELETE' THEN
    FOR _organization, _events IN
      SELECT o.organization_id, jsonb_agg(jsonb_build_object(
        'id', shared.uuid7(), 'name', 'platform.customer.deleted', 'version', 1, 'type', 'platform.customer',
        'aggregate', o.id, 'subject', o.id, 'data', jsonb_build_object('customer_id', o.id)) ORDER BY o.id)
      FROM old_rows o WHERE o.deleted_at IS NULL GROUP BY o.organization_id
    LOOP
      PERFORM shared.write_events('platform', _organization, _events);
    END LOOP;
    RETURN NULL;
  END IF;
  IF TG_OP = 'INSERT' THEN
    FOR _organization, _events IN
      SELECT n.organization_id, jsonb_agg(platform.customer_event(n.id, n.email, n.name, n.account_tier,
        n.preferred_language, n.company_id, c.name, true) ORDER BY n.id)
      FROM new_rows n
      LEFT JOIN platform.companies c ON c.organization_id = n.organization_id AND c.id = n.company_id
      WHERE n.deleted_at IS NULL GROUP BY n.organization_id
    LOOP
      PERFORM shared.write_events('platform', _organization, _events);
    END LOOP;
    RETURN NULL;
  END IF;
  FOR _organization, _events IN
    SELECT n.organization_id, jsonb_agg(
      CASE WHEN n.deleted_at IS NULL THEN platform.customer_event(n.id, n.email, n.name, n.account_tier,
        n.preferred_language, n.company_id, c.name, false)
      ELSE jsonb_build_object('id', shared.uuid7(), 'name', 'platform.customer.deleted', 'version', 1,
        'type', 'platform.customer', 'aggregate', n.id, 'subject', n.id,
        'data', jsonb_build_object('customer_id', n.id)) END ORDER BY n.id)
    FROM new_rows n
    JOIN old_rows o ON o.id = n.id
    LEFT JOIN platform.companies c ON c.organization_id = n.organization_id AND c.id = n.company_id
    WHERE (o.email, o.name, o.account_tier, o.preferred_language, o.company_id, o.deleted_at)
      IS DISTINCT FROM (n.email, n.name, n.account_tier, n.preferred_language, n.company_id, n.deleted_at)
      AND (o.deleted_at IS NULL OR n.deleted_at IS NULL)
    GROUP BY n.organization_id
  LOOP
    PERFORM shared.write_events('platform', _organization, _events);
  END LOOP;
  RETURN NULL;
END
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
DECLARE
  _organization uuid;
  _events jsonb;
BEGIN
  IF TG_OP <> 'UPDATE' THEN
    RETURN NULL;
  END IF;
  FOR _organization, _events IN
    SELECT n.organization_id, jsonb_agg(jsonb_build_object(
      'id', shared.uuid7(), 'name', 'platform.company.renamed', 'version', 1, 'type', 'platform.company',
      'aggregate', n.id, 'data', jsonb_build_object('company_id', n.id, 'name', n.name)) ORDER BY n.id)
    FROM new_rows n JOIN old_rows o ON o.id = n.id
    WHERE o.name IS DISTINCT FROM n.name GROUP BY n.organization_id
  LOOP
    PERFORM shared.write_events('platform', _organization, _events);
  END LOOP;
  RETURN NULL;
END
$$;
