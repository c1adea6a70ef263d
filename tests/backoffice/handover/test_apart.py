"""Signed in at the platform's process, staff work in the others', which have no access to the platform's tables."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from shared.session import acting
from shared.tenancy.models import Tenant
from shared.tenancy.services import add_hostname
from tests.bases.staff import make_staff, read_form

PASSWORD = "correct-horse-battery"
Committed = Callable[[str], Tenant]
Addresses = dict[str, str]


def sign_in(browser: requests.Session, page: requests.Response, email: str) -> requests.Response:
    """Fill in the platform's form, to which a visit has led."""
    assert "/admin/login/" in page.url, page.url
    form = read_form(page.text, "login-form") | {"username": email, "password": PASSWORD}
    return browser.post(page.url, form, headers={"Referer": page.url})


def path_of(response: requests.Response) -> str:
    return urlsplit(response.url).path


def test_a_visit_leads_to_sign_in_and_back(
    apart: Addresses, browser: requests.Session, committed: Committed
) -> None:
    tenant = committed("Alder")
    user = make_staff(tenant, password=PASSWORD)
    asked = browser.get(f"{apart['support']}/admin/support/ticket/?q=1")
    assert asked.url.startswith(apart["platform"])
    page = sign_in(browser, asked, user.email)
    assert page.url == f"{apart['support']}/admin/support/ticket/?q=1"
    assert page.status_code == 200
    assert tenant.name in page.text
    assert str(user) in page.text
    assert browser.get(f"{apart['support']}/admin/").status_code == 200
    assert browser.get(f"{apart['crm']}/admin/crm/deal/").url == f"{apart['crm']}/admin/crm/deal/", "silently"


def test_pages_of_the_served_domains_alone(
    apart: Addresses, browser: requests.Session, committed: Committed
) -> None:
    user = make_staff(committed("Alder"), password=PASSWORD)
    page = sign_in(browser, browser.get(f"{apart['support']}/admin/"), user.email)
    links = set(re.findall(r'href="([^"]+)"', page.text))
    assert "/admin/support/ticket/" in links
    assert f"{apart['crm']}/admin/crm/deal/" in links
    assert f"{apart['platform']}/admin/platform_core/customer/" in links
    assert f"{apart['platform']}/admin/shared/apikey/" in links
    assert "marketing" not in page.text, "neither served nor addressed"
    assert "Tickets" in page.text
    at_crm = browser.get(f"{apart['support']}/admin/crm/deal/?p=2")
    assert at_crm.url == f"{apart['crm']}/admin/crm/deal/?p=2"
    assert browser.get(f"{apart['support']}/admin/marketing/segment/").status_code == 404
    assert browser.get(f"{apart['platform']}/admin/support/ticket/").url.startswith(apart["support"])


def test_the_tenant_follows_from_process_to_process(
    apart: Addresses, browser: requests.Session, committed: Committed
) -> None:
    first, second = committed("Alder"), committed("Birch")
    user = make_staff(first, second, password=PASSWORD)
    page = sign_in(browser, browser.get(f"{apart['support']}/admin/"), user.email)
    assert path_of(page) == "/admin/tenant/"
    form = {"organization": str(second.id), "next": "/admin/", "csrfmiddlewaretoken": token(page)}
    page = browser.post(page.url, form, headers={"Referer": page.url})
    link = next(u for u in re.findall(r'href="([^"]+)"', page.text) if u.startswith(apart["crm"]))
    page = browser.get(link.replace("&amp;", "&"))
    assert page.url.startswith(f"{apart['crm']}/admin/crm/")
    assert "Birch" in page.text


def test_a_form_is_saved_by_the_process_that_serves_it(
    apart: Addresses, browser: requests.Session, committed: Committed
) -> None:
    tenant = committed("Alder")
    user = make_staff(tenant, role="user", password=PASSWORD)
    page = sign_in(browser, browser.get(f"{apart['crm']}/admin/crm/pipeline/add/"), user.email)
    form = read_form(page.text, "pipeline_form") | {"name": "New business"}
    saved = browser.post(page.url, form, headers={"Referer": page.url})
    assert path_of(saved) == "/admin/crm/pipeline/", saved.text[:2000]
    assert "New business" in saved.text


