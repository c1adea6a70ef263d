"""Secrets by which processes of different domains know one another.

All follow from SERVICE_SECRET_SEED, which the platform's processes know. An app's process knows its own alone, as
``SUPPORT_SERVICE_SECRET``, so that nobody can speak in another domain's name.
"""

from __future__ import annotations

import hashlib
import hmac

from django.conf import settings


def service_secret(seed: str, domain: str) -> str:
    """The secret of ``domain`` under the installation's ``seed``; the value of ``<NAME>_SERVICE_SECRET``."""
    return hmac.new(seed.encode(), domain.encode(), hashlib.sha256).hexdigest()


def find_service_secret(domain: str) -> str:
    """The secret of a domain as far as this process knows it; empty where it does not."""
    own: str = settings.SERVICE_SECRETS.get(domain, "")
    if own or not settings.SERVICE_SECRET_SEED:
        return own
    return service_secret(settings.SERVICE_SECRET_SEED, domain)
