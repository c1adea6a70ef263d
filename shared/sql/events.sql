-- Publishing and handling events. Definer functions of the owner: domains have no right to write the tables of events, so
-- that nobody publishes in another's name or hands another's counter on. Who acts is read off the role, which cannot be
-- forged; the operator says it in app.domain.

CREATE FUNCTION shared.event_actor() RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  _role text := current_setting('role');
BEGIN
  IF _role = 'trellis_operator' THEN
    RETURN nullif(current_setting('app.domain', true), '');
  END IF;
  RETURN CASE WHEN _role LIKE 'trellis\_%' THEN substr(_role, 9) END;
END
$$;

-- Publish events of the acting domain and tenant.
CREATE FUNCTION shared.publish_events(events jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  _domain text := shared.event_actor();
  _organization uuid := nullif(current_setting('app.organization_id', true), '')::uuid;
BEGIN
  IF _domain IS NULL OR _organization IS NULL THEN
    RAISE EXCEPTION 'an event belongs to a domain and a tenant: publish inside acting(domain=…, organization=…)'
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  PERFORM shared.write_events(_domain, _organization, events);
END
$$;

-- Take events off the inbox of a subscriber of the acting domain and tenant, as far as it is their turn: their effects must
-- follow in this transaction. Whoever holds the counter of a stream has it alone; streams that others hold are left.
-- What comes before its turn is set waiting, and returned so: it was not taken. A batch is small and the keys are known, so
-- that whatever statistics say of tables that grow and shrink all day, it goes by them.
CREATE FUNCTION shared.take_events(_subscriber text, _streams uuid[], _numbers bigint[])
RETURNS SETOF shared.inbox_events
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
  _domain text := shared.event_actor();
  _organization uuid := nullif(current_setting('app.organization_id', true), '')::uuid;
  _counter text := 'done:' || _subscriber;
  _held uuid[];
BEGIN
  IF split_part(_subscriber, '.', 1) IS DISTINCT FROM _domain OR _organization IS NULL THEN
    RAISE EXCEPTION '% may not handle events for %', coalesce(_domain, 'nobody'), _subscriber
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  INSERT INTO shared.aggregate_versions (organization_id, stream, counter, domain, value)
  SELECT DISTINCT _organization, s, _counter, _domain, 0 FROM unnest(_streams) s
  WHERE NOT EXISTS (SELECT FROM shared.aggregate_versions v
                    WHERE v.organization_id = _organization AND v.stream = s AND v.counter = _counter)
  ORDER BY s
  ON CONFLICT DO NOTHING;
  SELECT array_agg(h.stream) INTO _held FROM (
    SELECT v.stream FROM shared.aggregate_versions v
    WHERE v.organization_id = _organization AND v.counter = _counter AND v.stream = ANY (_streams)
    ORDER BY v.stream FOR UPDATE SKIP LOCKED) h;
  RETURN QUERY
  WITH wanted AS (
    SELECT w.stream, w.number, v.value AS done,
           v.value + row_number() OVER (PARTITION BY w.stream ORDER BY w.number) AS turn
    FROM unnest(_streams, _numbers) AS w (stream, number)
    JOIN shared.aggregate_versions v
      ON v.organization_id = _organization AND v.stream = w.stream AND v.counter = _counter
    WHERE w.stream = ANY (_held) AND w.number > v.value
  ), early AS (
    UPDATE shared.inbox_events i SET state = 'waiting' FROM wanted w
    WHERE i.organization_id = _organization AND i.stream = w.stream AND i.subscriber = _subscriber
      AND i.number = w.number AND w.number > w.turn AND i.state = 'ready'
    RETURNING i.*
  ), repeated AS (
    DELETE FROM shared.inbox_events i USING unnest(_streams, _numbers) AS w (stream, number), shared.aggregate_versions v
    WHERE i.organization_id = _organization AND i.stream = w.stream AND i.subscriber = _subscriber
      AND i.number = w.number AND w.stream = ANY (_held)
      AND v.organization_id = _organization AND v.stream = w.stream AND v.counter = _counter AND w.number <= v.value
  ), taken AS (
    DELETE FROM shared.inbox_events i USING wanted w
    WHERE i.organization_id = _organization AND i.stream = w.stream AND i.subscriber = _subscriber
      AND i.number = w.number AND w.number = w.turn AND i.state = 'ready'
    RETURNING i.*
  ), advanced AS (
    UPDATE shared.aggregate_versions v SET value = t.last
    FROM (SELECT t.stream, max(t.number) AS last FROM taken t GROUP BY t.stream) t
    WHERE v.organization_id = _organization AND v.stream = t.stream AND v.counter = _counter
    RETURNING v.stream, v.value
  ), next AS (
    UPDATE shared.inbox_events i SET state = 'ready' FROM advanced a
    WHERE i.organization_id = _organization AND i.stream = a.stream AND i.subscriber = _subscriber
      AND i.number = a.value + 1 AND i.state = 'waiting'
  )
  SELECT f.* FROM (SELECT t.* FROM taken t UNION ALL SELECT e.* FROM early e) f ORDER BY f.received_at, f.stream, f.number;
END
$$;

-- Note that handling an event of the acting domain failed: it is tried again at _due, or never where that is null.
CREATE FUNCTION shared.fail_event(
  _subscriber text, _stream uuid, _number bigint, _error text, _due timestamptz
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF split_part(_subscriber, '.', 1) IS DISTINCT FROM shared.event_actor() THEN
    RAISE EXCEPTION 'only % may do this', _subscriber USING ERRCODE = 'insufficient_privilege';
  END IF;
  UPDATE shared.inbox_events i
  SET state = CASE WHEN _due IS NULL THEN 'dead' ELSE 'retry' END, due_at = _due, error = _error,
      attempts = i.attempts + 1
  WHERE i.organization_id = nullif(current_setting('app.organization_id', true), '')::uuid
    AND i.stream = _stream AND i.subscriber = _subscriber AND i.number = _number;
END
$$;

-- Release a dead letter of the acting domain's subscriber (or one that waits for its time): it is tried again at once.
CREATE FUNCTION shared.release_event(_subscriber text, _stream uuid, _number bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF split_part(_subscriber, '.', 1) IS DISTINCT FROM shared.event_actor() THEN
    RAISE EXCEPTION 'only % may do this', _subscriber USING ERRCODE = 'insufficient_privilege';
  END IF;
  UPDATE shared.inbox_events i SET state = 'ready', due_at = NULL, attempts = 0
  WHERE i.organization_id = nullif(current_setting('app.organization_id', true), '')::uuid
    AND i.stream = _stream AND i.subscriber = _subscriber AND i.number = _number AND i.state IN ('dead', 'retry');
  PERFORM pg_notify('trellis_inbox', '');
  RETURN FOUND;
END
$$;
