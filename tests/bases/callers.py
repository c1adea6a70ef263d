"""Callers of the API in tests: a key and a client that sends it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.test import Client

from shared.domains.registry import central_domain
from shared.session import acting
from shared.tenancy.keys import make_key
from shared.tenancy.models import ApiKey, Tenant

UNLIMITED = 0


@dataclass
class ApiCaller:
    """Sends requests with an API key; JSON in, JSON out."""

    tenant: Tenant
    raw_key: str
    key_id: uuid.UUID
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def request(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """``headers`` by their names with underscores: ``idempotency_key="…"``."""
        sent = {
            "authorization": f"Bearer {self.raw_key}",
            **{n.replace("_", "-"): v for n, v in headers.items()},
        }
        data = b"" if body is None else body if isinstance(body, bytes) else orjson.dumps(body)
        content_type = sent.pop("content-type", "application/json")
        return self.client.generic(method, path, data, content_type=content_type, headers=sent)

    def get(self, path: str, **headers: str) -> Any:
        return self.request("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.request("POST", path, {} if body is None else body, **headers)

    def patch(self, path: str, body: Any, **headers: str) -> Any:
        return self.request("PATCH", path, body, **headers)

    def delete(self, path: str, **headers: str) -> Any:
        return self.request("DELETE", path, **headers)


def make_caller(tenant: Tenant, *scopes: str, rate_limit: int = 100_000, **fields: Any) -> ApiCaller:
    """A fresh key of the tenant with these scopes, and a client that sends it."""
    key = make_key()
    with acting(domain=central_domain().name, organization=tenant.id):
        row = ApiKey.objects.create(
            name="Test service",
            prefix=key.prefix,
            digest=key.digest,
            scopes=list(scopes),
            rate_limit=rate_limit,
            **fields,
        )
    return ApiCaller(tenant, key.raw, row.pk)
