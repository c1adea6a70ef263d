"""That a key is used makes no version of it any more: the time lies in a row of its own."""

from pathlib import Path

from django.db import migrations, models

from shared.domains.access import TableAccess
from shared.domains.operations import RemoveColumn, SetTableAccess

WHY = "Only the page of API keys read it; keys are looked up by a function, which changes with it."
LOOK_UPS = Path(__file__).parents[1] / "sql" / "lookups.sql"
BEFORE = """
CREATE OR REPLACE FUNCTION shared.find_identity_by_key(key_digest bytea)
RETURNS TABLE (key_id uuid, organization_id uuid, tenant_status text, tenant_settings jsonb, name text,
               scopes text[], rate_limit integer, expires_at timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  used timestamptz;
BEGIN
  SELECT k.id, k.organization_id, t.status::text, t.settings, k.name::text, k.scopes::text[], k.rate_limit,
         k.expires_at, k.last_used_at
    INTO key_id, organization_id, tenant_status, tenant_settings, name, scopes, rate_limit, expires_at, used
    FROM shared.api_keys k JOIN shared.tenants t ON t.id = k.organization_id
   WHERE k.digest = key_digest AND k.deleted_at IS NULL
     AND (k.revoked_at IS NULL OR k.revoked_at > now())
     AND (k.expires_at IS NULL OR k.expires_at > now());
  IF NOT FOUND THEN
    RETURN;
  END IF;
  IF used IS NULL OR used < now() - interval '1 minute' THEN
    UPDATE shared.api_keys k SET last_used_at = now()
     WHERE k.id = (SELECT l.id FROM shared.api_keys l WHERE l.id = key_id FOR UPDATE SKIP LOCKED);
  END IF;
  RETURN NEXT;
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("shared", "0009_sealed_until")]

    operations = [
        migrations.CreateModel(
            name="ApiKeyUse",
            fields=[
                ("key_id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("organization_id", models.UUIDField(editable=False)),
                ("used_at", models.DateTimeField(editable=False)),
            ],
            options={
                "verbose_name": "use of an API key",
                "verbose_name_plural": "uses of API keys",
                "db_table": 'shared"."api_key_uses',
            },
        ),
        SetTableAccess("ApiKeyUse", TableAccess(readers=("platform",), writers=())),
        migrations.RunSQL(
            "INSERT INTO shared.api_key_uses (key_id, organization_id, used_at) "
            "SELECT id, organization_id, last_used_at FROM shared.api_keys WHERE last_used_at IS NOT NULL",
            migrations.RunSQL.noop,  # noted again within a minute of use
        ),
        migrations.RunSQL(LOOK_UPS.read_text(), BEFORE),
        RemoveColumn("apikey", "last_used_at", WHY),
        RemoveColumn("historicalapikey", "last_used_at", WHY),
    ]
