from django.apps import AppConfig


class BackofficeConfig(AppConfig):
    """The admin site. Listed after `unfold` and before `django.contrib.admin`, whose pages then register
    here."""

    name = "shared.backoffice"
    verbose_name = "Back office"

    def ready(self) -> None:
        from django.contrib import admin
        from django.contrib.admin import sites

        from shared.backoffice.site import TrellisAdminSite

        admin.site = sites.site = TrellisAdminSite()
