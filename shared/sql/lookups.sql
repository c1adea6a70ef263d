-- The look-ups that answer before tenant and role are known. SECURITY DEFINER: they run as their owner,
-- trellis_owner, who sees every tenant; so each takes one exact value and answers with as little as possible.

-- Hostname → tenant.
CREATE OR REPLACE FUNCTION shared.find_tenant_by_hostname(hostname text)
RETURNS TABLE (id uuid, slug text, name text, status text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT t.id, t.slug::text, t.name::text, t.status::text
  FROM shared.tenant_domains d JOIN shared.tenants t ON t.id = d.tenant_id
  WHERE d.domain = hostname
$$;

-- API key → identity. Notes the last use, at most once a minute, and never waits for another call's note.
CREATE OR REPLACE FUNCTION shared.find_identity_by_key(key_digest bytea)
RETURNS TABLE (key_id uuid, organization_id uuid, tenant_status text, tenant_settings jsonb, name text,
               scopes text[], rate_limit integer, expires_at timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  used timestamptz;
BEGIN
  SELECT k.id, k.organization_id, t.status::text, t.settings, k.name::text, k.scopes::text[], k.rate_limit,
         k.expires_at, u.used_at
    INTO key_id, organization_id, tenant_status, tenant_settings, name, scopes, rate_limit, expires_at, used
    FROM shared.api_keys k JOIN shared.tenants t ON t.id = k.organization_id
    LEFT JOIN shared.api_key_uses u ON u.key_id = k.id
   WHERE k.digest = key_digest AND k.deleted_at IS NULL
     AND (k.revoked_at IS NULL OR k.revoked_at > now())
     AND (k.expires_at IS NULL OR k.expires_at > now());
  IF NOT FOUND THEN
    RETURN;
  END IF;
  IF used IS NULL THEN
    INSERT INTO shared.api_key_uses (key_id, organization_id, used_at)
    VALUES (find_identity_by_key.key_id, find_identity_by_key.organization_id, now())
    ON CONFLICT (key_id) DO NOTHING;
  ELSIF used < now() - interval '1 minute' THEN
    UPDATE shared.api_key_uses u SET used_at = now()
     WHERE u.key_id = (SELECT l.key_id FROM shared.api_key_uses l
                        WHERE l.key_id = find_identity_by_key.key_id FOR UPDATE SKIP LOCKED);
  END IF;
  RETURN NEXT;
END
$$;

