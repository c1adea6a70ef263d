"""Fields of the record kit."""

from __future__ import annotations

from typing import Any

from django.db import models


class TenantForeignKey(models.ForeignKey):
    """A reference to a record of the same tenant.

    The database constraint is the composite one of TenantForeignKeyConstraint, which the record metaclass adds;
    Django's own, on the id alone, would accept another tenant's row.
    """

    def __init__(self, to: Any, on_delete: Any, **kwargs: Any) -> None:
        kwargs["db_constraint"] = False
        kwargs.setdefault("db_index", False)  # indexes are declared, led by the tenant
        super().__init__(to, on_delete, **kwargs)

    def deconstruct(self) -> tuple[Any, Any, Any, Any]:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("db_constraint", None)
        kwargs.setdefault("db_index", self.db_index)  # type: ignore[attr-defined]  # missing in the stubs
        return name, path, args, kwargs
