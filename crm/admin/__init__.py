"""Pages of CRM in the back office, one module per noun."""

from crm.admin import activity, contact, custom_field, customer_reference, deal, pipeline

__all__ = ["activity", "contact", "custom_field", "customer_reference", "deal", "pipeline"]
