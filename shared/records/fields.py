"""Fields of the record kit."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.fields.related_descriptors import ForwardManyToOneDescriptor

from shared.records.versions.past import look_back, moment_of_record


class TimedReference(ForwardManyToOneDescriptor):
    """Leads from a record of the past to what it referred to then, as it was then."""

    def get_queryset(self, **hints: Any) -> Any:
        rows = super().get_queryset(**hints)
        moment = moment_of_record(hints.get("instance"))
        return rows if moment is None else look_back(rows, moment)

    def get_prefetch_querysets(self, instances: Any, querysets: Any = None) -> Any:
        return super().get_prefetch_querysets(
            instances, querysets or [self.get_queryset(instance=instances[0])]
        )


class TenantForeignKey(models.ForeignKey):
    """A reference to a record of the same tenant.

    The database constraint is the composite one of TenantForeignKeyConstraint, which the record metaclass adds;
    Django's own, on the id alone, would accept another tenant's row.
    """

    forward_related_accessor_class = TimedReference

    def __init__(self, to: Any, on_delete: Any, **kwargs: Any) -> None:
        kwargs["db_constraint"] = False
        kwargs.setdefault("db_index", False)  # indexes are declared, led by the tenant
        super().__init__(to, on_delete, **kwargs)

    def deconstruct(self) -> tuple[Any, Any, Any, Any]:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("db_constraint", None)
        kwargs.setdefault("db_index", self.db_index)  # type: ignore[attr-defined]  # missing in the stubs
        return name, path, args, kwargs
