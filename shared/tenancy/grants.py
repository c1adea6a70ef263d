"""Who may use the tables of a tenant's own schema."""

from __future__ import annotations

from django.db import models

from shared.domains.access import Verb, access_of
from shared.domains.registry import HISTORY_ROLE, OPERATOR_ROLE, domain_of_model


def tenant_grants(model: type[models.Model]) -> dict[str, tuple[Verb, ...]]:
    """Verbs by role on a table of a tenant's own schema: its app's domain alone, and the operator."""
    access, domain = access_of(model), domain_of_model(model)
    wanted = {domain.role, OPERATOR_ROLE, HISTORY_ROLE}
    return {role: verbs for role, verbs in access.grants(domain.schema).items() if role in wanted}
