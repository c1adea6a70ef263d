"""Models of the CRM domain, one module per noun."""

from crm.models.activity import Activity
from crm.models.contact import Contact
from crm.models.custom_field import CustomField, CustomFieldTerm, CustomFieldValue
from crm.models.customer_reference import CustomerReference
from crm.models.deal import Deal, DealStageHistory
from crm.models.pipeline import Pipeline, PipelineStage

__all__ = [
    "Activity",
    "Contact",
    "CustomField",
    "CustomFieldTerm",
    "CustomFieldValue",
    "CustomerReference",
    "Deal",
    "DealStageHistory",
    "Pipeline",
    "PipelineStage",
]
