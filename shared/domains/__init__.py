"""Which domain owns what: registry, roles, schemas, grants and their check against the server."""

from shared.domains.registry import (
    Domain,
    UnknownDomainError,
    central_domain,
    domain_of_app,
    domain_of_model,
    domains,
    find_domain_of_app,
    get_domain,
)

__all__ = [
    "Domain",
    "UnknownDomainError",
    "central_domain",
    "domain_of_app",
    "domain_of_model",
    "domains",
    "find_domain_of_app",
    "get_domain",
]
