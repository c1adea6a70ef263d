-- Statistics for tables that an import has just filled. Without them PostgreSQL guesses, and what a session has planned by
-- guesses it keeps: checks of foreign keys went through the index of names, for all customers of the tenant each time.
-- Tables that have grown tenfold since they were last looked at, and new ones; of others nothing is read but their size.
-- SECURITY DEFINER (owner: trellis_owner), because ANALYZE is the owner's alone. It tells nothing and changes no row.
-- A table that somebody else is analysing is left to them: nobody waits.
CREATE OR REPLACE FUNCTION platform.analyze_grown_tables()
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  grown regclass;
BEGIN
  FOR grown IN
    SELECT c.oid
    FROM pg_class c
    WHERE c.oid IN (
        'platform.companies'::regclass, 'platform.customers'::regclass, 'platform.customer_identifiers'::regclass)
      AND pg_relation_size(c.oid) > 10 * c.relpages * current_setting('block_size')::bigint
  LOOP
    EXECUTE format('ANALYZE (SKIP_LOCKED) %s', grown);
  END LOOP;
END $$;
