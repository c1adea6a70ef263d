"""Custom fields in a real browser: every type is typed, refused at its place, saved, shown again and exported."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from platform_core.models import Customer, CustomField
from shared.records.custom_fields.choices import FieldType
from shared.session import acting
from shared.tenancy.models import Tenant
from tests.bases.custom_fields import make_definition
from tests.bases.staff import make_staff
from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser

PASSWORD = "correct-horse-battery"
STORED = {
    "a_text": "Words",
    "a_number": "12.5",
    "a_integer": 7,
    "a_boolean": True,
    "a_date": "2026-12-31",
    "a_datetime": "2026-12-31T18:00:00Z",
    "a_choice": "m",
    "a_choices": ["s", "l"],
    "a_url": "https://example.com",
    "a_email": "ada@example.com",
    "a_default": "as ever",
}


def test_every_type_is_typed_saved_and_exported(
    visit: Callable[..., Visit], committed: Callable[[str], Tenant], tmp_path: Path
) -> None:
    tenant = committed("Alder")
    user = make_staff(tenant, password=PASSWORD)
    with acting(domain="platform", organization=tenant.pk):
        for kind in FieldType.values:
            make_definition(CustomField, "customer", kind, key=f"a_{kind}", required=kind == "choice")
        make_definition(CustomField, "customer", key="a_default", default="as ever")
        make_definition(CustomField, "customer", key="machine", visibility="api")
    on = visit()
    page = on.page
    on.sign_in(user.email, PASSWORD)
    page.goto(f"{on.server}/admin/platform_core/customer/add/")
    assert page.locator("[name='custom_fields.machine']").count() == 0
    page.fill("#id_email", "ada@example.com")
    for key, typed in (
        ("a_text", "Words"),
        ("a_number", "12.50"),
        ("a_integer", "7"),
        ("a_date", "2026-12-31"),
        ("a_datetime_0", "2026-12-31"),
        ("a_datetime_1", "18:00:00"),
        ("a_url", "https://example.com"),
        ("a_email", "ada@example.com"),
    ):
        page.fill(f"[name='custom_fields.{key}']", typed)
    page.check("[name='custom_fields.a_boolean']")
    for choice in ("s", "l"):
        page.check(f"[name='custom_fields.a_choices'][value={choice}]")
    page.eval_on_selector("#customer_form", "form => form.noValidate = true")
    page.click("button[name=_save]")
    page.locator(".field-custom_fields\\.a_choice", has_text="This field is required").wait_for()
    _look(page, "refused")
    page.select_option("[name='custom_fields.a_choice']", "m")
    page.click("button[name=_save]")
    page.locator("#result_list a", has_text="ada@example.com").first.click()
    assert page.input_value("[name='custom_fields.a_number']") == "12.5"
    assert on.overflow() <= 0
    _look(page, "saved")
    with acting(domain="platform", organization=tenant.pk):
        assert Customer.objects.get().custom_fields == STORED
    page.goto(f"{on.server}/admin/platform_core/customer/")
    page.check("#action-toggle")
    page.select_option("[name=action]", "export_jsonl")
    with page.expect_download() as download:
        page.locator("button[name=index]:visible").click()
    download.value.save_as(tmp_path / "customers.jsonl")
    assert json.loads((tmp_path / "customers.jsonl").read_text())["custom_fields"] == STORED


def _look(page: object, name: str) -> None:
    """A picture for whoever wants to see it."""
    folder = os.environ.get("BROWSER_PICTURES")
    if folder:
        page.screenshot(path=f"{folder}/custom-fields-{name}.png", full_page=True)  # type: ignore[attr-defined]
