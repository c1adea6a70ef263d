"""Staff in tests: a signed-in browser."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from html.parser import HTMLParser

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest
from django.test import Client

from platform_core.models import User
from platform_core.services.membership import invite_member
from platform_core.sessions import SessionStore
from shared.domains.registry import central_domain
from shared.session import acting
from shared.tenancy.models import Tenant

BACKEND = "platform_core.authentication.MembershipBackend"


def make_staff(
    *tenants: Tenant, role: str = "admin", domains: Sequence[str] = (), password: str | None = None
) -> User:
    """A new person who works for these tenants."""
    name = uuid.uuid4().hex[:12]
    with acting(domain=central_domain().name, organization=None):
        user = User.objects.create_user(f"{name}@example.com", password, name=f"Staff {name}")
    for tenant in tenants:
        with acting(domain=central_domain().name, organization=tenant.id):
            invite_member(email=user.email, role=role, domain_names=domains)
    return user


def sign_in(user: User, client: Client | None = None) -> Client:
    """A browser (``client``, or a new one) in which this person is signed in. Django's ``force_login`` would look the
    new session up, which no unit may, and note the time at the person, which needs a unit."""
    request = HttpRequest()
    request.session = SessionStore()
    with acting(domain=central_domain().name, organization=None):
        login(request, user, backend=BACKEND)
    request.session.save()
    client = client or Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = request.session.session_key
    return client


def staff_client(tenant: Tenant, *, role: str = "admin", domains: Sequence[str] = ()) -> Client:
    """A signed-in browser of somebody who works for this tenant alone."""
    return sign_in(make_staff(tenant, role=role, domains=domains))


class _FormReader(HTMLParser):
    def __init__(self, form_id: str) -> None:
        super().__init__()
        self.form_id = form_id
        self.values: dict[str, str | list[str]] = {}
        self._inside = False
        self._select: str | None = None
        self._area: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self._inside = given.get("id") == self.form_id
        name = given.get("name")
        if not self._inside:
            return
        if tag == "input" and name and given.get("type") not in {"submit", "button", "file"}:
            if given.get("type") in {"checkbox", "radio"}:
                if "checked" in given:
                    self._add(name, given.get("value") or "on")
            else:
                self.values[name] = given.get("value") or ""
        elif tag == "select" and name:
            self._select = name
        elif tag == "option" and self._select and "selected" in given:
            self._add(self._select, given.get("value") or "")
        elif tag == "textarea" and name:
            self._area = name
            self.values[name] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area:
            self.values[self._area] = f"{self.values[self._area]}{data}".removeprefix("\n").removeprefix(
                "\r\n"
            )

    def _add(self, name: str, value: str) -> None:
        known = self.values.get(name)
        if known is None:
            self.values[name] = value
        elif isinstance(known, list):
            known.append(value)
        else:
            self.values[name] = [known, value]


def read_form(html: str, form_id: str) -> dict[str, str | list[str]]:
    """What a browser would send for a form as it was opened, without its buttons."""
    reader = _FormReader(form_id)
    reader.feed(html)
    return reader.values
