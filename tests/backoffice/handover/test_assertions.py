"""What an app's process refuses: assertions that are forged, foreign, old, used, or that another browser asked for."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest
import requests
from pytest_django.fixtures import Settings

from shared.backoffice.handover import assertion
from shared.backoffice.handover.assertion import HandOver, HandOverError, read_hand_over, sign_hand_over
from shared.tenancy.models import Tenant
from shared.tenancy.staff import StaffMembership
from tests.processes import SECRET_SEED

Addresses = dict[str, str]
STATE = "a-browser"


@pytest.fixture(autouse=True)
def _platform(settings: Settings) -> None:
    """This process signs as the platform does."""
    settings.SERVICE_SECRET_SEED = SECRET_SEED


def membership(tenant: Tenant, role: str = "admin", domains: tuple[str, ...] = ()) -> StaffMembership:
    return StaffMembership(tenant.id, tenant.name, tenant.slug, "active", role, domains)


def someone(*memberships: StaffMembership, **said: Any) -> HandOver:
    given = HandOver(
        audience="support",
        user_id=uuid.uuid4(),
        name="Ada Agent",
        email="ada@example.com",
        memberships=memberships,
        organization=None,
        next="/admin/support/ticket/",
        state=STATE,
    )
    return replace(given, **said)


def arrive(address: str, browser: requests.Session, text: str, state: str = STATE) -> requests.Response:
    browser.cookies.set("trellis_browser_support", state)
    return browser.get(f"{address}/admin/arrival/?assertion={quote(text)}", allow_redirects=False)


def test_an_assertion_opens_a_session_once(
    apart: Addresses, browser: requests.Session, committed: Callable[[str], Tenant]
) -> None:
    text = sign_hand_over(someone(membership(committed("Alder"))))
    assert arrive(apart["support"], browser, text).headers["Location"] == "/admin/support/ticket/"
    assert "Ada Agent" in browser.get(f"{apart['support']}/admin/support/ticket/").text
    with requests.Session() as other:
        replayed = arrive(apart["support"], other, text)
        assert replayed.status_code == 403
        assert "was used before" in replayed.text
        assert "trellis_session_support" not in other.cookies


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"audience": "crm"}, "was not made by the platform for support"),
        ({"state": "another-browser"}, "This browser did not ask for this sign-in"),
        ({"state": ""}, "This browser did not ask for this sign-in"),
        ({"next": "https://evil.example/"}, "is not one of this process"),
        ({"next": "//evil.example/"}, "is not one of this process"),
        ({"host": "alder.localhost"}, "was meant for another address"),
    ],
)
def test_an_assertion_for_elsewhere_is_refused(
    apart: Addresses, browser: requests.Session, said: dict[str, str], words: str
) -> None:
    refused = arrive(apart["support"], browser, sign_hand_over(someone(**said)))
    assert refused.status_code == 403
    assert words in refused.text
    assert "trellis_session_support" not in browser.cookies


def test_forged_and_broken_assertions_are_refused(apart: Addresses, browser: requests.Session) -> None:
    good = sign_hand_over(someone())
    middle = len(good) // 2
    bent = good[:middle] + ("A" if good[middle] != "A" else "B") + good[middle + 1 :]
    for text in ("", "x", "a:b:c", "é\x00", bent, good[:-1], good.rpartition(":")[0]):
        refused = arrive(apart["support"], browser, text)
        assert refused.status_code in {400, 403}, text
        assert "Location" not in refused.headers


def test_an_assertion_holds_for_a_minute(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    text = sign_hand_over(someone())
    assert read_hand_over(text, "support").name == "Ada Agent"
    now = time.time()
    monkeypatch.setattr("django.core.signing.time.time", lambda: now + assertion.LIFETIME + 1)
    with pytest.raises(HandOverError, match="older than 60 seconds"):
        read_hand_over(text, "support")


def test_a_process_without_its_secret_takes_nobody(settings: Settings) -> None:
    text = sign_hand_over(someone())
    settings.SERVICE_SECRET_SEED = ""
    with pytest.raises(HandOverError, match="was not made by the platform"):
        read_hand_over(text, "support")


def test_an_assertion_of_many_tenants_fits_an_address(db: None) -> None:
    tenants = [
        Tenant(id=uuid.uuid4(), name=f"Tenant {uuid.uuid4()}", slug=uuid.uuid4().hex) for _ in range(100)
    ]
    given = someone(*map(membership, tenants), organization=tenants[-1].id)
    text = sign_hand_over(given)
    assert len(quote(text)) < 3800
    kept = read_hand_over(text, "support").memberships
    assert kept[0].organization_id == tenants[-1].id, "the one in force comes first"


def test_rights_are_those_of_the_membership(
    apart: Addresses, browser: requests.Session, committed: Callable[[str], Tenant]
) -> None:
    tenant = committed("Alder")
    arrive(apart["support"], browser, sign_hand_over(someone(membership(tenant, domains=("crm",)))))
    refused = browser.get(f"{apart['support']}/admin/support/ticket/")
    assert refused.status_code == 403
    assert "/admin/support/ticket/" not in browser.get(f"{apart['support']}/admin/").text
    api = browser.get(f"{apart['support']}/api/support/tickets")
    assert api.status_code == 403


def test_a_person_without_a_tenant_is_told(apart: Addresses, browser: requests.Session) -> None:
    arrive(apart["support"], browser, sign_hand_over(someone()))
    page = browser.get(f"{apart['support']}/admin/support/ticket/")
    assert page.status_code == 403
    assert "You do not work for a tenant yet" in page.text


def test_after_five_minutes_pages_ask_anew_and_forms_go_on(
    apart: Addresses, browser: requests.Session, committed: Callable[[str], Tenant]
) -> None:
    tenant = committed("Alder")
    given = someone(membership(tenant), at=time.time() - 290)
    arrive(apart["support"], browser, sign_hand_over(given))
    tickets, api = f"{apart['support']}/admin/support/ticket/", f"{apart['support']}/api/support/tickets"
    page = browser.get(f"{tickets}add/")
    assert page.status_code == 200
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert token
    posted = {"csrfmiddlewaretoken": token[1]}

    arrive(apart["support"], browser, sign_hand_over(replace(given, at=time.time() - 310, token="second")))
    asked = browser.get(tickets, allow_redirects=False)
    assert asked.headers["Location"].startswith(
        f"{apart['platform']}/admin/hand-over/?to=support&next=%2Fadmin"
    )
    assert browser.post(f"{tickets}add/", posted).status_code == 200, "the form, with its errors"
    assert browser.get(tickets, headers={"X-Requested-With": "XMLHttpRequest"}).status_code == 200
    assert browser.get(api).status_code == 200

    arrive(apart["support"], browser, sign_hand_over(replace(given, at=time.time() - 910, token="third")))
    late = browser.post(f"{tickets}add/", posted)
    assert late.status_code == 403
    assert "open the start page in another tab" in late.text
    assert browser.get(api).status_code == 401

    arrive(apart["support"], browser, sign_hand_over(replace(given, token="fourth")))
    assert browser.post(f"{tickets}add/", posted).status_code == 200, "the same form is taken again"
