"""Agents."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.postgres.forms import SimpleArrayField
from django.http import HttpRequest
from unfold.decorators import display
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextInputWidget

from shared.backoffice.forms import RecordForm
from shared.backoffice.record import RecordAdmin
from support.choices import Channel, Presence
from support.models import Agent
from support.services.agent import create_agent, delete_agent, update_agent
from support.validators import MAX_CAPACITY, check_language


def _words(max_length: int, help_text: str, **options: Any) -> SimpleArrayField:
    return SimpleArrayField(
        forms.CharField(max_length=max_length, **options),
        required=False,
        max_length=50,
        widget=UnfoldAdminTextInputWidget,
        help_text=help_text,
    )


def _capacity(channel: Channel) -> forms.IntegerField:
    return forms.IntegerField(
        label=str(channel.label),
        required=False,
        min_value=0,
        max_value=MAX_CAPACITY,
        widget=UnfoldAdminIntegerFieldWidget,
    )


CAPACITIES = {channel: f"capacity_{channel.value}" for channel in Channel}
"""The form's field for each channel's capacity."""


class AgentForm(RecordForm):
    """An agent; the capacity has a field for each channel."""

    skills = _words(64, "Separate them by commas: billing, refunds.")
    languages = _words(35, "Tags, separated by commas: en, de-CH.", validators=[check_language])
    capacity_email = _capacity(Channel.EMAIL)
    capacity_chat = _capacity(Channel.CHAT)
    capacity_phone = _capacity(Channel.PHONE)
    capacity_web = _capacity(Channel.WEB)
    capacity_api = _capacity(Channel.API)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for channel, name in CAPACITIES.items():
            if name in self.fields:
                self.fields[name].initial = self.instance.capacity.get(channel)

    def clean(self) -> Any:
        cleaned = super().clean()
        given = {channel.value: self.cleaned_data.get(name) for channel, name in CAPACITIES.items()}
        self.cleaned_data["capacity"] = {channel: n for channel, n in given.items() if n is not None}
        return cleaned

    @property
    def changed_data(self) -> list[str]:  # type: ignore[override]
        """The fields' names, with the capacity for its parts."""
        return [*super().changed_data, "capacity"]


@admin.register(Agent)
class AgentAdmin(RecordAdmin):
    form = AgentForm
    list_display = ("profile", "show_presence", "show_skills", "show_languages", "show_capacity")
    list_filter = ("presence",)
    fieldsets = (
        (None, {"fields": ("profile", "presence", "skills", "languages")}),
        (
            "Capacity",
            {
                "fields": (
                    ("capacity_email", "capacity_chat"),
                    ("capacity_phone", "capacity_web"),
                    "capacity_api",
                ),
                "description": "How many tickets at once; an empty field sets no limit.",
            },
        ),
    )
    search_prefixes = ("profile__name", "profile__email")
    icon = "support_agent"

    @display(
        description="presence",
        ordering="presence",
        label={Presence.ONLINE: "success", Presence.AWAY: "warning", Presence.OFFLINE: "info"},
    )
    def show_presence(self, obj: Agent) -> tuple[str, str]:
        """The presence as a coloured label."""
        return obj.presence, str(obj.get_presence_display())

    @display(description="skills")
    def show_skills(self, obj: Agent) -> str:
        """Skills as words."""
        return ", ".join(obj.skills)

    @display(description="languages")
    def show_languages(self, obj: Agent) -> str:
        """Languages as words."""
        return ", ".join(obj.languages)

    @display(description="capacity")
    def show_capacity(self, obj: Agent) -> str:
        """Capacity as words."""
        return ", ".join(
            f"{channel.label} {obj.capacity[channel]}" for channel in Channel if channel in obj.capacity
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """An agent stays the person that they are."""
        declared = super().get_readonly_fields(request, obj)
        return (*declared, "profile") if obj is not None else declared

    def create_record(self, request: HttpRequest, data: dict[str, Any]) -> Agent:
        return create_agent(profile_id=data.pop("profile").pk, **_without_parts(data))

    def update_record(self, request: HttpRequest, record: Agent, changes: dict[str, Any]) -> Agent:
        return update_agent(agent=record, **_without_parts(changes))  # type: ignore[typeddict-item]

    def delete_record(self, request: HttpRequest, record: Agent) -> None:
        delete_agent(agent=record)


def _without_parts(values: dict[str, Any]) -> dict[str, Any]:
    """A form's values with the capacity as a whole."""
    return {name: value for name, value in values.items() if name not in CAPACITIES.values()}
