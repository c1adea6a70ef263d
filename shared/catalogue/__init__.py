"""The generated catalogue in docs/catalogue: tables, rights and API scopes, read off the declarations."""

from __future__ import annotations

from collections.abc import Callable

from shared.catalogue.permissions import permissions_page
from shared.catalogue.schema import schema_page

PAGES: dict[str, Callable[[], str]] = {
    "schema.md": schema_page,
    "permissions.md": permissions_page,
}
"""File name → what writes it."""

__all__ = ["PAGES"]
