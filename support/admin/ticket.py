"""Tickets: the queue, and the page where agents work."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import update_wrapper
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponseBase
from django.urls import path
from unfold.decorators import display

from shared.backoffice.record import RecordAdmin
from shared.platform_client import PlatformUnavailable, platform_client
from support.admin.customer_card import ask_for_card
from support.admin.ticket_form import TicketForm
from support.choices import Channel, Direction, TicketPriority, TicketStatus
from support.models import Ticket
from support.selectors.conversation import conversation_of
from support.services.conversation import add_message, add_note
from support.services.customer_reference import sync_customer_reference
from support.services.ticket import delete_ticket, open_ticket, update_ticket

STATUS_COLOURS = {
    TicketStatus.NEW: "info",
    TicketStatus.OPEN: "primary",
    TicketStatus.PENDING_CUSTOMER: "warning",
    TicketStatus.PENDING_THIRD_PARTY: "warning",
    TicketStatus.ON_HOLD: "warning",
    TicketStatus.RESOLVED: "success",
    TicketStatus.CLOSED: "success",
    TicketStatus.SPAM: "danger",
}
PRIORITY_COLOURS = {TicketPriority.HIGH: "warning", TicketPriority.URGENT: "danger"}


@admin.register(Ticket)
class TicketAdmin(RecordAdmin):
    """The conversation in the middle, the customer and the ticket's properties beside it."""

    form = TicketForm
    change_form_template = "support/ticket/change_form.html"
    list_display = (
        "number",
        "subject",
        "show_status",
        "show_priority",
        "customer",
        "agent",
        "channel",
        "created_at",
    )
    list_display_links = ("number", "subject")
    list_select_related = ("customer", "agent__profile")
    list_filter = ("status", "priority", "channel")
    sortable_by = ("number", "created_at")  # each has an index; the others would sort the whole queue
    search_prefixes = ("number", "subject_norm")
    icon = "confirmation_number"
    custom_field_classes = ("side",)

    class Media:
        css = {"all": ("support/ticket.css",)}

    _new = (
        (
            "Customer",
            {
                "fields": ("customer", ("requester_name", "requester_email")),
                "description": "Choose the customer, or write who asks: a customer of that e-mail is found.",
            },
        ),
        ("Request", {"fields": ("subject", "description", ("channel", "priority"), "agent", "tags", "note")}),
    )
    fieldsets = (
        ("Answer", {"fields": ("answer", "note")}),
        (
            "Properties",
            {"fields": ("status", "priority", "agent", "channel", "tags"), "classes": ("side",)},
        ),
        (
            "Request",
            {
                "fields": ("subject", "customer", "requester_name", "requester_email", "language", "intent"),
                "classes": ("side",),
            },
        ),
        (
            "Times",
            {
                "fields": (
                    "first_response_at",
                    "waiting_since",
                    "resolved_at",
                    "closed_at",
                    "reopened_count",
                ),
                "classes": ("side", "st-facts"),
            },
        ),
    )

    # --- the list ----------------------------------------------------------------------------------------------------

    @display(description="status", label=STATUS_COLOURS)
    def show_status(self, obj: Ticket) -> tuple[str, str]:
        """The status as a coloured label."""
        return obj.status, str(obj.get_status_display())

    @display(description="priority", label=PRIORITY_COLOURS)
    def show_priority(self, obj: Ticket) -> tuple[str, str]:
        """The priority as a coloured label."""
        return obj.priority, str(obj.get_priority_display())

    # --- the page ----------------------------------------------------------------------------------------------------

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """A new ticket asks for the request; a known one puts all but the answer beside the conversation."""
        if obj is None:
            return [*self._new, *self.custom_fieldsets(request)]
        *own, (title, options) = super().get_fieldsets(request, obj)
        return [*own, (title, {**options, "classes": ("side", "st-facts")})]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        times = ("first_response_at", "waiting_since", "resolved_at", "closed_at", "reopened_count")
        return (*super().get_readonly_fields(request, obj), *times)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"channel": Channel.PHONE, **super().get_changeform_initial_data(request)}

    def get_urls(self) -> Any:
        """The pages of tickets ask the platform, and so before their unit opens."""
        info = f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            path("add/", self._before_unit(self.add_view, self._find_requester), name=f"{info}_add"),
            path(
                "<path:object_id>/change/",
                self._before_unit(self.change_view, self._find_card),
                name=f"{info}_change",
            ),
            *super().get_urls(),
        ]

    def _before_unit(
        self, view: Callable[..., Any], ask: Callable[..., None]
    ) -> Callable[..., HttpResponseBase]:
        guarded = self.admin_site.admin_view(view)

        def page(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
            ask(request, **kwargs)
            return guarded(request, **kwargs)

        return update_wrapper(page, view)

    def _find_card(self, request: HttpRequest, object_id: str) -> None:
        staff = request.staff  # type: ignore[attr-defined]  # permissions follow from it
        if request.method == "GET" and staff and self.has_view_permission(request):
            request.customer_card = ask_for_card(request, object_id)  # type: ignore[attr-defined]

    def _find_requester(self, request: HttpRequest) -> None:
        """Whoever asks may be a customer whom support has not met yet."""
        email = request.POST.get("requester_email", "").strip()
        staff = request.staff  # type: ignore[attr-defined]
        if not email or "\x00" in email or request.POST.get("customer") or not staff or not staff.membership:
            return
        if not self.has_add_permission(request):
            return
        platform = platform_client(
            organization=staff.organization_id,
            actor=staff.actor,
            request_id=request.request_id,  # type: ignore[attr-defined]
            domain="support",
        )
        with suppress(PlatformUnavailable):  # then the ticket keeps the e-mail
            request.requester = platform.find_customer_by_email(email)  # type: ignore[attr-defined]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        ticket = context.get("original")
        if ticket is not None:
            context["conversation"] = conversation_of(ticket)
            context["customer_card"] = getattr(request, "customer_card", None)
        return super().render_change_form(request, context, *args, **kwargs)

    # --- writes ------------------------------------------------------------------------------------------------------

    def create_record(self, request: HttpRequest, data: dict[str, Any]) -> Ticket:
        said = _take_said(data)
        data.pop("status")  # a new ticket is new
        requester = getattr(request, "requester", None)
        if data.get("customer") is None and requester is not None:
            data["customer"] = sync_customer_reference(customer=requester)
        ticket = open_ticket(**_by_id(data))
        _say(ticket, **said)
        return ticket

    def update_record(self, request: HttpRequest, record: Ticket, changes: dict[str, Any]) -> Ticket:
        said = _take_said(changes)
        ticket = update_ticket(ticket=record, **_by_id(changes))  # type: ignore[typeddict-item]
        _say(ticket, **said)
        return ticket

    def delete_record(self, request: HttpRequest, record: Ticket) -> None:
        delete_ticket(ticket=record)


def _take_said(values: dict[str, Any]) -> dict[str, str]:
    """Take what the agent says out of a form's values."""
    return {name: values.pop(name, "") for name in ("answer", "note")}


def _say(ticket: Ticket, *, answer: str, note: str) -> None:
    if answer:
        add_message(ticket=ticket, direction=Direction.OUTBOUND, body=answer)
    if note:
        add_note(ticket=ticket, body=note)


def _by_id(values: dict[str, Any]) -> dict[str, Any]:
    """A form's values as the services take them: the agent by its identifier."""
    if "agent" in values:
        agent = values.pop("agent")
        values["agent_id"] = agent.pk if agent is not None else None
    return values