def test_signing_out_anywhere_is_signing_out_at_the_platform(
    apart: Addresses, browser: requests.Session, committed: Committed
) -> None:
    user = make_staff(committed("Alder"), password=PASSWORD)
    page = sign_in(browser, browser.get(f"{apart['support']}/admin/"), user.email)
    out = browser.post(
        f"{apart['support']}/admin/logout/",
        {"csrfmiddlewaretoken": token(page)},
        headers={"Referer": page.url},
    )
    assert out.url == f"{apart['platform']}/admin/login/"
    assert "/admin/login/" in browser.get(f"{apart['platform']}/admin/").url
    assert "/admin/login/" in browser.get(f"{apart['support']}/admin/").url


def test_a_link_of_a_strangers_signs_nobody_out(
    apart: Addresses, browser: requests.Session, committed: Committed
) -> None:
    user = make_staff(committed("Alder"), password=PASSWORD)
    sign_in(browser, browser.get(f"{apart['platform']}/admin/"), user.email)
    refused = browser.get(f"{apart['platform']}/admin/hand-back/?from=support&statement=forged")
    assert refused.status_code == 400
    assert path_of(browser.get(f"{apart['platform']}/admin/")) == "/admin/"


def test_a_tenants_hostname_comes_back_to_itself(
    apart: Addresses, browser: requests.Session, committed: Committed
) -> None:
    own, other = committed("Alder"), committed("Birch")
    user = make_staff(own, password=PASSWORD)
    hosts = {}
    for tenant in (own, other):
        with acting(domain="platform", organization=tenant.id):
            hosts[tenant] = add_hostname(tenant=tenant, hostname=f"{tenant.slug}.localhost").domain
    sign_in(browser, browser.get(f"{apart['platform']}/admin/"), user.email)
    asked = browser.get(
        f"{apart['support']}/admin/", headers={"Host": hosts[own]}, allow_redirects=False
    ).headers["Location"]
    query = parse_qs(urlsplit(asked).query)
    assert query["host"] == [hosts[own]]
    back = browser.get(asked, allow_redirects=False).headers["Location"]
    assert back.startswith(f"http://{hosts[own]}:{urlsplit(apart['support']).port}/admin/arrival/?assertion=")
    stolen = browser.get(f"{apart['support']}{back[back.index('/admin') :]}")
    assert stolen.status_code == 403
    refused = browser.get(asked.replace(hosts[own], hosts[other]))
    assert refused.status_code == 403
    assert "a tenant that you do not work for" in refused.text


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"to": "marketing"}, 404, "no process of this name"),
        ({"to": "platform"}, 404, "no process of this name"),
        ({"to": "evil"}, 404, "no process of this name"),
        ({"next": "https://evil.example/"}, 400, "must be a path"),
        ({"next": "//evil.example/"}, 400, "must be a path"),
        ({"next": "/\\evil.example/"}, 400, "must be a path"),
        ({"next": ""}, 400, "must be a path"),
        ({"host": "evil.example"}, 403, "a tenant that you do not work for"),
    ],
)
def test_the_platform_hands_over_to_its_own_processes_alone(
    apart: Addresses,
    browser: requests.Session,
    committed: Committed,
    change: dict[str, str],
    status: int,
    words: str,
) -> None:
    user = make_staff(committed("Alder"), password=PASSWORD)
    sign_in(browser, browser.get(f"{apart['platform']}/admin/"), user.email)
    asked = {"to": "support", "next": "/admin/", "state": "x", **change}
    refused = browser.get(f"{apart['platform']}/admin/hand-over/", params=asked, allow_redirects=False)
    assert refused.status_code == status
    assert words in refused.text


def token(page: requests.Response) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert found
    return found[1]
