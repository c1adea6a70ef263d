"""The form that people sign in with."""

from __future__ import annotations

from typing import Any

from django import forms
from unfold.forms import AuthenticationForm


class SignInForm(AuthenticationForm):
    """E-mail and password."""

    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": "E-mail and password do not match: check both, and whether Caps Lock is on.",
        "inactive": "This account is switched off: ask an administrator of your organization.",
    }

    def __init__(self, request: Any = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        field = self.fields["username"]
        field.label = "E-mail"
        field.widget.attrs.update({"type": "email", "autocomplete": "username", "inputmode": "email"})
        self.fields["password"].widget.attrs["autocomplete"] = "current-password"

    def clean_username(self) -> str:
        """As it is compared: without spaces around it, in lower case, so that no spelling evades the
        lock-out."""
        return str(self.cleaned_data["username"]).strip().lower()

    def get_invalid_login_error(self) -> forms.ValidationError:
        return forms.ValidationError(self.error_messages["invalid_login"], code="invalid_login")
