"""The OpenAPI document describes what the kit answers."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

pytestmark = pytest.mark.urls("tests.api.sample")


@pytest.fixture
def document(client: Client, db: None) -> Any:
    answer = client.get("/api/schema/")
    assert answer.status_code == 200
    return answer.json()


def test_every_operation_documents_its_problems(document: Any) -> None:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if method == "parameters":
                continue
            codes = set(operation["responses"])
            assert {"400", "401", "403", "404", "406", "429", "503"} <= codes, (path, method)
            assert operation["tags"] == ["Platform"]
            problem = operation["responses"]["400"]["content"]["application/problem+json"]
            assert problem["schema"] == {"$ref": "#/components/schemas/Problem"}
            assert operation["security"], (path, method)


def test_a_list_documents_its_parameters(document: Any) -> None:
    names = {p["name"] for p in document["paths"]["/api/platform/profiles"]["get"]["parameters"]}
    assert names == {
        "limit", "cursor", "ordering", "count", "fields", "user_id", "email", "email__in",
        "created_at__gte", "created_at__lt", "version", "as_of",
    }  # fmt: skip


def test_bodies_and_answers_have_their_own_shapes(document: Any) -> None:
    post = document["paths"]["/api/platform/profiles"]["post"]
    assert post["requestBody"]["content"]["application/json"]["schema"]["$ref"].endswith("/ProfileWrite")
    assert post["responses"]["201"]["content"]["application/json"]["schema"]["$ref"].endswith("/Profile")
    assert "put" not in document["paths"]["/api/platform/profiles/{id}"]


@pytest.mark.parametrize("page", ["/api/docs/", "/api/redoc/"])
def test_the_readers_load_nothing_from_outside(client: Client, db: None, page: str) -> None:
    html = client.get(page).content.decode()
    assert "/static/drf_spectacular_sidecar/" in html
    assert 'src="https' not in html
    assert 'href="https' not in html
    assert "default-src 'self'" in html
