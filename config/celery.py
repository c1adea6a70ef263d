"""The Celery application: worker and beat."""

import os

from celery import Celery
from celery.schedules import crontab
from kombu import Queue

from shared.domains.registry import served_domains

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("trellis")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# A queue per domain; a worker without -Q takes those of the domains that its process serves.
app.conf.task_queues = [Queue("celery"), *(Queue(domain.name) for domain in served_domains())]
app.conf.beat_schedule = {
    "purge-idempotency-keys": {"task": "shared.purge_idempotency_keys", "schedule": crontab(minute="17")},
    "clear-expired-sessions": {
        "task": "platform.clear_expired_sessions",
        "schedule": crontab(hour="3", minute="41"),
    },
}
