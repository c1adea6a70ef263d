"""Tasks enter a unit of work anew: their domain is declared, their tenant is an explicit argument."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from celery import Task, shared_task
from django.db import Error as DatabaseError

from shared.domains.moving.follow import follow_announced_move, follow_move, has_moved
from shared.domains.router import alias_of, domains_in
from shared.records.identifiers import uuid7
from shared.session import Actor, TenantMissingError, acting, operating

Function = TypeVar("Function", bound=Callable[..., Any])


@contextmanager
def _following_a_move(task: Task) -> Iterator[None]:
    """A task whose domain is moving to another database is tried again in a second, there."""
    follow_announced_move()
    try:
        yield
    except DatabaseError as error:
        if not has_moved(error) or task.request.called_directly:
            raise
        follow_move()
        raise task.retry(exc=error, countdown=1, max_retries=10) from error


class _DomainTask(Task):
    """Opens ``acting`` around the task; refuses to run without a tenant, which would do nothing and report success."""

    abstract = True
    typing = False  # ``organization`` is taken by the call below, the function does not know it
    domain: str = ""

    def __call__(self, *args: Any, organization: str | None = None, **kwargs: Any) -> Any:
        if organization is None:
            raise TenantMissingError(
                f"The task {self.name} needs its tenant: call .delay(…, organization=str(tenant.id))."
            )
        actor = Actor(kind="system", name=self.name)
        with (
            _following_a_move(self),
            acting(
                domain=self.domain,
                organization=uuid.UUID(organization),
                actor=actor,
                request_id=self.request.id or str(uuid7()),
            ),
        ):
            return super().__call__(*args, **kwargs)


class _OperatorTask(Task):
    """Opens ``operating`` around the task: it sees every tenant of one database, and says why."""

    abstract = True
    typing = False  # ``domain`` is taken by the call below, the function does not know it
    domain: str = ""
    reason: str = ""

    def __call__(
        self, *args: Any, domain: str | None = None, once_per_database: bool = False, **kwargs: Any
    ) -> Any:
        with _following_a_move(self):
            if once_per_database and domain and domains_in(alias_of(domain))[0].name != domain:
                return None
            with operating(reason=self.reason, domain=self.domain or domain):
                return super().__call__(*args, **kwargs)


class _MaintenanceTask(Task):
    """Opens no unit: the work is many short transactions. ``reason`` says what for."""

    abstract = True
    reason: str = ""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with _following_a_move(self):
            return super().__call__(*args, **kwargs)


def domain_task(*, name: str, domain: str, **options: Any) -> Callable[[Function], Any]:
    """A Celery task of one domain, on that domain's queue; called with ``organization=<tenant id as text>``.

    Arguments are primitive, the name is explicit and never changes: a message may outlive a release.
    """
    return shared_task(name=name, base=_DomainTask, domain=domain, queue=domain, **options)  # type: ignore[no-any-return]


def operator_task(*, name: str, reason: str, domain: str = "", **options: Any) -> Callable[[Function], Any]:
    """A Celery task that spans tenants, for maintenance; ``reason`` goes to the log.

    With ``domain`` it works in that domain's database, and waits in its queue. Without, it is called with
    ``domain=<name>`` for a database (the process's home when not given). ``once_per_database=True`` leaves it to the first
    domain of that database: ``shared.domains.schedule.in_each_database``.
    """
    if domain:
        options["queue"] = domain
    return shared_task(name=name, base=_OperatorTask, reason=reason, domain=domain, **options)  # type: ignore[no-any-return]


def maintenance_task(*, name: str, reason: str, **options: Any) -> Callable[[Function], Any]:
    """A Celery task that opens its units itself, for maintenance in many short transactions."""
    return shared_task(name=name, base=_MaintenanceTask, reason=reason, **options)  # type: ignore[no-any-return]
