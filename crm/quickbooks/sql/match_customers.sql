-- The golden customer of a QuickBooks customer's e-mail, where CRM knows exactly one; ids: the customers to look at.
-- The table lies in the tenant's own schema, first on the unit's search path.
UPDATE integration_quickbooks_customers q
SET customer_id = found.customer_id
FROM (
  SELECT r.email_norm, (array_agg(r.customer_id))[1] AS customer_id
  FROM crm.customer_references r
  WHERE r.organization_id = %(organization)s AND r.deleted_at IS NULL AND r.email_norm <> ''
    AND r.email_norm IN (
      SELECT lower(btrim(n.email)) FROM integration_quickbooks_customers n
      WHERE n.organization_id = %(organization)s AND n.id = ANY(%(ids)s))
  GROUP BY r.email_norm HAVING count(*) = 1
) found
WHERE q.organization_id = %(organization)s AND q.id = ANY(%(ids)s) AND q.customer_id IS NULL
  AND q.deleted_at IS NULL AND lower(btrim(q.email)) = found.email_norm
