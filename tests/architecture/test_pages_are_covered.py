"""A page of the back office without its contract fails the suite."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

import pytest
from django.contrib import admin
from django.db import models

import tests
from shared.backoffice.record import RecordAdmin
from tests.bases.admin import AdminContract


def covered_models() -> set[type[models.Model]]:
    for module in pkgutil.walk_packages(tests.__path__, "tests."):
        if ".test_" in module.name:
            importlib.import_module(module.name)
    found: set[type[models.Model]] = set()
    waiting: list[Any] = list(AdminContract.__subclasses__())
    while waiting:
        contract = waiting.pop()
        if hasattr(contract, "model"):
            found.add(contract.model)
        waiting.extend(contract.__subclasses__())
    return found


EXEMPT = {
    "quickbooks.QuickbooksCustomer": "its table is in a connected tenant's schema; tests/crm/quickbooks has its own",
}


def test_every_page_has_a_contract() -> None:
    missing = {m._meta.label for m in set(admin.site._registry) - covered_models()}
    assert missing - set(EXEMPT) == set(), "write a test class that inherits AdminContract for each"
    assert set(EXEMPT) - missing == set(), "an exemption that nothing needs any more"


@pytest.mark.parametrize("model", list(admin.site._registry), ids=lambda m: m._meta.label)
def test_every_page_is_built_on_the_kit(model: type[models.Model]) -> None:
    page = admin.site._registry[model]
    assert isinstance(page, RecordAdmin)
    assert page.icon != RecordAdmin.icon, f"give {type(page).__name__} an icon of its own"
