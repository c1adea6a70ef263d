"""An import that is taken back takes its interactions along."""

from django.db import migrations, models

from shared.domains.operations import CreateFunctions

UNDONE_AT = models.DateTimeField(editable=False, help_text="When the import was taken back.", null=True)
REMOVED = models.PositiveIntegerField(
    editable=False, help_text="How many went when it was taken back.", null=True
)


class Migration(migrations.Migration):
    dependencies = [("platform_core", "0010_analyze_grown_tables")]

    operations = [
        migrations.AddField("importbatch", "undone_at", UNDONE_AT),
        migrations.AddField("importbatch", "interactions_removed", REMOVED),
        migrations.AddField("historicalimportbatch", "undone_at", UNDONE_AT),
        migrations.AddField("historicalimportbatch", "interactions_removed", REMOVED),
        migrations.AddField(
            "customerinteraction",
            "import_batch_id",
            models.UUIDField(
                blank=True,
                editable=False,
                help_text="The import that brought it, which can be taken back.",
                null=True,
            ),
        ),
        CreateFunctions(
            "sql/remove_imported_interactions.sql", ("platform.remove_imported_interactions(uuid)",)
        ),
    ]
