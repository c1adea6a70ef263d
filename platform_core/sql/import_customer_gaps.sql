-- Fill in what known customers lack; what their records say stays. A complete record is not written at all.
UPDATE platform.customers c SET
  email = CASE WHEN c.email = '' THEN v.email ELSE c.email END,
  name = CASE WHEN c.name = '' THEN v.name ELSE c.name END,
  phone = CASE WHEN c.phone = '' THEN v.phone ELSE c.phone END,
  company_id = coalesce(c.company_id, v.company),
  preferred_language = CASE WHEN c.preferred_language = '' THEN v.language ELSE c.preferred_language END,
  timezone = CASE WHEN c.timezone = '' THEN v.timezone ELSE c.timezone END,
  custom_fields = v.custom_fields::jsonb || c.custom_fields
FROM unnest(%(ids)s::uuid[], %(emails)s::text[], %(names)s::text[], %(phones)s::text[], %(companies)s::uuid[],
            %(languages)s::text[], %(timezones)s::text[], %(custom_fields)s::text[])
  AS v (id, email, name, phone, company, language, timezone, custom_fields)
WHERE c.organization_id = %(organization)s AND c.id = ANY (%(ids)s::uuid[]) AND c.id = v.id
  AND ((c.email = '' AND v.email <> '') OR (c.name = '' AND v.name <> '') OR (c.phone = '' AND v.phone <> '')
       OR (c.company_id IS NULL AND v.company IS NOT NULL)
       OR (c.preferred_language = '' AND v.language <> '') OR (c.timezone = '' AND v.timezone <> '')
       OR v.custom_fields::jsonb || c.custom_fields <> c.custom_fields)
