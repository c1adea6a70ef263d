"""A person in front of an installation in parts: signed in once, they go from process to process and back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from shared.tenancy.models import Tenant
from tests.bases.staff import make_staff
from tests.processes import running_apart

pytestmark = pytest.mark.browser

PASSWORD = "correct-horse-battery"


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    with running_apart("platform", "support", log=tmp_path_factory.mktemp("apart")) as addresses:
        yield addresses


@pytest.fixture
def page(chromium: Any) -> Iterator[Any]:
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    faults: list[str] = []
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.on("response", lambda r: faults.append(f"{r.status} {r.url}") if r.status >= 400 else None)
    page.on("pageerror", lambda e: faults.append(str(e)))
    yield page
    context.close()
    assert faults == []


def test_from_the_platform_to_support_and_back(
    apart: dict[str, str], page: Any, committed: Callable[[str], Tenant]
) -> None:
    first, second = committed("Alder"), committed("Birch")
    user = make_staff(first, second, password=PASSWORD)
    page.goto(f"{apart['platform']}/admin/")
    page.fill("#id_username", user.email)
    page.fill("#id_password", PASSWORD)
    page.click("#login-form button[type=submit]")
    page.click("button:has-text('Birch')")
    page.click("#nav-sidebar-apps a:has-text('Tickets')")
    page.wait_for_url(f"{apart['support']}/admin/support/ticket/")
    assert "Birch" in page.locator(".tr-switcher").inner_text()
    page.click("#nav-sidebar-apps a:has-text('Agents')")
    page.wait_for_url(f"{apart['support']}/admin/support/agent/")
    page.goto(f"{apart['support']}/admin/support/agent/add/")
    page.click(".select2-selection")
    page.click(f".select2-results__option:has-text('{user.email}')")
    page.click("button[name=_save]")
    page.wait_for_url(f"{apart['support']}/admin/support/agent/")
    assert user.email in page.locator("#result_list").inner_text()
    page.click("#nav-sidebar-apps a:has-text('Customers')")
    page.wait_for_url(f"{apart['platform']}/admin/platform_core/customer/")
    assert "Birch" in page.locator(".tr-switcher").inner_text()
    page.goto(f"{apart['support']}/admin/")
    page.click(f"#nav-sidebar-inner >> text={user.email}")
    page.click("#logout-form button")
    page.wait_for_url(f"{apart['platform']}/admin/login/")
    page.goto(f"{apart['support']}/admin/")
    assert page.url.startswith(f"{apart['platform']}/admin/login/")
