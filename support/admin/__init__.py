"""Support's pages in the back office, in the order of the sidebar."""

from support.admin.ticket import TicketAdmin

# isort: split
from support.admin.customer_reference import CustomerReferenceAdmin

# isort: split
from support.admin.agent import AgentAdmin

# isort: split
from support.admin.custom_field import CustomFieldAdmin

__all__ = ["AgentAdmin", "CustomFieldAdmin", "CustomerReferenceAdmin", "TicketAdmin"]
