"""Who works for the tenant, and as what."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminEmailInputWidget,
    UnfoldAdminPasswordWidget,
)
from unfold.widgets import UnfoldAdminTextInputWidget as TextInput

from platform_core.models import Membership
from platform_core.services.membership import (
    change_membership,
    end_membership,
    invite_member,
    restore_membership,
)
from shared.backoffice.forms import RecordForm
from shared.backoffice.record import RecordAdmin
from shared.domains.registry import domains
from shared.tenancy.models import UserProfile


def _domain_choices() -> list[tuple[str, str]]:
    return [(domain.name, domain.title) for domain in domains()]


class MembershipForm(RecordForm):
    """What a person may do."""

    domains = forms.MultipleChoiceField(
        choices=_domain_choices,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="Where this person works; none ticked means everywhere.",
    )


class InvitationForm(MembershipForm):
    """A person who is to work for the tenant."""

    email = forms.EmailField(label="E-mail", max_length=254, widget=UnfoldAdminEmailInputWidget)
    name = forms.CharField(
        max_length=200,
        required=False,
        widget=TextInput,
        help_text="What you call this person here; other organizations do not see it.",
    )
    password = forms.CharField(
        required=False,
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text="For somebody new; hand it over in person, they can change it after signing in. Somebody "
        "who already signs in here keeps theirs.",
    )


@admin.register(Membership)
class MembershipAdmin(RecordAdmin):
    """Invite people, give them a role, let them go."""

    form = MembershipForm
    list_display = ("show_name", "show_email", "role", "show_domains", "created_at")
    list_filter = ("role",)
    fields = ("show_name", "show_email", "role", "domains")
    list_select_related = ("user",)
    icon = "assignment_ind"
    on_dashboard = False
    administration = True

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None:
            kwargs["form"] = InvitationForm
            kwargs["fields"] = ("role",)
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("email", "name", "password", "role", "domains") if obj is None else self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = super().get_readonly_fields(request, obj)
        return fields if obj is None else ("show_name", "show_email", *fields)

    def get_queryset(self, request: HttpRequest) -> Any:
        """With the name by which the tenant knows the person, which is not the one of their account."""
        profiles = UserProfile.all_objects.filter(user_id=models.OuterRef("user_id")).order_by("-created_at")
        known_as = models.Subquery(profiles.values("name")[:1])
        return super().get_queryset(request).annotate(known_as=known_as)

    def create_record(self, request: HttpRequest, data: dict[str, Any]) -> models.Model:
        return invite_member(
            email=data["email"],
            name=data["name"],
            password=data["password"] or None,
            role=data["role"],
            domain_names=data["domains"],
        )

    def update_record(self, request: HttpRequest, record: Membership, changes: dict[str, Any]) -> Membership:
        return change_membership(
            membership_id=record.pk, role=changes.get("role"), domain_names=changes.get("domains")
        )

    def delete_record(self, request: HttpRequest, record: Membership) -> None:
        end_membership(membership_id=record.pk)

    def restore_record(self, request: HttpRequest, record: Membership) -> None:
        restore_membership(membership_id=record.pk)

    @admin.display(description="name", ordering="known_as")
    def show_name(self, obj: Any) -> str:
        """What the tenant calls the person."""
        return obj.known_as or obj.user.email

    @admin.display(description="e-mail", ordering="user__email")
    def show_email(self, obj: Membership) -> str:
        """The person's e-mail."""
        return obj.user.email

    @admin.display(description="works in")
    def show_domains(self, obj: Membership) -> str:
        """The domains, or everywhere."""
        return ", ".join(obj.domains) or "everywhere"
