-- Companies by name, those that are not there yet.
INSERT INTO platform.companies (organization_id, created_by_app, id, name, domain, industry, phone, country)
SELECT %(organization)s, 'platform', v.id, v.name, '', '', '', ''
FROM unnest(%(ids)s::uuid[], %(names)s::text[]) AS v (id, name)
ON CONFLICT DO NOTHING
