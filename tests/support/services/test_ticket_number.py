"""Numbers under concurrency: each once, none left out."""

from __future__ import annotations

import threading
from collections.abc import Callable

from django.db import connections

from shared.session import acting
from shared.tenancy.models import Tenant
from support.models import Ticket
from support.services.customer_reference import sync_customer_reference
from tests.support.factories import make_ticket, summary

THREADS, EACH = 6, 8


class _UndoneError(Exception):
    pass


def test_concurrent_opens_leave_no_gap(committed: Callable[[str], Tenant]) -> None:
    tenant = committed("Race")
    failures: list[BaseException] = []
    start = threading.Barrier(THREADS)

    def work(worker: int) -> None:
        start.wait()
        try:
            for turn in range(EACH):
                try:
                    with acting(domain="support", organization=tenant.id):
                        make_ticket(subject=f"{worker}/{turn}")
                        if turn % 4 == 3:
                            raise _UndoneError
                except _UndoneError:
                    pass  # its number goes to the next
        except BaseException as error:
            failures.append(error)
        finally:
            connections.close_all()

    _run(work)
    assert failures == []
    with acting(domain="support", organization=tenant.id):
        numbers = sorted(Ticket.objects.values_list("number", flat=True))
    kept = THREADS * (EACH - EACH // 4)
    assert numbers == list(range(1, kept + 1))


def test_concurrent_first_tickets_of_a_customer_leave_one_reference(
    committed: Callable[[str], Tenant],
) -> None:
    tenant = committed("Race")
    customer = summary()
    found: list[object] = []
    start = threading.Barrier(THREADS)

    def work(worker: int) -> None:
        start.wait()
        try:
            with acting(domain="support", organization=tenant.id):
                reference = sync_customer_reference(customer=customer)
                found.append((make_ticket(customer=reference).number, reference.pk))
        except BaseException as error:
            found.append(error)
        finally:
            connections.close_all()

    _run(work)
    assert sorted(found) == [(n, customer.id) for n in range(1, THREADS + 1)]  # type: ignore[type-var]


def _run(work: Callable[[int], None]) -> None:
    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
