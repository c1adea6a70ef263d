"""Forms of records: no lost update, no crash for a rule of a field that the page does not show."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

from shared.errors import DomainError

VERSION_FIELD = "record_version"


class InlineRecordForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form whose model may refuse a field that is not on the page: the error then belongs to the form."""

    def add_error(self, field: str | None, error: Any) -> None:
        if isinstance(error, ValidationError) and hasattr(error, "error_dict"):
            for name, errors in error.error_dict.items():
                super().add_error(name if name in self.fields else None, ValidationError(errors))
            return
        super().add_error(field if field in self.fields or field == NON_FIELD_ERRORS else None, error)


class RecordForm(InlineRecordForm):
    """A record's form. It carries the version that it was opened with, so that nobody overwrites what they
    did not see; ``refusal`` is what the service said to the first attempt."""

    refusal: ClassVar[DomainError | None] = None
    record_version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        version = getattr(self.instance, "version", None)
        if version is None or self.instance._state.adding:
            del self.fields[VERSION_FIELD]
        else:
            self.fields[VERSION_FIELD].initial = version

    def clean(self) -> Any:
        cleaned = super().clean()
        if VERSION_FIELD in self.fields and self.cleaned_data.get(VERSION_FIELD) != self.instance.version:
            name = self._meta.model._meta.verbose_name
            raise ValidationError(
                f"This {name} has changed since you opened it, and nothing was saved: "
                "copy what you typed, reload the page and make your change again.",
                code="stale_version",
            )
        return cleaned

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # Django's own hook
        if self.refusal is not None:
            errors = getattr(self.refusal, "errors", {})
            for name, messages in errors.items():
                self.add_error(name or None, ValidationError(messages))
            if not errors:
                self.add_error(None, str(self.refusal))
