"""A model without its contract fails the suite; so does an exemption that nothing needs."""

from __future__ import annotations

import importlib
import pkgutil

import pytest
from django.db import models

import tests
from shared.domains.access import access_of
from shared.domains.check.compare import declared_models
from shared.records.models import TenantRow
from tests.bases.models import ModelContract


def all_contracts() -> set[type[ModelContract]]:
    for module in pkgutil.walk_packages(tests.__path__, "tests."):
        if ".test_" in module.name:
            importlib.import_module(module.name)
    found: set[type[ModelContract]] = set()
    waiting = list(ModelContract.__subclasses__())
    while waiting:
        contract = waiting.pop()
        found.add(contract)
        waiting.extend(contract.__subclasses__())
    return found


def every_model() -> list[type[models.Model]]:
    return [*declared_models(versions=False), *declared_models(tenant_apps=True, versions=False)]


OTHER_TESTS = {
    "shared.ApiKeyUse": "written by the look-up of a key alone: tests/api/test_callers.py",
    "shared.EventInterest": "written through set_interests alone: tests/events/test_interests.py",
    "shared.LegalHold": "written by operators alone: tests/privacy/test_retention.py",
    "shared.RolloutStep": "written by commands alone, closed to every domain: tests/tenancy/rollout/test_policy.py",
    "quickbooks.QuickbooksCustomer": "in the tenant's own schema: tests/crm/quickbooks, tests/tenancy/test_provisioning.py",
}
"""Models that no contract covers, and where they are tested."""


def test_every_tenant_model_has_a_contract() -> None:
    covered = {contract.model for contract in all_contracts() if hasattr(contract, "model")}
    missing = {m._meta.label for m in every_model() if access_of(m).rows == "tenant" and m not in covered}
    assert OTHER_TESTS.keys() - missing == set(), "an exemption that nothing needs any more"
    assert missing - OTHER_TESTS.keys() == set(), (
        "write a test class that inherits tests.bases.models.ModelContract for each"
    )


@pytest.mark.parametrize("model", every_model(), ids=lambda m: m._meta.label)
def test_a_table_without_a_tenant_says_why(model: type[models.Model]) -> None:
    access = access_of(model)
    if not issubclass(model, TenantRow) and access.rows == "global":
        assert access.reason, f"{model._meta.label} has no tenant: give TableAccess(reason=…)"
    if access.reason:
        assert access.rows == "global", "a reason is given for a table that needs none"


@pytest.mark.parametrize("model", every_model(), ids=lambda m: m._meta.label)
def test_a_column_indexed_across_tenants_is_still_indexed_so(model: type[models.Model]) -> None:
    declared = set(getattr(model, "global_columns", {}))
    led = {f.column for f in model._meta.local_concrete_fields if f.unique or f.db_index}
    assert declared <= led, "an exemption that nothing needs any more"
