"""The domains of this installation: each line makes a schema, a role, grants, policies and URLs."""

from __future__ import annotations

from dataclasses import replace

from shared.domains.registry import Domain

APPS = (
    Domain(
        "support", app="support", schema="support_app", title="Support", reads=("platform",), api=("support",)
    ),
    Domain("crm", app="crm", schema="crm", title="Sales", reads=("platform",), api=("crm",)),
    Domain(
        "marketing",
        app="marketing",
        schema="marketing_app",
        title="Marketing",
        reads=("platform",),
        api=("marketing",),
    ),
)
DOMAINS = (
    Domain(
        "platform",
        app="platform_core",
        schema="platform",
        title="Platform",
        reads=tuple(domain.name for domain in APPS),
        api=("platform", "intelligence"),
        central=True,
    ),
    *APPS,
)


def declared_domains(*, platform_by_api: bool) -> tuple[Domain, ...]:
    """The domains as this installation runs them: with PLATFORM_API_URL the apps reach the platform by HTTP only,
    so they may not even read its schema."""
    if not platform_by_api:
        return DOMAINS
    central = next(domain.name for domain in DOMAINS if domain.central)
    return tuple(replace(d, reads=tuple(name for name in d.reads if name != central)) for d in DOMAINS)
