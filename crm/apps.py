from django.apps import AppConfig


class CrmConfig(AppConfig):
    """See README.md."""

    name = "crm"
    verbose_name = "Sales"
