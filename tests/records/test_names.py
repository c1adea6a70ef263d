"""Names that the kit derives: one each in the whole installation, and short enough for PostgreSQL."""

from __future__ import annotations

from django.apps import apps

from shared.records.constraints import short_name


def derived_names(app_label: str) -> set[str]:
    model = apps.get_model(app_label, "CustomerReference")
    return {constraint.name for constraint in model._meta.constraints}


def test_tables_of_one_name_in_two_schemas_have_constraints_of_different_names() -> None:
    assert "support_customer_references_organization_id_key" in derived_names("support")
    assert "crm_customer_references_organization_id_key" in derived_names("crm")
    assert not derived_names("support") & derived_names("crm")


def test_a_name_that_is_too_long_keeps_its_beginning_and_stays_its_own() -> None:
    names = {short_name("crm_" + "x" * 60, column, "fk") for column in ("owner_id", "deal_id")}
    assert len(names) == 2
    assert all(len(name) == 63 and name.startswith("crm_x") for name in names)
    assert short_name("crm_" + "x" * 60, "owner_id", "fk") in names
