"""Who may sign in, and what a membership allows."""

from __future__ import annotations

import uuid
from typing import Any

from django.apps import apps
from django.contrib.auth.backends import BaseBackend

from platform_core.choices import Role
from platform_core.models import User
from shared.domains.registry import central_domain, find_domain_of_app
from shared.session import acting

ADMINISTRATION = {
    "platform_core": {"user", "membership", "session"},
    "shared": {"tenant", "tenantdomain", "apikey", "userprofile"},
}
"""Models that only an administrator of the tenant may touch, besides those that say so themselves."""

ONLY_ADMINISTRATORS = frozenset({"delete", "export"})
"""What only an administrator of the tenant may do with the others."""


class MembershipBackend(BaseBackend):
    """Signs people in by e-mail and password; answers ``has_perm`` from the membership of the chosen tenant."""

    def authenticate(
        self, request: Any, username: str | None = None, password: str | None = None, **_: Any
    ) -> Any:
        email = (username or "").strip().lower()
        if not email or password is None or "\x00" in email:
            return None
        with acting(domain=central_domain().name, organization=None):
            user = User.objects.filter(email_norm=email).first()
            if user is None:
                User().set_password(password)  # as slow as a real check: the answer's time tells nothing
                return None
            return user if user.is_active and user.check_password(password) else None

    def get_user(self, user_id: Any) -> User | None:
        try:
            identifier = uuid.UUID(str(user_id))
        except ValueError:
            return None
        with acting(domain=central_domain().name, organization=None):
            return User.objects.filter(pk=identifier, is_active=True).first()

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        membership = getattr(user_obj, "membership", None)
        if membership is None or not user_obj.is_active:
            return False
        app_label, _, codename = perm.partition(".")
        if not _works_in(membership, app_label):
            return False
        if membership.role == Role.ADMIN:
            return True
        action, _, model = codename.partition("_")
        return not _is_administered(app_label, model) and action not in ONLY_ADMINISTRATORS

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        membership = getattr(user_obj, "membership", None)
        if membership is None or not user_obj.is_active or not _works_in(membership, app_label):
            return False
        return membership.role == Role.ADMIN or app_label != "shared"


def _is_administered(app_label: str, model: str) -> bool:
    known: Any = apps.all_models[app_label].get(model)
    return model in ADMINISTRATION.get(app_label, set()) or getattr(known, "administered", False)


def _works_in(membership: Any, app_label: str) -> bool:
    """Whether the membership covers the domain of an app; an empty list of domains means all."""
    if not apps.is_installed(apps.get_app_config(app_label).name):
        return False
    domain = find_domain_of_app(app_label) or central_domain()
    return not membership.domains or domain.name in membership.domains
