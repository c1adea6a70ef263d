from django.apps import AppConfig


class SupportConfig(AppConfig):
    """See README.md."""

    name = "support"
    verbose_name = "Support"
