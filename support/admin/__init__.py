"""Support's pages in the back office."""

from support.admin.agent import AgentAdmin
from support.admin.customer_reference import CustomerReferenceAdmin
from support.admin.ticket import TicketAdmin

__all__ = ["AgentAdmin", "CustomerReferenceAdmin", "TicketAdmin"]
