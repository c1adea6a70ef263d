"""Features that tenants get one after the other: declared in ``config/settings/features.py``, switched by ``manage.py
rollout``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Feature:
    """A branch of the code that some tenants have already.

    ``default`` holds for tenants for whom no rollout has decided. ``since`` is the month it was declared (``2026-11``):
    once all have it, branch and declaration go. ``needs_schema`` is the version that a tenant's own schema must have
    first, 0 for none.
    """

    name: str
    description: str
    since: str
    default: bool = False
    needs_schema: int = 0


class UnknownFeatureError(LookupError):
    """No feature of this name is declared: add it to FEATURES in config/settings/features.py."""


def features() -> tuple[Feature, ...]:
    """All declared features, in the order of their declaration."""
    from django.conf import settings

    declared: tuple[Feature, ...] = settings.FEATURES
    return declared


def get_feature(name: str) -> Feature:
    """The feature called ``name``; raises UnknownFeatureError."""
    for feature in features():
        if feature.name == name:
            return feature
    raise UnknownFeatureError(f"There is no feature {name!r}; declared are {[f.name for f in features()]}.")


def feature_is_on(name: str) -> bool:
    """Whether the unit's tenant has the feature; raises UnknownFeatureError, TenantMissingError outside of a unit."""
    from shared.tenancy.standing import standing

    feature = get_feature(name)
    return standing().features.get(name, feature.default)
