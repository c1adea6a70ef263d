"""Makes rows of the platform; call inside a unit acting as the platform."""

from __future__ import annotations

import datetime as dt
import uuid
from itertools import count
from typing import Any

from platform_core.models import (
    ArchetypeDefinition,
    ArchetypeL1,
    ArchetypeL2,
    ArchetypeL3,
    Company,
    CompanyMembership,
    Customer,
    CustomerIdentifier,
    CustomerInteraction,
    CustomerProfile,
    CustomerRecord,
    ImportBatch,
    TimelineEntry,
)

_number = count(1)


def make_company(**values: Any) -> Company:
    return Company.objects.create(**{"name": f"Company {next(_number)}", **values})


def make_customer(**values: Any) -> Customer:
    number = next(_number)
    return Customer.objects.create(
        **{"email": f"customer{number}@example.com", "name": f"Customer {number}", **values}
    )


def make_membership(**values: Any) -> CompanyMembership:
    values.setdefault("customer", None)
    values["customer"] = values["customer"] or make_customer()
    return CompanyMembership.objects.create(company=make_company(), **values)


def make_identifier(**values: Any) -> CustomerIdentifier:
    text = f"shop:{next(_number)}"
    return CustomerIdentifier.objects.create(
        **{"kind": "external_id", "value": text, "value_norm": text, "customer": make_customer(), **values}
    )


def make_interaction(**values: Any) -> CustomerInteraction:
    if "customer" not in values:
        values["customer"] = make_customer()
    return CustomerInteraction.objects.create(
        **{
            "interaction_type": "purchase",
            "occurred_at": dt.datetime(2026, 11, 1, tzinfo=dt.UTC),
            "amount": "10.00",
            "currency": "EUR",
            **values,
        }
    )


def make_profile(**values: Any) -> CustomerProfile:
    return CustomerProfile.objects.create(customer=make_customer(), archetype_l1=make_l1(), **values)


def make_l1(**values: Any) -> ArchetypeL1:
    return ArchetypeL1.objects.create(code=f"l1-{next(_number)}", name="Level 1", **values)


def make_l2(**values: Any) -> ArchetypeL2:
    return ArchetypeL2.objects.create(code=f"l2-{next(_number)}", name="Level 2", parent=make_l1(), **values)


def make_l3(**values: Any) -> ArchetypeL3:
    return ArchetypeL3.objects.create(code=f"l3-{next(_number)}", name="Level 3", parent=make_l2(), **values)


def make_definition(**values: Any) -> ArchetypeDefinition:
    code = f"archetype-{next(_number)}"
    return ArchetypeDefinition.objects.create(code=code, name="Loyal", l1=make_l1(), **values)


def make_import(**values: Any) -> ImportBatch:
    return ImportBatch.objects.create(
        file_name="customers.csv", file_hash=f"{next(_number):064}", mapping_hash="0" * 64, **values
    )


def make_record(**values: Any) -> CustomerRecord:
    if "customer" not in values:
        values["customer"] = make_customer()
    return CustomerRecord.objects.create(
        **{
            "domain": "support",
            "kind": "ticket",
            "entity": "support.ticket",
            "record_id": uuid.uuid4(),
            "title": f"#{next(_number)} No heating",
            "status": "new",
            "began_at": dt.datetime(2026, 11, 1, tzinfo=dt.UTC),
            **values,
        }
    )


def make_entry(**values: Any) -> TimelineEntry:
    if "customer" not in values:
        values["customer"] = make_customer()
    return TimelineEntry.objects.create(
        **{
            "at": dt.datetime(2026, 11, 1, tzinfo=dt.UTC),
            "domain": "support",
            "kind": "ticket",
            "record_id": uuid.uuid4(),
            "what": "began",
            "title": f"#{next(_number)} No heating",
            "event_id": uuid.uuid4(),
            **values,
        }
    )
