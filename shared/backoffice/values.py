"""From a form's values to a service's keywords."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def by_id(values: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """The values, with the chosen records under ``names`` given by their identifiers (``owner_id``)."""
    return {
        (f"{name}_id" if name in names else name): (
            value.pk if name in names and value is not None else value
        )
        for name, value in values.items()
    }
