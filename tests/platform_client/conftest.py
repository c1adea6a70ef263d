"""The client in each of its two ways: beside the platform, and over HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from shared.platform_client import cache as kept
from shared.platform_client import transport
from shared.tenancy import lookup
from tests.platform_client.servers import platform_server

SEED = "seed of services"
HTTP_CLIENT = "shared.platform_client.http.HttpPlatformClient"


def ask_over_http(settings: Settings, url: str) -> None:
    """Make this process reach the platform at ``url``, with a breaker that has heard of nothing yet."""
    settings.PLATFORM_CLIENT = HTTP_CLIENT
    settings.PLATFORM_API_URL = url
    settings.SERVICE_SECRET_SEED = SEED
    transport._transports.clear()


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """What a process remembers is forgotten between tests."""
    kept._broken_until = 0.0
    lookup._statuses.clear()
    yield
    kept._broken_until = 0.0
    transport._transports.clear()


@pytest.fixture(scope="session")
def platform_url(django_db_setup: None) -> Iterator[str]:
    """The platform as a real HTTP server on the test database."""
    with platform_server() as url:
        yield url


@pytest.fixture
def over_http(settings: Settings, platform_url: str) -> None:
    """This process reaches the platform by HTTP."""
    ask_over_http(settings, platform_url)
    settings.PLATFORM_TIMEOUT = 10  # a busy machine is not what these tests are about
