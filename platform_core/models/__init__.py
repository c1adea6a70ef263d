"""Tables of the platform, a module per noun."""

from platform_core.models.archetype import ArchetypeDefinition, ArchetypeL1, ArchetypeL2, ArchetypeL3
from platform_core.models.company import Company, CompanyMembership
from platform_core.models.custom_field import CustomField, CustomFieldTerm, CustomFieldValue
from platform_core.models.customer import Customer, CustomerIdentifier
from platform_core.models.customer_record import CustomerRecord, TimelineEntry
from platform_core.models.import_batch import ImportBatch
from platform_core.models.interaction import CustomerInteraction
from platform_core.models.profile import CustomerProfile
from platform_core.models.user import Membership, Session, User

__all__ = [
    "ArchetypeDefinition",
    "ArchetypeL1",
    "ArchetypeL2",
    "ArchetypeL3",
    "Company",
    "CompanyMembership",
    "CustomField",
    "CustomFieldTerm",
    "CustomFieldValue",
    "Customer",
    "CustomerIdentifier",
    "CustomerInteraction",
    "CustomerProfile",
    "CustomerRecord",
    "ImportBatch",
    "Membership",
    "Session",
    "TimelineEntry",
    "User",
]
