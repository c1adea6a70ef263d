"""The session of somebody who was handed over: live streams hear by it what the process serves."""

from __future__ import annotations

import time
import uuid
from dataclasses import replace

import pytest
from pytest_django.fixtures import Settings

from shared.backoffice.handover.assertion import HandOver
from shared.backoffice.handover.sessions import SessionStore
from shared.streams.listener import Refused, find_listener
from shared.tenancy.middleware import ORGANIZATION_KEY
from shared.tenancy.models import Tenant
from shared.tenancy.staff import StaffMembership


@pytest.fixture(autouse=True)
def _app(settings: Settings) -> None:
    """This process is support's."""
    settings.SESSION_ENGINE = "shared.backoffice.handover.sessions"
    settings.SERVE = ("support",)


@pytest.fixture
def tenant() -> Tenant:
    """As it was told; here no database is asked."""
    return Tenant(id=uuid.uuid4(), name="Alder", slug="alder")


def handed_over(tenant: Tenant, domains: tuple[str, ...] = ()) -> HandOver:
    return HandOver(
        audience="support",
        user_id=uuid.uuid4(),
        name="Ada",
        email="ada@example.com",
        memberships=(StaffMembership(tenant.id, tenant.name, tenant.slug, "active", "user", domains),),
        organization=tenant.id,
        next="/admin/",
        state="x",
    )


def listening(session: SessionStore, settings: Settings) -> frozenset[str]:
    session.save()
    cookie = f"{settings.SESSION_COOKIE_NAME}={session.session_key}"
    return find_listener({"host": "localhost", "cookie": cookie}).domains


def test_a_stream_tells_what_is_served_and_may_be_read(tenant: Tenant, settings: Settings) -> None:
    session = SessionStore()
    session.receive(handed_over(tenant))
    assert listening(session, settings) == {"support"}
    session.receive(handed_over(tenant, domains=("crm",)))
    assert listening(session, settings) == frozenset()


def test_a_stream_ends_when_the_hand_over_no_longer_holds(tenant: Tenant, settings: Settings) -> None:
    session = SessionStore()
    session.receive(replace(handed_over(tenant), at=time.time() - 901))
    with pytest.raises(Refused, match="401"):
        listening(session, settings)


def test_a_renewal_keeps_the_session_and_another_person_does_not(tenant: Tenant) -> None:
    session = SessionStore()
    first = handed_over(tenant)
    session.receive(first)
    session["form"] = "kept"
    session.save()
    key = session.session_key
    assert session.receive(first) is False
    assert (session.session_key, session["form"]) == (key, "kept")
    assert session.receive(handed_over(tenant)) is True
    session.save()
    assert session.session_key != key
    assert "form" not in session
    assert ORGANIZATION_KEY in session
    assert not session.exists(key)
