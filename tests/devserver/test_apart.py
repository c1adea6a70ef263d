"""What the processes of an installation in parts are told: each what it needs, and no other's secret."""

from __future__ import annotations

from shared.devserver.apart import apart_environment
from shared.domains.service_secrets import service_secret

ADDRESSES = {"platform": "http://127.0.0.1:8000", "support": "http://127.0.0.1:8002"}


def told(name: str) -> dict[str, str]:
    return apart_environment(
        name, database_url=f"postgresql://{name}", addresses=ADDRESSES, secret_seed="seed"
    )


def test_an_app_knows_its_own_secret_alone() -> None:
    assert told("support") == {
        "SERVE": "support",
        "SUPPORT_DATABASE_URL": "postgresql://support",
        "BASE_URL": "http://127.0.0.1:8002",
        "PLATFORM_BASE_URL": "http://127.0.0.1:8000",
        "SUPPORT_BASE_URL": "http://127.0.0.1:8002",
        "SUPPORT_SERVICE_SECRET": service_secret("seed", "support"),
        "PLATFORM_API_URL": "http://127.0.0.1:8000",
    }


def test_the_platform_knows_the_seed_and_asks_nobody() -> None:
    environment = told("platform")
    assert environment["SERVICE_SECRET_SEED"] == "seed"
    assert "PLATFORM_API_URL" not in environment
