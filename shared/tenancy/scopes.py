"""What a key may do: ``<domain>:read`` and ``<domain>:write``, derived from the registry."""

from __future__ import annotations

from shared.domains.registry import domains


def scope_choices() -> list[tuple[str, str]]:
    """Every scope with its label, in the order of the domains."""
    return [
        (f"{domain.name}:{verb}", f"{domain.title}: {verb}")
        for domain in domains()
        for verb in ("read", "write")
    ]


def scopes_of(*names: str) -> list[str]:
    """Reading and writing of the named domains."""
    return [f"{name}:{verb}" for name in names for verb in ("read", "write")]
