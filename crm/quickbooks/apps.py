from django.apps import AppConfig


class QuickbooksConfig(AppConfig):
    """Integration data of one tenant, in that tenant's own PostgreSQL schema (TENANT_APPS)."""

    name = "crm.quickbooks"
    label = "quickbooks"
    verbose_name = "QuickBooks"
