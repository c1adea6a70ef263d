-- Which customers have these values of unique custom fields; looked up in the unique index.
SELECT u.definition_id, u.value, u.record_id FROM platform.custom_field_values u
WHERE u.organization_id = %(organization)s AND u.held
  AND u.definition_id = ANY (%(definitions)s::uuid[]) AND u.value = ANY (%(values)s::text[])
