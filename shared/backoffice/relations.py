"""How references to other records are chosen and read."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html

from shared.domains.registry import get_domain


class RelationsMixin:
    """Large tables are chosen from by typing, never by a list of all their rows."""

    model: type[models.Model]
    admin_site: Any
    autocomplete_fields: Any

    def get_autocomplete_fields(self, request: HttpRequest) -> list[str]:
        """Declared ones, and every reference to a model whose page can search by prefix."""
        declared = list(self.autocomplete_fields)
        taken = {*declared, *getattr(self, "raw_id_fields", ()), *getattr(self, "radio_fields", ())}
        for field in self.model._meta.concrete_fields:
            if field.name in taken or not isinstance(field, models.ForeignKey):
                continue
            page = self.admin_site._registry.get(field.remote_field.model)
            prefixes: Any = getattr(page, "search_prefixes", None)
            if prefixes:
                declared.append(field.name)
        return declared


def record_link(entity: str, record_id: uuid.UUID, text: str) -> str:
    """A record of any domain (``support.ticket``), linked to its page where this process has one; else its text."""
    domain, _, noun = entity.partition(".")
    try:
        address = reverse(f"admin:{get_domain(domain).app}_{noun.replace('_', '')}_change", args=[record_id])
    except NoReverseMatch:
        return text
    return format_html('<a href="{}">{}</a>', address, text)
