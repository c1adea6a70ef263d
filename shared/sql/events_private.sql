-- Write events to the outbox: [{"id", "name", "version", "type", "aggregate", "subject", "data", "context"}, …]. For other
-- functions of the owner's alone. Locks the counters of their aggregates until the transaction ends, in one order. Nested
-- loops are off, since an import brings thousands where a plan expects a hundred.
CREATE FUNCTION shared.write_events(_domain text, _organization uuid, events jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_nestloop = off AS $$
DECLARE
  _context jsonb := jsonb_strip_nulls(jsonb_build_object(
    'actor_kind', nullif(current_setting('app.actor_kind', true), ''),
    'actor_id', nullif(current_setting('app.actor_id', true), ''),
    'actor_name', nullif(current_setting('app.actor_name', true), ''),
    'request_id', nullif(current_setting('app.request_id', true), '')));
BEGIN
  WITH given AS MATERIALIZED (
    SELECT e.*, md5(_organization || '/' || _domain || '/' || e."type" || '/' || e.aggregate)::uuid AS stream
    FROM ROWS FROM (jsonb_to_recordset(events) AS (
      id uuid, name text, version smallint, "type" text, aggregate uuid, subject uuid, data jsonb, context jsonb
    )) WITH ORDINALITY AS e (id, name, version, "type", aggregate, subject, data, context, place)
  ), counted AS (
    INSERT INTO shared.aggregate_versions AS v (organization_id, stream, counter, domain, value)
    SELECT _organization, g.stream, 'published', _domain, count(*) FROM given g GROUP BY g.stream ORDER BY g.stream
    ON CONFLICT (organization_id, stream, counter) DO UPDATE SET value = v.value + excluded.value
    RETURNING v.stream, v.value
  ), numbered AS MATERIALIZED (
    SELECT g.*, c.value - count(*) OVER (PARTITION BY g.stream)
           + row_number() OVER (PARTITION BY g.stream ORDER BY g.place) AS number
    FROM given g JOIN counted c ON c.stream = g.stream ORDER BY g.place
  ), written AS (
    INSERT INTO shared.outbox_events (
      position, at, event_id, organization_id, domain, name, schema_version, aggregate_type, aggregate_id,
      aggregate_version, stream, subject, data, context)
    SELECT nextval('shared.event_position'), clock_timestamp(), n.id, _organization, _domain, n.name, n.version, n."type",
           n.aggregate, n.number, n.stream, n.subject, n.data, _context || coalesce(n.context, '{}')
    FROM numbered n
    RETURNING position, at
  )
  INSERT INTO shared.outbox_queue (position, subscriber, domain, organization_id, at)
  SELECT w.position, '', _domain, _organization, w.at FROM written w;
  PERFORM pg_notify('trellis_outbox', '');
END
$$;
