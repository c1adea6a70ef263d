"""Times the platform client: run by the case platform_client in a process like an app's web server.

Arguments: the tenant, the platform's URL, how often. Prints JSON: per variant the seconds of each call.
"""

from __future__ import annotations

import json
import sys
import uuid

import django

django.setup()

from django.conf import settings  # noqa: E402

from bench.harness import time_each  # noqa: E402
from platform_core.client import InProcessPlatformClient  # noqa: E402
from shared.platform_client.http import HttpPlatformClient  # noqa: E402
from shared.session import Actor  # noqa: E402


def main() -> None:
    """Alternate the ways of reading one customer and of finding one by e-mail."""
    organization, settings.PLATFORM_API_URL, turns = uuid.UUID(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    settings.PLATFORM_TIMEOUT = 10
    settings.PLATFORM_CACHE_SECONDS = 600
    actor = Actor(kind="key", id=organization, name="bench", ip="127.0.0.1", user_agent="bench")
    over_http = HttpPlatformClient(organization=organization, actor=actor, domain="support")
    in_process = InProcessPlatformClient(organization=organization, actor=actor)
    ada = over_http.find_or_create_customer(email="ada@example.com", name="Ada Lovelace").id

    def uncached() -> object:
        settings.PLATFORM_CACHE_SECONDS = 0
        try:
            return over_http.get_customer(ada)
        finally:
            settings.PLATFORM_CACHE_SECONDS = 600

    taken = time_each(
        {
            "a customer over HTTP, cached": lambda: over_http.get_customer(ada),
            "a customer over HTTP": uncached,
            "a customer in process": lambda: in_process.get_customer(ada),
            "find or create over HTTP": lambda: over_http.find_or_create_customer(email="ada@example.com"),
            "find or create in process": lambda: in_process.find_or_create_customer(email="ada@example.com"),
        },
        turns=turns,
    )
    print(json.dumps(taken))


if __name__ == "__main__":
    main()
