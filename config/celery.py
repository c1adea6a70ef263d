"""The Celery application: worker and beat."""

import os

from celery import Celery
from celery.schedules import crontab
from kombu import Queue

from shared.domains.registry import home_domain, served_domains
from shared.domains.schedule import in_each_database, where_served

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("trellis")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# A queue per domain; a worker without -Q takes those of the domains that its process serves.
app.conf.task_queues = [Queue(domain.name) for domain in served_domains()]
app.conf.task_default_queue = home_domain().name
app.conf.beat_schedule = {
    **in_each_database("purge-idempotency-keys", "shared.purge_idempotency_keys", crontab(minute="17")),
    **in_each_database("seal-activity", "shared.seal_activity", 5.0),
    **in_each_database("apply-retention", "shared.apply_retention", crontab(hour="2", minute="23")),
    **where_served("platform", "sync-tenancy", "shared.sync_tenancy", crontab()),
    **where_served(
        "platform",
        "clear-expired-sessions",
        "platform.clear_expired_sessions",
        crontab(hour="3", minute="41"),
    ),
}
