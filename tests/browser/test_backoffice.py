"""What staff do every day, in a real browser."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

import pytest

from platform_core.services.customer import create_customer
from shared.session import acting
from shared.tenancy.keys import find_identity
from shared.tenancy.models import Tenant
from shared.tenancy.services import keep_user_profile
from tests.bases.staff import make_staff
from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser

PASSWORD = "correct-horse-battery"
Open = Callable[..., Visit]
Committed = Callable[[str], Tenant]


def test_sign_in_choose_switch_and_sign_out(visit: Open, committed: Committed) -> None:
    first, second = committed("Alder"), committed("Birch")
    user = make_staff(first, second, password=PASSWORD)
    on = visit()
    on.sign_in(user.email, "wrong")
    on.page.locator("text=E-mail and password do not match").wait_for()
    on.sign_in(user.email, PASSWORD)
    on.page.locator("text=Choose a tenant").first.wait_for()
    on.page.click("button:has-text('Birch')")
    on.page.locator(".tr-switcher summary", has_text="Birch").wait_for()
    on.page.click(".tr-switcher summary")
    on.page.click(".tr-switcher button:has-text('Alder')")
    on.page.goto(f"{on.server}/admin/shared/tenant/")
    assert on.page.locator("#result_list tbody tr").count() == 1
    assert on.page.locator("#result_list").inner_text().count("Alder") == 1
    on.page.click("#nav-sidebar-inner >> text=" + user.email)
    on.page.click("#logout-form button")
    on.page.goto(f"{on.server}/admin/")
    assert "/admin/login/" in on.page.url


def test_a_key_is_made_and_shown_once(visit: Open, committed: Committed) -> None:
    tenant = committed("Alder")
    user = make_staff(tenant, password=PASSWORD)
    on = visit()
    on.sign_in(user.email, PASSWORD)
    on.page.goto(f"{on.server}/admin/shared/apikey/add/")
    on.page.fill("#id_name", "helpdesk sync")
    on.page.check("input[value='support:read']")
    on.page.click("button[name=_save]")
    raw = on.page.locator(".tr-secret code").inner_text()
    identity = find_identity(raw)
    assert identity is not None
    assert identity.scopes == frozenset({"support:read"})
    on.page.click("text=I have copied it")
    assert "helpdesk sync" in on.page.locator("#result_list").inner_text()
    assert raw not in on.page.content()
    on.page.reload()
    assert raw not in on.page.content()


def test_who_comes_second_is_told_and_overwrites_nothing(visit: Open, committed: Committed) -> None:
    tenant = committed("Alder")
    user = make_staff(tenant, password=PASSWORD)
    colleague = make_staff(tenant)
    first, second = visit(), visit()
    for on in (first, second):
        on.sign_in(user.email, PASSWORD)
        on.page.goto(f"{on.server}/admin/platform_core/membership/")
        on.page.click(f"#result_list a:has-text('{colleague.email}')")
    for on, role in ((first, "admin"), (second, "user")):
        on.page.select_option("#id_role", role)
        on.page.check("input[value=support]")
        on.page.click("button[name=_save]")
    first.page.wait_for_url("**/admin/platform_core/membership/")
    second.page.locator("text=has changed since you opened it").wait_for()


def test_search_filters_and_pages_work(visit: Open, committed: Committed) -> None:
    tenant = committed("Alder")
    user = make_staff(tenant, password=PASSWORD)
    with acting(domain="platform", organization=tenant.pk):
        for number in range(60):
            keep_user_profile(
                user_id=make_uuid(number), name=f"Person {number:02}", email=f"person{number:02}@example.com"
            )
    on = visit()
    on.sign_in(user.email, PASSWORD)
    on.page.goto(f"{on.server}/admin/shared/userprofile/")
    assert on.page.locator("#result_list tbody tr").count() == 50
    assert "61 user profiles" in on.page.locator("#main").inner_text()
    on.page.goto(f"{on.server}/admin/shared/userprofile/?p=2")
    assert on.page.locator("#result_list tbody tr").count() == 11
    on.page.fill("#searchbar", "Person 4")
    on.page.press("#searchbar", "Enter")
    on.page.wait_for_url(re.compile(r"q=Person"))
    assert on.page.locator("#result_list tbody tr").count() == 10


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280], ids=["phone", "desktop"])
def test_pages_fit_the_window(visit: Open, committed: Committed, width: int, dark: bool) -> None:
    tenant = committed("Alder")
    user = make_staff(tenant, password=PASSWORD)
    with acting(domain="platform", organization=tenant.pk):
        customer = create_customer(email="ines@example.com", name="Inês Duarte")
    on = visit(width=width, dark=dark)
    on.page.goto(f"{on.server}/admin/")
    assert on.overflow() <= 0
    on.sign_in(user.email, PASSWORD)
    for path in (
        "",
        "shared/apikey/",
        "shared/apikey/add/",
        "platform_core/membership/",
        "activity/platform/",
        "password_change/",
    ):
        on.page.goto(f"{on.server}/admin/{path}")
        assert on.overflow() <= 0, path
    on.page.goto(f"{on.server}/admin/platform_core/customer/{customer.pk}/change/")
    on.page.locator("#tabs-items a", has_text="Interactions").wait_for()
    assert on.overflow() <= 0, "a bar of many tabs"


def make_uuid(number: int) -> uuid.UUID:
    return uuid.UUID(int=(uuid.uuid4().int & ~0xFF) | number)
