"""Models of the support domain, one module per noun."""

from support.models.agent import Agent
from support.models.custom_field import CustomField, CustomFieldTerm, CustomFieldValue
from support.models.customer_reference import CustomerReference
from support.models.ticket import Ticket, TicketCounter
from support.models.ticket_message import TicketMessage
from support.models.ticket_note import TicketNote

__all__ = [
    "Agent",
    "CustomField",
    "CustomFieldTerm",
    "CustomFieldValue",
    "CustomerReference",
    "Ticket",
    "TicketCounter",
    "TicketMessage",
    "TicketNote",
]
