-- What a batch's customers did. (source, external_id, occurred_at) tells what is recorded already; named, so that no
-- other unique index is searched for conflicts.
INSERT INTO platform.customer_interactions (
  organization_id, created_by_app, id, customer_id, occurred_at, interaction_type, channel, amount, currency, source,
  external_id, metadata, import_batch_id)
SELECT %(organization)s, 'platform', v.id, v.customer, v.occurred_at, v.type, v.channel, v.amount, v.currency,
       %(source)s, v.external_id, v.metadata, %(import_batch)s
FROM unnest(%(ids)s::uuid[], %(customers)s::uuid[], %(times)s::timestamptz[], %(types)s::text[], %(channels)s::text[],
            %(amounts)s::numeric[], %(currencies)s::text[], %(external_ids)s::text[], %(metadata)s::jsonb[])
  AS v (id, customer, occurred_at, type, channel, amount, currency, external_id, metadata)
ON CONFLICT (organization_id, source, external_id, occurred_at) DO NOTHING
