-- External ids and further e-mails of a batch's customers, those that nobody has yet; a conflict is an error, as in
-- import_customers.sql.
INSERT INTO platform.customer_identifiers (
  organization_id, created_by_app, id, customer_id, kind, value, value_norm, source, is_primary)
SELECT %(organization)s, 'platform', v.id, v.customer, v.customer_kind, v.value, v.key, %(source)s, false
FROM unnest(%(ids)s::uuid[], %(kinds)s::text[], %(customers)s::uuid[], %(values)s::text[], %(keys)s::text[])
  AS v (id, customer_kind, customer, value, key)
