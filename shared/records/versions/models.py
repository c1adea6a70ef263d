"""The model of a version table: the record's columns, and since when, until when, by whom and why it was so."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any, ClassVar

from django.db import models
from simple_history.models import HistoricalRecords

from shared.domains.access import TableAccess, access_of
from shared.domains.registry import split_table
from shared.records.constraints import short_name

SUFFIX = "_history"
VERSION_ROWS = TableAccess(written_by_history=True)


class VersionRow(models.Model):
    """What a version says beside the record's own columns.

    It was so from ``history_date`` (column ``valid_from``) on and before ``valid_to``, which is empty while it is so.
    The version of type ``-`` says that there is no record any more. ``history_user_id`` is who acted, by
    ``history_actor_kind`` a user or an API key; an id and a name, since people and keys may go.
    """

    table_access: ClassVar[TableAccess] = VERSION_ROWS

    valid_to = models.DateTimeField(null=True, editable=False)
    history_actor_kind = models.CharField(max_length=16, default="", editable=False)
    history_actor_name = models.TextField(default="", editable=False)
    history_request_id = models.TextField(default="", editable=False)
    history_app = models.CharField(max_length=32, default="", editable=False)

    class Meta:
        abstract = True


def is_version(model: type[models.Model]) -> bool:
    """Whether a model is that of a version table; migration states know it too."""
    return issubclass(model, VersionRow)


def version_table(db_table: str) -> str:
    """``support_app"."tickets`` → ``support_app"."tickets_history``."""
    return f"{db_table}{SUFFIX}"


class Versions(HistoricalRecords):
    """simple-history's declaration, without its signals: the triggers write, whatever the path."""

    def __init__(self) -> None:
        super().__init__(
            inherit=True,
            bases=(VersionRow,),
            history_id_field=models.BigAutoField(),
            history_user_id_field=models.UUIDField(null=True, editable=False),
            history_user_getter=lambda version: version.history_actor_name or None,
            history_user_setter=lambda version, user: None,
        )

    def post_save(self, *args: Any, **kwargs: Any) -> None:
        """The trigger has written the version."""

    post_delete = pre_delete = m2m_changed = post_save

    def create_history_model(self, model: Any, inherited: bool) -> Any:
        created: Any = super().create_history_model(model, inherited)
        created.table_access = replace(access_of(model), written_by_history=True, append_only=False)
        return created

    def fields_included(self, model: Any) -> list[Any]:
        """All columns but secrets, which are remembered nowhere."""
        secrets = getattr(model, "secret_fields", ())
        return [field for field in model._meta.fields if field.name not in secrets]

    def copy_fields(self, model: Any) -> dict[str, Any]:
        """Plain columns: no index but those of the version table, no default, nothing generated."""
        fields: dict[str, Any] = super().copy_fields(model)
        for original in self.fields_included(model):
            if isinstance(original, models.GeneratedField):
                plain: Any = original.output_field.clone()  # type: ignore[attr-defined,union-attr]  # missing in the stubs
                plain.null = True
                plain.db_column = original.column
                plain.name = original.name
                fields[original.name] = plain
        for field in fields.values():
            field.db_index = False
            field.db_default = models.NOT_PROVIDED
        return fields

    def _get_history_user_fields(self) -> dict[str, Any]:
        # A field belongs to one model; simple-history would share this one among all.
        shared: dict[str, Any] = super()._get_history_user_fields()
        return {**shared, "history_user_id": shared["history_user_id"].clone()}

    def _get_history_change_reason_field(self) -> Any:
        return models.TextField(default="", editable=False)

    def get_extra_fields(self, model: Any, fields: Any) -> dict[str, Any]:
        extra: dict[str, Any] = super().get_extra_fields(model, fields)
        extra["history_date"] = models.DateTimeField(db_column="valid_from", editable=False)
        extra["__str__"] = lambda version: (
            f"{model._meta.verbose_name} {version.id}, version {version.version}"
        )
        return extra

    def get_meta_options(self, model: Any) -> dict[str, Any]:
        options: dict[str, Any] = super().get_meta_options(model)
        db_table = version_table(model._meta.db_table)
        name = f"{model._meta.app_label}_{split_table(db_table)[1]}"
        digest = hashlib.sha256(name.encode()).hexdigest()[:8]
        noun = str(model._meta.verbose_name)
        options |= {
            "db_table": db_table,
            "verbose_name": f"version of {noun}",
            "verbose_name_plural": f"versions of {model._meta.verbose_name_plural}",
            "ordering": ("-history_date", "-history_id"),
            "indexes": [
                # A page of a list as of a date: newest first, and only what was there by then.
                models.Index(
                    fields=["organization", "-created_at", "-id", "history_date"],
                    name=f"{model._meta.app_label[:12]}_{digest}_as_of",
                )
            ],
            "constraints": [
                models.UniqueConstraint(
                    fields=["organization", "id"],
                    condition=models.Q(valid_to__isnull=True),
                    name=short_name(name, "open"),
                ),
                models.UniqueConstraint(
                    fields=["organization", "id", "version"], name=short_name(name, "version")
                ),
            ],
        }
        return options
