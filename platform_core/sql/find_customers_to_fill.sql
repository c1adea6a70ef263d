-- What customers have of that which a file may add: keys of custom fields, then the order of FILLED in
-- platform_core/imports/resolving.py.
SELECT c.id, ARRAY(SELECT jsonb_object_keys(c.custom_fields)), c.email, c.name, c.phone, c.company_id, c.preferred_language,
       c.timezone
FROM platform.customers c
WHERE c.organization_id = %(organization)s AND c.id = ANY (%(ids)s::uuid[])
