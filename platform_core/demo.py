"""The platform's part of the demo: who signs in, and a few customers."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from decimal import Decimal

from django.utils import timezone

from platform_core.choices import PURCHASE, Role
from platform_core.models import Membership
from platform_core.services.company import find_or_create_company
from platform_core.services.customer import find_or_create_customer
from platform_core.services.interaction import record_interaction
from platform_core.services.membership import invite_member
from platform_core.services.profile import refresh_profiles
from platform_core.services.user import find_or_create_user, set_password
from shared.demo.credentials import AccessFile, make_password
from shared.demo.story import DemoCustomer, customers_of
from shared.session import acting
from shared.tenancy.models import Tenant


def keep_people(tenants: Sequence[Tenant], access: AccessFile) -> None:
    """An administrator who works for both tenants, an agent who works for the first."""
    first = tenants[0]
    _keep(access, "admin", "admin@trellis.example", "Ada Administrator", Role.ADMIN, tenants)
    _keep(access, "agent", "agent@trellis.example", "Ben Agent", Role.USER, [first])


def _keep(
    access: AccessFile, part: str, email: str, name: str, role: Role, tenants: Collection[Tenant]
) -> None:
    login = access.section(part)
    with acting(domain="platform", organization=None):
        user, _ = find_or_create_user(email=email, name=name)
        password = login.get("password")
        if not isinstance(password, str) or login.get("email") != email or not user.check_password(password):
            password = make_password()
            set_password(user=user, password=password)
    login.update(email=email, password=password)
    for tenant in tenants:
        with acting(domain="platform", organization=tenant.pk):
            if not Membership.objects.filter(user_id=user.pk).exists():
                invite_member(email=email, name=name, role=role)


def seed(tenant: Tenant) -> None:
    """Companies, customers, and what they bought."""
    made = False
    for told in customers_of(tenant):
        customer, new = find_or_create_customer(
            email=told.email,
            name=told.name,
            phone=told.phone,
            account_tier=told.tier,
            preferred_language=told.language,
            company_id=find_or_create_company(name=told.company).pk if told.company else None,
        )
        if new:
            _buy(customer.pk, told)
            made = True
    if made:
        refresh_profiles()


def _buy(customer_id: uuid.UUID, told: DemoCustomer) -> None:
    now = timezone.now()
    for days, amount in told.purchases:
        record_interaction(
            customer_id=customer_id,
            interaction_type=PURCHASE,
            occurred_at=now - dt.timedelta(days=days),
            channel="web",
            amount=Decimal(amount),
            currency="EUR",
            source="demo",
            external_id=f"order-{days}",
        )
