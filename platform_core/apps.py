from django.apps import AppConfig


class PlatformCoreConfig(AppConfig):
    """The golden record: people, companies, customers, and what is known about them."""

    name = "platform_core"
    verbose_name = "Platform"
