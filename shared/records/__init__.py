"""The record kit: what every tenant table has in common."""

from shared.records.constraints import TenantUnique
from shared.records.fields import TenantForeignKey
from shared.records.identifiers import uuid7
from shared.records.models import Record, TenantRow

__all__ = ["Record", "TenantForeignKey", "TenantRow", "TenantUnique", "uuid7"]
