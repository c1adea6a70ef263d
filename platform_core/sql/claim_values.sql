-- Values of unique custom fields that a batch takes. A conflict is an error: somebody has just taken one, and the batch is
-- repeated.
INSERT INTO platform.custom_field_values (organization_id, created_by_app, definition_id, value, record_id, held)
SELECT %(organization)s, 'platform', v.definition, v.value, v.customer, true
FROM unnest(%(definitions)s::uuid[], %(values)s::text[], %(customers)s::uuid[]) AS v (definition, value, customer)
