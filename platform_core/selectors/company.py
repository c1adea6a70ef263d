"""Reading companies."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet, Value
from django.db.models.functions import Lower, Trim

from platform_core.models import Company
from shared.errors import NotFound


def companies() -> QuerySet[Company]:
    """The tenant's companies."""
    return Company.objects.all()


def get_company(company_id: uuid.UUID) -> Company:
    """The company, or raises NotFound."""
    company = Company.objects.filter(pk=company_id).first()
    if company is None:
        raise NotFound("There is no such company: list /api/platform/companies for those you have.")
    return company


def find_company_by_name(name: str) -> Company | None:
    """The company of this name in any case, or None."""
    return Company.objects.filter(name_norm=Lower(Trim(Value(name)))).first()
