"""Archetypes: the hierarchy, its definitions, and the default set that rules fill until a model does."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from platform_core.models import ArchetypeDefinition, ArchetypeL1, ArchetypeL2, ArchetypeL3
from shared.records.saving import save_checked

DEFAULT_L1 = {
    "loyal": ("Loyal", "Has bought four times or more."),
    "repeat": ("Repeat buyer", "Has bought two or three times."),
    "single": ("One purchase", "Has bought once."),
    "prospect": ("Prospect", "Has not bought yet."),
}
DEFAULT_L2 = {
    "active": ("active", "Bought within the last 90 days of data."),
    "cooling": ("cooling off", "Last bought 91 to 180 days before the newest data."),
    "lapsed": ("lapsed", "Has not bought for more than 180 days of data."),
}
DEFAULT_L3 = {
    "large": ("large baskets", "Spends at least 35 a purchase on average."),
    "small": ("small baskets", "Spends less than 35 a purchase on average."),
}


def create_archetype_l1(**values: Any) -> ArchetypeL1:
    """Create an archetype of the coarsest level."""
    return save_checked(ArchetypeL1(**values))


def create_archetype_l2(**values: Any) -> ArchetypeL2:
    """Create a kind within a level-1 archetype."""
    return save_checked(ArchetypeL2(**values))


def create_archetype_l3(**values: Any) -> ArchetypeL3:
    """Create a kind within a level-2 archetype."""
    return save_checked(ArchetypeL3(**values))


def define_archetype(**values: Any) -> ArchetypeDefinition:
    """Describe an archetype: criteria, and how to treat who is one."""
    return save_checked(ArchetypeDefinition(**values))


def update_archetype(*, archetype_definition: ArchetypeDefinition, **changes: Any) -> ArchetypeDefinition:
    """Change an archetype's description."""
    return save_checked(archetype_definition, changes)


def delete_archetype(*, archetype_definition: ArchetypeDefinition) -> None:
    """Hide an archetype's description; the hierarchy stays."""
    archetype_definition.soft_delete()


@transaction.atomic
def ensure_default_archetypes() -> None:
    """Create the default hierarchy for a tenant that has none; one that has any is left alone."""
    if ArchetypeL1.all_objects.exists():
        return
    first = {
        code: ArchetypeL1(code=code, name=name, description=text) for code, (name, text) in DEFAULT_L1.items()
    }
    second: dict[str, ArchetypeL2] = {}
    third: dict[str, ArchetypeL3] = {}
    for code, parent in first.items():
        for kind, (name, text) in DEFAULT_L2.items() if code != "prospect" else ():
            key = f"{code}-{kind}"
            second[key] = ArchetypeL2(
                code=key, name=f"{parent.name}, {name}", description=text, parent=parent
            )
            for size, (basket, basket_text) in DEFAULT_L3.items():
                name3 = f"{parent.name}, {name}, {basket}"
                third[f"{key}-{size}"] = ArchetypeL3(
                    code=f"{key}-{size}", name=name3, description=basket_text, parent=second[key]
                )
    definitions = [
        ArchetypeDefinition(code=code, name=l1.name, description=l1.description, l1=l1)
        for code, l1 in first.items()
    ]
    for rows in (first.values(), second.values(), third.values(), definitions):
        found = list(rows)
        for row in found:
            row.adopt_unit()
        type(found[0])._default_manager.bulk_create(found, ignore_conflicts=True)
