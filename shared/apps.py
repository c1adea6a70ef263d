from django.apps import AppConfig


class SharedConfig(AppConfig):
    """The kit: no domain logic."""

    name = "shared"
    verbose_name = "Tenants and keys"

    def ready(self) -> None:
        from django.db.backends.signals import connection_created
        from django.utils.module_loading import autodiscover_modules

        from shared.domains.moving.follow import follow_announced_move
        from shared.domains.recorder import install
        from shared.platform_client.following import follow_customers
        from shared.session.unit import guard_connection

        connection_created.connect(guard_connection, dispatch_uid="trellis_guard_connection")
        install()
        autodiscover_modules("events")  # what domains publish
        autodiscover_modules("handlers")  # what they do about it
        follow_customers()
        follow_announced_move()  # what is announced from now on is news
