"""/api/support/tickets/{ticket_id}/messages and …/notes"""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db.models import QuerySet

from shared.api.viewsets import RecordViewSet
from shared.errors import NotFound
from support.api.filters import TicketMessageFilter
from support.api.serializers.conversation import (
    TicketMessageCreateSerializer,
    TicketMessageSerializer,
    TicketNoteCreateSerializer,
    TicketNoteSerializer,
)
from support.selectors.ticket import get_ticket, messages_of_ticket, notes_of_ticket, ticket_exists
from support.services.conversation import add_message, add_note


class OfTicketViewSet(RecordViewSet):
    """Records below a ticket: a ticket that the caller does not have is a 404, whatever is asked below it."""

    ordering = ("created_at", "id")

    def rows_of_ticket(self) -> QuerySet[Any]:
        """The records of the ticket in the address."""
        raise NotImplementedError

    def rows(self) -> QuerySet[Any]:
        if not ticket_exists(self.kwargs["ticket_id"]):
            raise NotFound()
        return self.rows_of_ticket()

    def location_of(self, record: Any) -> str | None:
        kwargs = {"ticket_id": self.kwargs["ticket_id"], "id": record.pk}
        return str(self.reverse_action("detail", kwargs=kwargs))

    def locked_ticket(self) -> Any:
        """The ticket in the address, for a service that changes it."""
        return get_ticket(self.kwargs["ticket_id"], lock=True)


class TicketMessageViewSet(OfTicketViewSet):
    """The public conversation of a ticket, from its beginning. Messages are not changed once they are said."""

    serializer_class = TicketMessageSerializer
    create_serializer = TicketMessageCreateSerializer
    filterset_class = TicketMessageFilter

    def rows_of_ticket(self) -> QuerySet[Any]:
        return messages_of_ticket(self.kwargs["ticket_id"])

    @property
    def create_service(self) -> Any:  # type: ignore[override]  # bound to the ticket in the address
        return partial(_on_ticket, self, add_message)


class TicketNoteViewSet(OfTicketViewSet):
    """Internal notes of a ticket: for members of staff alone, never for a key."""

    serializer_class = TicketNoteSerializer
    create_serializer = TicketNoteCreateSerializer
    for_keys = False

    def rows_of_ticket(self) -> QuerySet[Any]:
        return notes_of_ticket(self.kwargs["ticket_id"])

    @property
    def create_service(self) -> Any:  # type: ignore[override]  # bound to the ticket in the address
        return partial(_on_ticket, self, add_note)


def _on_ticket(view: OfTicketViewSet, service: Any, **fields: Any) -> Any:
    return service(ticket=view.locked_ticket(), **fields)
