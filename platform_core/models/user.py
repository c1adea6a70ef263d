"""People who sign in, the tenants they work for, and their sessions."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models.functions import Lower, Now, Trim
from django.utils import timezone

from platform_core.choices import Role
from shared.domains.access import TableAccess
from shared.records import Record, TenantUnique
from shared.records.identifiers import UUID7, uuid7


class UserManager(BaseUserManager["User"]):
    """Finds people by their login e-mail in any case."""

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email_norm=(username or "").strip().lower())

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Create a person who may sign in; ``password`` None makes one who cannot until it is set."""
        user = self.model(email=email.strip(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """For `createsuperuser`: a person whose role is admin in every tenant they are a member of."""
        return self.create_user(email, password, role=Role.ADMIN, **fields)


class User(AbstractBaseUser):
    """A person. Global: the same person may work for several tenants (memberships)."""

    table_access: ClassVar[TableAccess] = TableAccess(
        rows="identity", readers=("platform",), writers=("platform",)
    )

    id = models.UUIDField(primary_key=True, default=uuid7, db_default=UUID7(), editable=False)
    email = models.EmailField(max_length=254)
    email_norm = models.GeneratedField(
        expression=Lower(Trim("email")),
        output_field=models.CharField(max_length=254),
        db_persist=True,
        unique=True,
    )
    name = models.CharField(max_length=200, blank=True)
    role = models.CharField(max_length=16, choices=Role, default=Role.USER)
    is_active = models.BooleanField(default=True)
    external_subject = models.CharField(max_length=255, null=True, blank=True, unique=True)
    foundation_user_id = models.CharField(max_length=64, null=True, blank=True)
    support_user_id = models.CharField(max_length=64, null=True, blank=True)
    preferences = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)
    updated_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        db_table = 'platform"."users'
        ordering = ("name", "email")
        constraints = [
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="users_role_check")
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_staff(self) -> bool:
        """Everyone who may sign in is staff of some tenant; what they may do there, their membership says."""
        return self.is_active

    @property
    def is_superuser(self) -> bool:
        """Django's superuser does not exist here: nobody stands outside of tenants."""
        return False

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        from django.contrib.auth.models import _user_has_perm  # type: ignore[attr-defined]

        return self.is_active and bool(_user_has_perm(self, perm, obj))

    def has_perms(self, perm_list: Any, obj: Any = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perm_list)

    def has_module_perms(self, app_label: str) -> bool:
        from django.contrib.auth.models import _user_has_module_perms  # type: ignore[attr-defined]

        return self.is_active and bool(_user_has_module_perms(self, app_label))


class Membership(Record):
    """A person works for a tenant, with a role there."""

    takes_custom_fields = False

    table_access: ClassVar[TableAccess] = TableAccess(readers=("platform",), writers=("platform",))
    global_columns: ClassVar[dict[str, str]] = {"user_id": "signing in asks for a person's tenants"}

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role, default=Role.USER)
    domains = models.JSONField(
        default=list, blank=True, help_text="Domains this person works in; an empty list means all of them."
    )

    class Meta(Record.Meta):
        db_table = 'platform"."memberships'
        constraints = [
            TenantUnique(fields=["user"], name="memberships_user_key"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="memberships_role_check"),
        ]

    def __str__(self) -> str:
        return f"{self.user.email} ({self.get_role_display()})"


class Session(AbstractBaseSession):
    """A staff session: who, and for which of their tenants."""

    table_access: ClassVar[TableAccess] = TableAccess(
        rows="global",
        readers=("platform",),
        writers=("platform",),
        reason="A session exists before its tenant is chosen; it is found by its secret key alone.",
    )

    user_id = models.UUIDField(null=True)
    organization_id = models.UUIDField(null=True)

    class Meta(AbstractBaseSession.Meta):
        db_table = 'platform"."sessions'

    @classmethod
    def get_session_store_class(cls) -> Any:
        from platform_core.sessions import SessionStore

        return SessionStore
