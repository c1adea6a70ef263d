"""Background work: Celery tasks that know their domain and tenant."""

from shared.jobs.task import domain_task, maintenance_task, operator_task

__all__ = ["domain_task", "maintenance_task", "operator_task"]
