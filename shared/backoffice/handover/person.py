"""The signed-in person where the platform's tables are out of reach."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from shared.tenancy.staff import StaffMembership


@dataclass
class Person:
    """Stands for the platform's user: as the platform described them, with the rights of the membership in force."""

    id: uuid.UUID
    name: str
    email: str
    membership: StaffMembership | None = None

    is_active = is_staff = is_authenticated = True
    is_anonymous = is_superuser = False
    has_usable_password = False  # here; at the platform they have one

    @property
    def pk(self) -> uuid.UUID:
        return self.id

    def __str__(self) -> str:
        return self.name or self.email

    def get_username(self) -> str:
        return self.email

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        from django.contrib.auth.models import _user_has_perm  # type: ignore[attr-defined]

        return bool(_user_has_perm(self, perm, obj))

    def has_perms(self, perm_list: Any, obj: Any = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perm_list)

    def has_module_perms(self, app_label: str) -> bool:
        from django.contrib.auth.models import _user_has_module_perms  # type: ignore[attr-defined]

        return bool(_user_has_module_perms(self, app_label))
