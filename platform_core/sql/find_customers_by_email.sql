-- E-mail in its normal form → customer; also by a further e-mail.
SELECT i.value_norm, i.customer_id FROM platform.customer_identifiers i
WHERE i.organization_id = %(organization)s AND i.kind = 'email' AND i.deleted_at IS NULL
  AND i.value_norm = ANY (%(emails)s::text[])
UNION ALL
SELECT c.email_norm, c.id FROM platform.customers c
WHERE c.organization_id = %(organization)s AND c.deleted_at IS NULL AND c.email_norm = ANY (%(emails)s::text[])
