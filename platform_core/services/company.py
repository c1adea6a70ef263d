"""Keeping companies."""

from __future__ import annotations

from typing import TypedDict, Unpack

from platform_core.models import Company
from platform_core.selectors.company import find_company_by_name
from shared.errors import InvalidInput
from shared.records.saving import save_checked
from shared.records.texts import refusal_of_text


class CompanyValues(TypedDict, total=False):
    name: str
    domain: str
    industry: str
    phone: str
    country: str
    custom_fields: dict[str, object]


def create_company(**values: Unpack[CompanyValues]) -> Company:
    """Create a company; there is one of a name."""
    return save_checked(Company(**_cleaned(values)))


def update_company(*, company: Company, **changes: Unpack[CompanyValues]) -> Company:
    """Change a company."""
    return save_checked(company, _cleaned(changes))


def delete_company(*, company: Company) -> None:
    """Hide a company; its customers stay and show none until it is restored."""
    company.soft_delete()


def find_or_create_company(*, name: str) -> Company:
    """The company of this name in any case; of concurrent calls one creates it."""
    cleaned = _cleaned({"name": name})["name"]
    company = find_company_by_name(cleaned)
    if company is None:
        row = Company(name=cleaned)
        row.adopt_unit()
        Company.objects.bulk_create([row], ignore_conflicts=True)
        company = find_company_by_name(cleaned)
    assert company is not None
    return company


def _cleaned(values: CompanyValues) -> CompanyValues:
    cleaned = values.copy()
    if "name" in cleaned:
        cleaned["name"] = cleaned["name"].strip()
        refusal = refusal_of_text(cleaned["name"], line=True)
        if refusal or not cleaned["name"]:
            raise InvalidInput({"name": refusal or "Give the company a name."})
    if "domain" in cleaned:
        cleaned["domain"] = cleaned["domain"].strip().lower()
    if "country" in cleaned:
        cleaned["country"] = cleaned["country"].strip().upper()
    return cleaned
