-- New customers of a batch. A conflict is an error: somebody created one in this very moment, and the batch is repeated.
-- (ON CONFLICT would search every unique index twice for each row.)
INSERT INTO platform.customers (
  organization_id, created_by_app, id, email, name, phone, company_id, account_tier, preferred_language, timezone,
  custom_fields)
SELECT %(organization)s, 'platform', v.id, v.email, v.name, v.phone, v.company, v.tier, v.language, v.timezone,
       v.custom_fields::jsonb
FROM unnest(%(ids)s::uuid[], %(emails)s::text[], %(names)s::text[], %(phones)s::text[], %(companies)s::uuid[],
            %(tiers)s::text[], %(languages)s::text[], %(timezones)s::text[],
            %(custom_fields)s::text[])
  AS v (id, email, name, phone, company, tier, language, timezone, custom_fields)
