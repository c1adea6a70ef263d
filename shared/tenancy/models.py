"""Tenants, their hostnames, the keys of their integrations, and the people who work for them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django_tenants.models import DomainMixin, TenantMixin

from shared.domains.access import TableAccess
from shared.records import Record, TenantUnique
from shared.records.identifiers import UUID7, uuid7
from shared.records.texts import check_texts
from shared.session import tenant_schema_name
from shared.tenancy.choices import TenantStatus

PLATFORM_WRITES = ("platform",)


class Tenant(TenantMixin):
    """An organization that uses Trellis (django-tenants' tenant model)."""

    table_access: ClassVar[TableAccess] = TableAccess(tenant_column="id", writers=PLATFORM_WRITES)
    global_columns: ClassVar[dict[str, str]] = {
        "slug": "names the tenant to the world",
        "schema_name": "PostgreSQL schemas are named across tenants",
    }
    auto_create_schema = False  # the owner makes schemas: manage.py provision
    auto_drop_schema = False

    id = models.UUIDField(primary_key=True, default=uuid7, db_default=UUID7(), editable=False)
    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=63, unique=True, help_text="Short name, as in its hostname.")
    status = models.CharField(max_length=16, choices=TenantStatus, default=TenantStatus.ACTIVE)
    plan = models.CharField(max_length=32, default="standard")
    schema_version = models.PositiveIntegerField(default=0, editable=False)
    settings = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)
    updated_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)

    class Meta:
        db_table = 'shared"."tenants'
        ordering = ("name",)
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=TenantStatus.values), name="tenants_status_check"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; the schema is named after the identifier, so that no name can collide or be reused."""
        self.schema_name = tenant_schema_name(self.id)
        super().save(*args, **kwargs)

    def clean_fields(self, exclude: Any = None) -> None:
        """Validate the fields, and what their texts show."""
        super().clean_fields(exclude)
        check_texts(self, exclude)

    @property
    def is_active(self) -> bool:
        return self.status == TenantStatus.ACTIVE


class TenantDomain(DomainMixin):
    """A hostname of a tenant (django-tenants' domain model)."""

    table_access: ClassVar[TableAccess] = TableAccess(tenant_column="tenant_id", writers=PLATFORM_WRITES)

    global_columns: ClassVar[dict[str, str]] = {
        "domain": "a hostname is looked up before its tenant is known",
        "is_primary": "django-tenants' own index",
    }

    id = models.UUIDField(primary_key=True, default=uuid7, db_default=UUID7(), editable=False)

    class Meta:
        db_table = 'shared"."tenant_domains'
        verbose_name = "hostname"
        ordering = ("domain",)

    def __str__(self) -> str:
        return str(self.domain)


class UserProfile(Record):
    """A person as the tenant knows them: what agents, owners and assignees refer to.

    The name is what this tenant calls them; the e-mail is copied from platform's users. An app in a database of its
    own needs no other."""

    table_access: ClassVar[TableAccess] = TableAccess(writers=PLATFORM_WRITES)
    describes: ClassVar[str] = "staff"

    user_id = models.UUIDField(editable=False)
    name = models.CharField(max_length=200)
    email = models.EmailField(max_length=254)
    preferences = models.JSONField(default=dict, blank=True)

    class Meta(Record.Meta):
        db_table = 'shared"."user_profiles'
        constraints = [TenantUnique(fields=["user_id"], name="user_profiles_user_key")]
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name or self.email


class ApiKey(Record):
    """A key of a service identity: shown once, stored hashed.

    ``scopes`` are ``<domain>:read`` and ``<domain>:write``; none by default. ``rate_limit`` is calls per minute.
    """

    table_access: ClassVar[TableAccess] = TableAccess(readers=PLATFORM_WRITES, writers=PLATFORM_WRITES)
    secret_fields: ClassVar[tuple[str, ...]] = ("digest",)
    global_columns: ClassVar[dict[str, str]] = {"digest": "a key is looked up before its tenant is known"}

    name = models.CharField(
        max_length=100, help_text="The service that uses the key, as it appears in the log."
    )
    prefix = models.CharField(max_length=12, editable=False)
    digest = models.BinaryField(unique=True, editable=False)
    scopes = ArrayField(models.CharField(max_length=64), default=list, blank=True)
    rate_limit = models.PositiveIntegerField(default=600, help_text="Calls per minute.")
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    rotated_from_id = models.UUIDField(null=True, blank=True, editable=False)

    class Meta(Record.Meta):
        db_table = 'shared"."api_keys'
        verbose_name = "API key"
        indexes = [models.Index("organization", "created_at", "id", name="api_keys_newest")]

    def __str__(self) -> str:
        return f"{self.name} (trl_{self.prefix}…)"


class ApiKeyUse(models.Model):
    """When a key was last used, to the minute, in this database. A row of its own: that a key is used changes nothing in
    it, so it makes no version."""

    table_access: ClassVar[TableAccess] = TableAccess(readers=PLATFORM_WRITES, writers=())

    key_id = models.UUIDField(primary_key=True, editable=False)
    organization_id = models.UUIDField(editable=False)
    used_at = models.DateTimeField(editable=False)

    class Meta:
        db_table = 'shared"."api_key_uses'
        verbose_name = "use of an API key"
        verbose_name_plural = "uses of API keys"

    def __str__(self) -> str:
        return f"{self.key_id} at {self.used_at:%Y-%m-%d %H:%M}"
