"""How references to other records are chosen and read."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.http import HttpRequest


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
