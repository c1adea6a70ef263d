"""The session: under which domain, organization and actor a statement runs."""

from shared.session.facts import Actor, Facts, OutsideUnitError, TenantMissingError, current
from shared.session.unit import acting, looking_up, operating, tenant_schema_name

__all__ = [
    "Actor",
    "Facts",
    "OutsideUnitError",
    "TenantMissingError",
    "acting",
    "current",
    "looking_up",
    "operating",
    "tenant_schema_name",
]
