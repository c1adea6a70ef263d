"""Constraints between tenant tables: each includes the tenant, since PostgreSQL checks them outside row security."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement, Table
from django.db.models.constraints import BaseConstraint

ON_DELETE_SQL = {
    "CASCADE": "CASCADE",
    "SET_NULL": "SET NULL ({column})",  # the bare form would null the tenant as well
    "PROTECT": "NO ACTION",
    "RESTRICT": "NO ACTION",
    "DO_NOTHING": "NO ACTION",
}


def short_name(*parts: str) -> str:
    """A constraint name of at most 63 bytes; too long ones end in a hash of the whole."""
    name = "_".join(parts)
    if len(name) <= 63:
        return name
    return f"{name[:54]}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"


class TenantForeignKeyConstraint(BaseConstraint):
    """``FOREIGN KEY (organization_id, x_id) REFERENCES … (organization_id, id)``.

    Added to ``Meta.constraints`` by the record metaclass for every TenantForeignKey, so that a row can never refer
    to another tenant's row. ``field`` is the name of the foreign key field, ``on_delete`` the name of Django's rule.
    """

    def __init__(self, *, name: str, field: str, on_delete: str) -> None:
        super().__init__(name=name)
        if on_delete not in ON_DELETE_SQL:
            raise ValueError(
                f"on_delete={on_delete} has no rule in PostgreSQL; use one of {sorted(ON_DELETE_SQL)}."
            )
        self.field = field
        self.on_delete = on_delete

    def _clause(self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor) -> str:
        quote = schema_editor.quote_name
        field = model._meta.get_field(self.field)
        assert isinstance(field, models.ForeignKey)
        target = field.remote_field.model._meta
        column = quote(str(field.column))
        rule = ON_DELETE_SQL[self.on_delete].format(column=column)
        return (
            f'FOREIGN KEY ("organization_id", {column}) REFERENCES {quote(target.db_table)} '
            f'("organization_id", {quote(str(target.pk.column))}) ON DELETE {rule}'
        )

    def constraint_sql(self, model: Any, schema_editor: Any) -> Any:
        self.create_sql(model, schema_editor)

    def create_sql(self, model: Any, schema_editor: Any) -> Any:
        """Defer to the end of the migration, as Django does with its own: only then is the target's unique
        (organization_id, id) there, whichever operation comes first."""
        schema_editor.deferred_sql.append(
            Statement(
                "ALTER TABLE %(table)s ADD CONSTRAINT %(name)s %(clause)s",
                table=Table(model._meta.db_table, schema_editor.quote_name),
                name=schema_editor.quote_name(self.name),
                clause=self._clause(model, schema_editor),
            )
        )

    def remove_sql(self, model: Any, schema_editor: Any) -> Any:
        return Statement(
            "ALTER TABLE %(table)s DROP CONSTRAINT %(name)s",
            table=Table(model._meta.db_table, schema_editor.quote_name),
            name=schema_editor.quote_name(self.name),
        )

    def validate(self, model: Any, instance: Any, exclude: Any = None, using: str = "default") -> None:
        """Nothing to add: the field's own validation looks the target up under row security."""

    def __eq__(self, other: object) -> bool:
        if isinstance(other, TenantForeignKeyConstraint):
            return (self.name, self.field, self.on_delete) == (other.name, other.field, other.on_delete)
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]  # mutable, as Django's own constraints

    def deconstruct(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        path, args, kwargs = super().deconstruct()
        kwargs["field"] = self.field
        kwargs["on_delete"] = self.on_delete
        return path, tuple(args), kwargs


class TenantUnique(models.UniqueConstraint):
    """Unique within a tenant, among living rows; a violation is an error of the field, not of the form.

    ``fields`` are without the tenant. ``error_field`` names the field that the user typed, where a normalised or
    generated column carries the rule (``email_norm`` for ``email``). ``message`` says what exists already, where the
    names of the fields do not (a condition). ``living=False`` counts deleted rows too.
    """

    def __init__(
        self,
        *,
        fields: Sequence[str],
        name: str,
        condition: models.Q | None = None,
        living: bool = True,
        error_field: str = "",
        message: str = "",
    ) -> None:
        self.own_fields = tuple(fields)
        self.own_condition = condition
        self.living = living
        self.error_field = error_field or self.own_fields[-1]
        self.message = message
        among = models.Q(deleted_at__isnull=True) if living else None
        if condition is not None:
            among = condition if among is None else among & condition
        super().__init__(fields=("organization", *fields), name=name, condition=among)

    def deconstruct(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        path = f"{self.__class__.__module__}.{self.__class__.__name__}"
        kwargs: dict[str, Any] = {"fields": self.own_fields, "name": self.name}
        if self.own_condition is not None:
            kwargs["condition"] = self.own_condition
        if not self.living:
            kwargs["living"] = False
        if self.error_field != self.own_fields[-1]:
            kwargs["error_field"] = self.error_field
        return path, (), kwargs  # without the message: other words are no other schema

    def refusal(self, model: type[models.Model]) -> str:
        """One sentence that says what exists already."""
        return self.message or duplicate_sentence(model, (*self.own_fields[:-1], self.error_field))

    def validate(
        self,
        model: Any,
        instance: Any,
        exclude: Collection[str] | None = None,
        using: str = "default",
    ) -> None:
        """Raise a ValidationError on ``error_field``. Unlike Django's, it is not skipped because the tenant is not
        in the form; the form or serializer has set it on the instance."""
        if getattr(instance, "deleted_at", None) is not None and self.living:
            return
        rows = model._base_manager.using(using).filter(organization_id=instance.organization_id)
        if self.condition is not None:
            rows = rows.filter(self.condition)
        for name in self.own_fields:
            value = _value_of(model, instance, name)
            if value is None:  # NULLs are distinct
                return
            rows = rows.filter(**{name: value})
        if not instance._state.adding:
            rows = rows.exclude(pk=instance.pk)
        if self.own_condition is not None and not _holds(self.own_condition, model, instance):
            return
        if rows.exists():
            refused = ValidationError(self.refusal(model), code="unique")
            raise ValidationError({self.error_field: refused})


def duplicate_sentence(model: type[models.Model], names: Sequence[str]) -> str:
    """``There is already a company with this name.``"""
    noun = str(model._meta.verbose_name)
    article = "an" if noun[0].lower() in "aeiou" else "a"
    labels = [str(getattr(model._meta.get_field(name), "verbose_name", name)) for name in names]
    return f"There is already {article} {noun} with this {' and '.join(labels)}."


def _value_of(model: type[models.Model], instance: models.Model, name: str) -> Any:
    """The value that a field will have; a generated one is computed by the database from the instance's fields."""
    field = model._meta.get_field(name)
    if isinstance(field, models.GeneratedField):
        replacements = {
            models.F(f.name): models.Value(getattr(instance, f.attname), f)
            for f in model._meta.concrete_fields
            if not isinstance(f, models.GeneratedField)
        }
        expression: Any = field.expression  # type: ignore[attr-defined]  # missing in the stubs
        return expression.replace_expressions(replacements)
    value = getattr(instance, field.attname)  # type: ignore[union-attr]
    return None if value is None else value


def _holds(condition: models.Q, model: type[models.Model], instance: models.Model) -> bool:
    """Whether the instance itself falls under a partial constraint's condition."""
    against = {
        f.name: models.Value(getattr(instance, f.attname), f)
        for f in model._meta.concrete_fields
        if not isinstance(f, models.GeneratedField)
    }
    return condition.check(against)
