-- Session → its data, and the tenants that its user works for. SECURITY DEFINER (owner: trellis_owner), because the
-- tenant is not chosen yet; the session key is a secret, so whoever has it is that person.
CREATE OR REPLACE FUNCTION platform.find_session(key text)
RETURNS TABLE (session_data text, memberships jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT s.session_data,
         coalesce((SELECT jsonb_agg(jsonb_build_object(
                     'id', m.id, 'organization_id', m.organization_id, 'name', t.name, 'slug', t.slug,
                     'status', t.status, 'role', m.role, 'domains', m.domains) ORDER BY t.name)
                   FROM platform.memberships m
                   JOIN shared.tenants t ON t.id = m.organization_id
                   JOIN platform.users u ON u.id = m.user_id
                   WHERE m.user_id = s.user_id AND m.deleted_at IS NULL AND u.is_active), '[]'::jsonb)
  FROM platform.sessions s
  WHERE s.session_key = key AND s.expire_date > now()
$$;
