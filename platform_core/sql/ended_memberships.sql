-- Session → tenants that its user has worked for and works for no more. SECURITY DEFINER as platform.find_session, and
-- asked only when that finds no tenant: so that who was let go is told so, and not to wait for an invitation.
CREATE OR REPLACE FUNCTION platform.find_ended_memberships(key text)
RETURNS TABLE (organization_id uuid, tenant_name text, ended_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT t.id, t.name, max(m.deleted_at)
  FROM platform.sessions s
  JOIN platform.users u ON u.id = s.user_id AND u.is_active
  JOIN platform.memberships m ON m.user_id = s.user_id
  JOIN shared.tenants t ON t.id = m.organization_id
  WHERE s.session_key = key AND s.expire_date > now()
  GROUP BY t.id, t.name
  HAVING bool_and(m.deleted_at IS NOT NULL)
  ORDER BY max(m.deleted_at) DESC
$$;
