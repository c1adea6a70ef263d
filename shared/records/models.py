"""The base of every tenant table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.db import connections, models
from django.db.models.base import ModelBase
from django.db.models.functions import Now
from django.db.models.sql import UpdateQuery
from django.utils import timezone

from shared.domains.access import TENANT_ROWS, TableAccess
from shared.domains.registry import split_table
from shared.records.constraints import TenantForeignKeyConstraint, short_name
from shared.records.deletion import hide, unhide
from shared.records.fields import TenantForeignKey
from shared.records.identifiers import UUID7, uuid7
from shared.records.managers import LivingManager, TenantManager
from shared.records.texts import check_texts
from shared.records.versions.models import Versions
from shared.records.versions.past import look_back, moment_of_record, refuse_past
from shared.session.facts import current

if TYPE_CHECKING:
    from shared.events.telling import Tells


class RecordBase(ModelBase):
    """Adds to ``Meta.constraints`` what follows from the fields: same-tenant foreign keys and their target."""

    def __new__(cls, name: str, bases: tuple[type, ...], attrs: dict[str, Any], **kwargs: Any) -> Any:
        model: Any = super().__new__(cls, name, bases, attrs, **kwargs)
        meta = model._meta
        if meta.abstract or meta.proxy:
            return model
        # Django wants names that no other app has, PostgreSQL only ones that the schema has not.
        table = f"{meta.app_label}_{split_table(meta.db_table)[1]}"
        derived: list[models.constraints.BaseConstraint] = []
        if model.referable:
            derived.append(
                models.UniqueConstraint(
                    fields=["organization", "id"], name=short_name(table, "organization_id_key")
                )
            )
        derived.extend(
            TenantForeignKeyConstraint(
                name=short_name(table, field.column, "fk"),
                field=field.name,
                on_delete=getattr(field.remote_field.on_delete, "__name__", ""),
            )
            for field in meta.local_fields
            if isinstance(field, TenantForeignKey)
        )
        meta.constraints = [*meta.constraints, *derived]
        meta.original_attrs["constraints"] = meta.constraints  # the autodetector looks here
        return model


def noun_of(model: type[models.Model]) -> str:
    """A model's name as a word of code: ``ticket``, ``pipeline_stage``."""
    name = model.__name__
    return "".join(f"_{c.lower()}" if c.isupper() and i else c.lower() for i, c in enumerate(name))


class TenantRow(models.Model, metaclass=RecordBase):
    """A row that belongs to a tenant: identifier, tenant, time, and the app that made it."""

    table_access: ClassVar[TableAccess] = TENANT_ROWS
    referable: ClassVar[bool] = True
    """Whether other tables may refer to it: unique (organization_id, id)."""
    administered: ClassVar[bool] = False
    """Whether only administrators of the tenant may touch it in the back office."""

    id = models.UUIDField(primary_key=True, default=uuid7, db_default=UUID7(), editable=False)
    organization = models.ForeignKey(
        "shared.Tenant", on_delete=models.PROTECT, related_name="+", editable=False, db_index=False
    )
    created_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)
    created_by_app = models.CharField(max_length=32, editable=False, default="", db_default="")

    objects = TenantManager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, taking tenant and app from the unit of work where they are not set."""
        refuse_past(self)
        self.adopt_unit()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Remove the row; one that was read as of a moment stays."""
        refuse_past(self)
        return super().delete(*args, **kwargs)

    def refresh_from_db(self, using: Any = None, fields: Any = None, from_queryset: Any = None) -> None:
        """Django's; a record of the past is read again as of its moment."""
        moment = moment_of_record(self)
        if moment is not None and from_queryset is None:
            from_queryset = look_back(type(self)._base_manager.using(using), moment)
        super().refresh_from_db(using=using, fields=fields, from_queryset=from_queryset)  # type: ignore[call-arg]

    def adopt_unit(self) -> None:
        """Take tenant and app from the current unit, as forms and serializers do before validating constraints."""
        facts = current()
        if facts is None or not self._state.adding:
            return
        if self.organization_id is None and facts.organization is not None:
            self.organization_id = facts.organization
        if not self.created_by_app:
            self.created_by_app = facts.domain or "operator"

    def clean_fields(self, exclude: Any = None) -> None:
        """Validate the fields with the tenant already set, and what their texts show."""
        self.adopt_unit()
        super().clean_fields(exclude)
        check_texts(self, exclude)


class Record(TenantRow):
    """A tenant's record: versioned, soft-deleted, with custom fields.

    ``version`` and ``updated_at`` are raised by a trigger, whatever writes, and read back by ``save()``.
    """

    secret_fields: ClassVar[tuple[str, ...]] = ()
    """Fields that neither versions nor the activity log may hold."""
    quiet_fields: ClassVar[tuple[str, ...]] = ()
    """Fields whose changes make versions, but no entry of the activity log."""
    sorted_fields: ClassVar[tuple[str, ...]] = ()
    """Decimals that lists are sorted by: they get terms as custom fields do, since an index on ``numeric`` serves no range
    under row-level security."""
    undoable: ClassVar[bool] = True
    """Whether changes can be undone; not where records are computed from others."""
    retained_from: ClassVar[str] = ""
    """The time from which a tenant's rule of retention counts; none where such records do not age."""
    tells: ClassVar[Tells | str] = ""
    """What publishes every change of it, whatever writes: an event, or a trigger function (``shared/events/telling.py``)."""
    takes_custom_fields: ClassVar[bool] = True
    """Whether tenants may define fields for it; not where nobody writes it by hand."""

    updated_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    custom_fields = models.JSONField(default=dict, db_default={}, blank=True)

    objects: ClassVar[Any] = LivingManager()
    all_objects = TenantManager()
    history = Versions()

    class Meta(TenantRow.Meta):
        abstract = True

    def soft_delete(self) -> None:
        """Hide this record and what would cascade with it."""
        refuse_past(self)
        at = timezone.now()
        hide(type(self)._base_manager.filter(pk=self.pk), at=at)
        self.refresh_from_db(fields=["deleted_at", "version", "updated_at"])

    def restore(self) -> None:
        """Bring a hidden record back with what went with it; nothing happens to a living one."""
        refuse_past(self)
        if self.deleted_at is not None:
            unhide(type(self)._base_manager.filter(pk=self.pk), at=self.deleted_at)
            self.refresh_from_db(fields=["deleted_at", "version", "updated_at"])

    def _do_update(  # type: ignore[override]  # the stubs are of a later Django
        self, base_qs: Any, using: str, pk_val: Any, values: Any, update_fields: Any, forced_update: bool
    ) -> bool:
        """Django's UPDATE of one row, with RETURNING, so that the trigger's version and time are known without a
        second query."""
        if not values:
            saved = super()._do_update(base_qs, using, pk_val, values, update_fields, forced_update)  # type: ignore[call-arg]
            return bool(saved)
        query = base_qs.filter(pk=pk_val).query.chain(UpdateQuery)
        query.add_update_fields(values)
        sql, params = query.get_compiler(using).as_sql()
        with connections[using].cursor() as cursor:
            cursor.execute(f"{sql} RETURNING version, updated_at", params)
            row = cursor.fetchone()
        if row is None:
            return False
        self.version, self.updated_at = row
        return True
