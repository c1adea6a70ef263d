-- Functions of the kit. Owned by trellis_owner; each definer function has a fixed search_path.

-- UUID version 7 (RFC 9562): PostgreSQL has its own only from 18 on.
CREATE OR REPLACE FUNCTION shared.uuid7() RETURNS uuid
LANGUAGE sql VOLATILE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
  SELECT encode(
    set_bit(set_bit(
      overlay(uuid_send(gen_random_uuid())
              PLACING substring(int8send(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
              FROM 1 FOR 6),
      52, 1), 53, 1), 'hex')::uuid
$$;

-- Whatever writes, a record's version counts its updates and updated_at tells the last one.
CREATE OR REPLACE FUNCTION shared.touch_record() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  NEW.version := OLD.version + 1;
  NEW.updated_at := clock_timestamp();
  RETURN NEW;
END
$$;
