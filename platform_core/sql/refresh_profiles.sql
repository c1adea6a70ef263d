-- Recompute the profiles of all of a tenant's customers, or of those in %(customers)s, in one statement.
--
-- recency: days from the last purchase to the tenant's newest interaction; frequency: number of purchases;
-- monetary_value: their sum in the currency of most purchases. Archetypes are placed by rules on these three until a
-- model takes over (model_name tells who placed them). A profile that stays as it was is not written: no version, no
-- updated_at changes.
WITH by_currency AS MATERIALIZED (
  SELECT customer_id, currency, count(*) AS interactions, max(occurred_at) AS last_interaction_at,
         count(*) FILTER (WHERE interaction_type = %(purchase)s) AS purchases,
         sum(amount) FILTER (WHERE interaction_type = %(purchase)s) AS spent,
         min(occurred_at) FILTER (WHERE interaction_type = %(purchase)s) AS first_at,
         max(occurred_at) FILTER (WHERE interaction_type = %(purchase)s) AS last_at
  FROM platform.customer_interactions
  WHERE organization_id = %(organization)s
    AND (%(customers)s::uuid[] IS NULL OR customer_id = ANY (%(customers)s::uuid[]))
  GROUP BY customer_id, currency
), did AS MATERIALIZED (
  SELECT customer_id, sum(interactions)::integer AS interactions, max(last_interaction_at) AS last_interaction_at,
         nullif(sum(purchases), 0)::integer AS purchases, min(first_at) AS first_at, max(last_at) AS last_at,
         coalesce((array_agg(currency ORDER BY spent IS NULL, purchases DESC, currency)
                   FILTER (WHERE purchases > 0))[1], '') AS currency,
         coalesce((array_agg(spent ORDER BY spent IS NULL, purchases DESC, currency)
                   FILTER (WHERE purchases > 0))[1], 0) AS spent
  FROM by_currency GROUP BY customer_id
), facts AS MATERIALIZED (
  SELECT c.id AS customer_id,
         did.last_interaction_at,
         coalesce(did.interactions, 0) AS interaction_count,
         (((SELECT max(occurred_at) FROM platform.customer_interactions WHERE organization_id = %(organization)s)
           AT TIME ZONE 'UTC')::date - (did.last_at AT TIME ZONE 'UTC')::date) AS recency,
         coalesce(did.purchases, 0) AS frequency,
         coalesce(did.spent, 0)::numeric(18, 2) AS monetary_value,
         coalesce(did.currency, '') AS currency,
         CASE WHEN did.purchases IS NULL THEN '{}'::jsonb ELSE jsonb_build_object(
           'first_purchase_on', to_char(did.first_at AT TIME ZONE 'UTC', 'YYYY-MM-DD'),
           'last_purchase_on', to_char(did.last_at AT TIME ZONE 'UTC', 'YYYY-MM-DD'),
           'average_purchase', round(did.spent / did.purchases, 2)) END AS features,
         did.spent / did.purchases AS average
  FROM platform.customers c
  LEFT JOIN did ON did.customer_id = c.id
  WHERE c.organization_id = %(organization)s AND c.deleted_at IS NULL
    AND (%(customers)s::uuid[] IS NULL OR c.id = ANY (%(customers)s::uuid[]))
), placed AS (
  SELECT facts.*,
         CASE WHEN frequency = 0 THEN 'prospect' WHEN frequency = 1 THEN 'single'
              WHEN frequency < %(loyal)s THEN 'repeat' ELSE 'loyal' END AS l1,
         CASE WHEN frequency = 0 THEN 'new' WHEN recency <= %(active)s THEN 'active'
              WHEN recency <= %(cooling)s THEN 'cooling' ELSE 'lapsed' END AS l2,
         CASE WHEN average >= %(large)s THEN 'large' ELSE 'small' END AS l3
  FROM facts
)
INSERT INTO platform.customer_profiles AS p (
  organization_id, created_by_app, id, customer_id, last_interaction_at, interaction_count, recency, frequency,
  monetary_value, currency, features, archetype_l1_id, archetype_l1_probability, archetype_l2_id,
  archetype_l2_probability, archetype_l3_id, archetype_l3_probability, model_name, model_version, computed_at)
SELECT %(organization)s, 'platform', coalesce(before.id, shared.uuid7()), placed.customer_id, placed.last_interaction_at,
       placed.interaction_count, placed.recency, placed.frequency, placed.monetary_value, placed.currency,
       placed.features, a1.id, CASE WHEN a1.id IS NOT NULL THEN 1.0 END,
       a2.id, CASE WHEN a2.id IS NOT NULL THEN 1.0 END, a3.id, CASE WHEN a3.id IS NOT NULL THEN 1.0 END,
       %(model)s, %(model_version)s, now()
FROM placed
LEFT JOIN platform.customer_profiles before
  ON before.organization_id = %(organization)s AND before.customer_id = placed.customer_id
LEFT JOIN platform.dim_archetype_l1 a1
  ON a1.organization_id = %(organization)s AND a1.deleted_at IS NULL AND a1.code = placed.l1
LEFT JOIN platform.dim_archetype_l2 a2
  ON a2.organization_id = %(organization)s AND a2.deleted_at IS NULL AND a2.code = placed.l1 || '-' || placed.l2
LEFT JOIN platform.dim_archetype_l3 a3
  ON a3.organization_id = %(organization)s AND a3.deleted_at IS NULL
  AND a3.code = placed.l1 || '-' || placed.l2 || '-' || placed.l3
WHERE before.id IS NULL
   OR (before.deleted_at, before.last_interaction_at, before.interaction_count, before.recency, before.frequency,
       before.monetary_value, before.currency, before.features)
      IS DISTINCT FROM
      (NULL::timestamptz, placed.last_interaction_at, placed.interaction_count, placed.recency, placed.frequency,
       placed.monetary_value, placed.currency, placed.features)
   OR (before.model_name = %(model)s AND (before.archetype_l1_id, before.archetype_l2_id, before.archetype_l3_id)
       IS DISTINCT FROM (a1.id, a2.id, a3.id))
ON CONFLICT (organization_id, customer_id) DO UPDATE SET
  deleted_at = NULL,
  last_interaction_at = excluded.last_interaction_at,
  interaction_count = excluded.interaction_count,
  recency = excluded.recency,
  frequency = excluded.frequency,
  monetary_value = excluded.monetary_value,
  currency = excluded.currency,
  features = excluded.features,
  archetype_l1_id = CASE WHEN p.model_name = %(model)s THEN excluded.archetype_l1_id ELSE p.archetype_l1_id END,
  archetype_l2_id = CASE WHEN p.model_name = %(model)s THEN excluded.archetype_l2_id ELSE p.archetype_l2_id END,
  archetype_l3_id = CASE WHEN p.model_name = %(model)s THEN excluded.archetype_l3_id ELSE p.archetype_l3_id END,
  archetype_l1_probability = CASE WHEN p.model_name = %(model)s THEN excluded.archetype_l1_probability
                                  ELSE p.archetype_l1_probability END,
  archetype_l2_probability = CASE WHEN p.model_name = %(model)s THEN excluded.archetype_l2_probability
                                  ELSE p.archetype_l2_probability END,
  archetype_l3_probability = CASE WHEN p.model_name = %(model)s THEN excluded.archetype_l3_probability
                                  ELSE p.archetype_l3_probability END,
  computed_at = excluded.computed_at
