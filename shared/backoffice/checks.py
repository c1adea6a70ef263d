"""System checks of record pages."""

from __future__ import annotations

from typing import Any

from django.core import checks
from unfold.checks import UnfoldModelAdminChecks


class RecordAdminChecks(UnfoldModelAdminChecks):
    """Refuses what would write around the version check or search without an index."""

    def check(self, admin_obj: Any, **kwargs: Any) -> list[checks.CheckMessage]:
        errors: list[checks.CheckMessage] = list(super().check(admin_obj, **kwargs))
        name = type(admin_obj).__name__
        if admin_obj.list_editable:
            errors.append(
                checks.Error(
                    f"{name}.list_editable overwrites what others saved since the list was opened.",
                    hint="Offer an action, or the record's page.",
                    obj=type(admin_obj),
                    id="backoffice.E001",
                )
            )
        if type(admin_obj).search_fields:
            errors.append(
                checks.Error(
                    f"{name}.search_fields searches by LIKE, which reads every row under row-level security.",
                    hint="Use search_prefixes with indexed columns, led by the tenant.",
                    obj=type(admin_obj),
                    id="backoffice.E002",
                )
            )
        return errors
