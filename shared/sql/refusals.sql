-- What was refused before anybody knew for whom it was: such an act has no tenant. The logins call it, so it takes none of
-- the words that tell of records, and no tenant.
CREATE FUNCTION shared.note_refusal(
  domain text, action text, subject text, name text, ip text, agent text, request text, more bigint
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF action NOT IN ('refused_login', 'wrong_key', 'wrong_tenant', 'refused_write') THEN
    RAISE EXCEPTION '% is no refusal', action USING ERRCODE = 'check_violation';
  END IF;
  INSERT INTO shared.activity_events (
    position, nonce, organization_id, domain, at, entity_type, entity_id, entity_version, action, changes,
    app, actor_kind, actor_id, actor_name, actor_ip, user_agent, request_id, reason)
  VALUES (
    nextval('shared.activity_position'), gen_random_uuid(), NULL, left(domain, 32), clock_timestamp(), left(subject, 64),
    NULL, NULL, action, CASE WHEN more > 0 THEN jsonb_build_object('more', jsonb_build_array(NULL, more)) ELSE '{}' END,
    left(session_user, 63), 'stranger', NULL, left(name, 200), left(ip, 64), left(agent, 300), left(request, 64), '');
END
$$;
