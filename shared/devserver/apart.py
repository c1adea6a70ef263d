"""An installation in parts: the environment of a process that serves one domain, with that domain's own login."""

from __future__ import annotations

from collections.abc import Mapping

from shared.domains.service_secrets import service_secret

CENTRAL = "platform"


def apart_environment(
    name: str, *, database_url: str, addresses: Mapping[str, str], secret_seed: str
) -> dict[str, str]:
    """What the process of the domain ``name`` is told: where all answer (``addresses`` by name), its own database
    login and secret. The platform's knows the seed of all secrets, the others' reach it by HTTP."""
    variable = name.upper()
    secrets = (
        {"SERVICE_SECRET_SEED": secret_seed}
        if name == CENTRAL
        else {
            f"{variable}_SERVICE_SECRET": service_secret(secret_seed, name),
            "PLATFORM_API_URL": addresses[CENTRAL],
        }
    )
    return {
        "SERVE": name,
        f"{variable}_DATABASE_URL": database_url,
        "BASE_URL": addresses[name],
        **{f"{other.upper()}_BASE_URL": address for other, address in addresses.items()},
        **secrets,
    }
