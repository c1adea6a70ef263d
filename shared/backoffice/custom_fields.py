"""Custom fields on a record's page: each a form field of its own kind, read from and written to ``custom_fields``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.html import format_html_join
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminEmailInputWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminSplitDateTimeWidget,
    UnfoldAdminTextInputWidget,
    UnfoldAdminURLInputWidget,
    UnfoldBooleanWidget,
)

from shared.records import Record
from shared.records.custom_fields.choices import FieldType, Visibility
from shared.records.custom_fields.models import CustomFieldDefinition
from shared.records.custom_fields.selectors import definitions_of, find_definition_model, visible
from shared.records.custom_fields.types import MAX_TEXT

PREFIX = "custom_fields."


class CustomFieldsMixin:
    """For record pages: adds the fieldset "Custom fields" where the tenant has defined some."""

    model: Any
    custom_field_classes: ClassVar[tuple[str, ...]] = ()
    """Classes of the fieldset on the page of a known record."""

    def custom_definitions(self, request: HttpRequest) -> Sequence[CustomFieldDefinition]:
        """The fields that pages show, read once per request."""
        if find_definition_model(self.model) is None:
            return ()
        known: dict[Any, Any] = request.__dict__.setdefault("custom_definitions", {})
        if self.model not in known:
            known[self.model] = visible(definitions_of(self.model), Visibility.API)
        found: Sequence[CustomFieldDefinition] = known[self.model]
        return found

    def custom_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """No fieldset or one, to be put among the page's own."""
        definitions = self.custom_definitions(request)
        if not definitions:
            return []
        may = self.has_change_permission(request, obj) if obj is not None else True  # type: ignore[attr-defined]
        names = tuple(PREFIX + d.key for d in definitions) if may else ("show_custom_fields",)
        return [("Custom fields", {"fields": names, "classes": self.custom_field_classes if obj else ()})]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        asked_for_names = "fields" in kwargs and kwargs["fields"] is None
        fields = {} if asked_for_names else self._custom_form_fields(request, obj)
        if fields:
            base: Any = kwargs.get("form", self.form)  # type: ignore[attr-defined]
            kwargs["form"] = type(base.__name__, (base,), fields)
        return super().get_form(request, obj, change=change, **kwargs)  # type: ignore[misc]

    def _custom_form_fields(self, request: HttpRequest, obj: Any) -> dict[str, forms.Field]:
        if obj is not None and not self.has_change_permission(request, obj):  # type: ignore[attr-defined]
            return {}
        definitions = self.custom_definitions(request)
        if not definitions:
            return {}
        values = obj.custom_fields if obj is not None else {d.key: d.default for d in definitions}
        return {PREFIX + d.key: form_field(d, values.get(d.key), adding=obj is None) for d in definitions}

    def show_custom_fields(self, obj: Record) -> str:
        """All values, for those who may only look."""
        shown = visible(definitions_of(type(obj)), Visibility.API)
        values = ((d.label, _words(obj.custom_fields[d.key])) for d in shown if d.key in obj.custom_fields)
        return format_html_join("\n", "<div>{}: {}</div>", values)

    show_custom_fields.short_description = "values"  # type: ignore[attr-defined]

    def take_custom_fields(self, request: HttpRequest, form: Any, data: dict[str, Any]) -> None:
        """Gather the form's custom fields under ``custom_fields``, as services take them: what was changed, and
        what a new record must have."""
        given = {}
        for definition in self.custom_definitions(request):
            name = PREFIX + definition.key
            if name not in data:
                continue
            value = data.pop(name)
            if name in form.changed_data or (form.instance._state.adding and definition.required):
                given[definition.key] = value
        if given:
            data["custom_fields"] = given


def form_field(definition: CustomFieldDefinition, value: Any, *, adding: bool) -> forms.Field:
    """The form field of a definition. A known record may lack what is required: it is asked for when its custom
    fields change, and the service says so."""
    kind = FieldType(definition.type)
    required = definition.required and adding and kind != FieldType.BOOLEAN
    field = _FIELDS[kind](
        definition, label=definition.label, required=required, initial=_initial(kind, value)
    )
    if definition.required and not required:
        field.help_text = "Needed."
    return field


def _initial(kind: FieldType, value: Any) -> Any:
    if isinstance(value, str) and kind == FieldType.DATE:
        return parse_date(value)
    if isinstance(value, str) and kind == FieldType.DATETIME:
        return parse_datetime(value)
    return value


def _choice(definition: CustomFieldDefinition, *, initial: Any, **options: Any) -> forms.Field:
    offered = [("", "–"), *((c, c) for c in _offered(definition, [initial] if initial else []))]
    return forms.ChoiceField(choices=offered, widget=UnfoldAdminSelectWidget, initial=initial, **options)


def _choices(definition: CustomFieldDefinition, *, initial: Any, **options: Any) -> forms.Field:
    return forms.MultipleChoiceField(
        choices=[(c, c) for c in _offered(definition, initial or [])],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        initial=initial,
        **options,
    )


def _offered(definition: CustomFieldDefinition, present: Sequence[Any]) -> list[str]:
    """The choices, and what the record has from the time when it could be chosen."""
    return [*definition.choices, *(str(p) for p in present if p not in definition.choices)]


_FIELDS: dict[FieldType, Callable[..., forms.Field]] = {
    FieldType.TEXT: lambda d, **o: forms.CharField(
        max_length=MAX_TEXT, widget=UnfoldAdminTextInputWidget, **o
    ),
    FieldType.NUMBER: lambda d, **o: forms.DecimalField(widget=UnfoldAdminDecimalFieldWidget, **o),
    FieldType.INTEGER: lambda d, **o: forms.IntegerField(widget=UnfoldAdminIntegerFieldWidget, **o),
    FieldType.BOOLEAN: lambda d, **o: forms.BooleanField(widget=UnfoldBooleanWidget, **o),
    FieldType.DATE: lambda d, **o: forms.DateField(widget=UnfoldAdminSingleDateWidget, **o),
    FieldType.DATETIME: lambda d, **o: forms.SplitDateTimeField(widget=UnfoldAdminSplitDateTimeWidget, **o),
    FieldType.CHOICE: _choice,
    FieldType.CHOICES: _choices,
    FieldType.URL: lambda d, **o: forms.URLField(
        assume_scheme="https", widget=UnfoldAdminURLInputWidget, **o
    ),
    FieldType.EMAIL: lambda d, **o: forms.EmailField(widget=UnfoldAdminEmailInputWidget, **o),
}


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
