-- Taking an import back: what it recorded goes. Interactions are append-only, so that no role of a domain may delete one;
-- this removes those of one import of the unit's tenant, and nothing else.
CREATE OR REPLACE FUNCTION platform.remove_imported_interactions(batch uuid) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  removed bigint;
BEGIN
  DELETE FROM platform.customer_interactions i
   WHERE i.organization_id = nullif(current_setting('app.organization_id', true), '')::uuid AND i.import_batch_id = batch;
  GET DIAGNOSTICS removed = ROW_COUNT;
  RETURN removed;
END
$$;
