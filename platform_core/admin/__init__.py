"""Pages of the platform's records."""

from platform_core.admin import (
    archetype,
    company,
    custom_field,
    customer,
    import_batch,
    interaction,
    membership,
    profile,
)

__all__ = [
    "archetype",
    "company",
    "custom_field",
    "customer",
    "import_batch",
    "interaction",
    "membership",
    "profile",
]
