from django.apps import AppConfig


class MarketingConfig(AppConfig):
    """See README.md."""

    name = "marketing"
    verbose_name = "Marketing"
