-- External id → customer.
SELECT i.value_norm, i.customer_id FROM platform.customer_identifiers i
WHERE i.organization_id = %(organization)s AND i.kind = 'external_id' AND i.deleted_at IS NULL
  AND i.value_norm = ANY (%(values)s::text[])
