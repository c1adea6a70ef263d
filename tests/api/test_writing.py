"""Writes: strict bodies, versions, idempotency keys."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from django.db import connections

from shared.tenancy.models import Tenant
from tests.bases.callers import ApiCaller, make_caller

pytestmark = pytest.mark.urls("tests.api.sample")
URL = "/api/platform/profiles"
VALID = {"name": "Ada", "email": "ada@example.com"}


def rows(caller: ApiCaller) -> int:
    return int(caller.get(f"{URL}?count=exact").json()["count"]["value"])


DEEP = b"[" * 20_000 + b"]" * 20_000
HOSTILE: dict[str, tuple[bytes, int, str | None]] = {
    "empty": (b"", 400, "name"),
    "not json": (b"{", 400, None),
    "not utf-8": (b'{"name": "\xff"}', 400, None),
    "an array": (b"[]", 400, None),
    "a text": (b'"x"', 400, None),
    "null": (b"null", 400, None),
    "a number": (b"1", 400, None),
    "nan": (b'{"name": NaN}', 400, None),
    "infinity": (b'{"custom_fields": {"a": Infinity}}', 400, None),
    "nested": (DEEP, 400, None),
    "nested in a field": (b'{"name":"a","email":"a@b.de","custom_fields":{"a":' + DEEP + b"}}", 400, None),
    "nul": (b'{"name": "a\\u0000b", "email": "a@b.de"}', 400, "name"),
    "nul in json": (
        b'{"name": "a", "email": "a@b.de", "custom_fields": {"a": ["\\u0000"]}}', 400, "custom_fields.a.0",
    ),
    "nul in a key": (
        b'{"name": "a", "email": "a@b.de", "custom_fields": {"\\u0000": 1}}', 400, "custom_fields",
    ),
    "surrogate": (b'{"name": "\\ud800", "email": "a@b.de"}', 400, None),
    "surrogate in json": (b'{"name": "a", "email": "a@b.de", "custom_fields": {"a": "\\udfff"}}', 400, None),
    "surrogate in a key": (b'{"name": "a", "email": "a@b.de", "custom_fields": {"\\ud800": 1}}', 400, None),
    "unknown field": (b'{"name": "a", "email": "a@b.de", "nope": 1}', 400, "nope"),
    "read-only field": (b'{"name": "a", "email": "a@b.de", "id": "1"}', 400, "id"),
    "number for text": (b'{"name": 1, "email": "a@b.de"}', 400, "name"),
    "array for text": (b'{"name": ["a"], "email": "a@b.de"}', 400, "name"),
    "too long": (orjson.dumps({"name": "x" * 5000, "email": "a@b.de"}), 400, "name"),
    "blank": (b'{"name": "", "email": "a@b.de"}', 400, "name"),
    "not an object": (b'{"name": "a", "email": "a@b.de", "custom_fields": []}', 400, "custom_fields"),
    "large object": (
        orjson.dumps({**VALID, "custom_fields": {"a": "x" * 70_000}}), 400, "custom_fields",
    ),
    "1.1 MB": (orjson.dumps({**VALID, "name": "x" * 1_100_000}), 413, None),
    "10 MB": (orjson.dumps({**VALID, "name": "x" * 10_000_000}), 413, None),
    "huge number": (b'{"name": "a", "email": "a@b.de", "custom_fields": {"a": 1e999}}', 400, None),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_body_is_refused_and_writes_nothing(caller: ApiCaller, name: str) -> None:
    body, status, field = HOSTILE[name]
    answer = caller.post(URL, body)
    assert answer.status_code == status, answer.content[:500]
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["request_id"]
    if field:
        assert field in [e.get("field") for e in problem["errors"]], problem
    assert rows(caller) == 0


def test_the_wrong_media_type_is_415(caller: ApiCaller) -> None:
    for media_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        answer = caller.post(URL, b"name=a", content_type=media_type)
        assert answer.status_code == 415, media_type
        assert answer.headers["Content-Type"] == "application/problem+json"


def test_what_is_not_there(caller: ApiCaller) -> None:
    assert caller.get(URL, accept="text/csv").status_code == 406
    assert caller.request("PUT", URL, VALID).status_code == 405
    for address in (
        "/api/nothing",
        "/api/platform/nothing",
        f"{URL}/not-a-uuid",
        f"{URL}/{'0' * 36}",
        f"{URL}/%00",
    ):
        answer = caller.get(address)
        assert answer.status_code == 404, address
        assert answer.headers["Content-Type"] == "application/problem+json", address


def test_stale_versions_are_412_and_change_nothing(caller: ApiCaller) -> None:
    made = caller.post(URL, VALID).json()
    address = f"{URL}/{made['id']}"
    changed = caller.patch(address, {"name": "Bea"}, if_match='"1"')
    assert changed.status_code == 200
    assert changed.headers["ETag"] == '"2"'
    assert changed.json()["version"] == 2
    for answer in (
        caller.patch(address, {"name": "Cleo"}, if_match='"1"'),
        caller.delete(address, if_match='"1"'),
    ):
        assert answer.status_code == 412
    assert caller.patch(address, {"name": "C"}, if_match="1").status_code == 400
    assert caller.get(address).json()["name"] == "Bea"
    assert caller.patch(address, {"name": "Dora"}, if_match="*").status_code == 200
    assert caller.delete(address).status_code == 204
    assert caller.get(address).status_code == 404


def test_a_tenant_may_demand_if_match(caller: ApiCaller, tenant: Tenant) -> None:
    from shared.session import acting

    made = caller.post(URL, VALID).json()
    with acting(domain="platform", organization=tenant.id):
        tenant.settings = {"require_if_match": True}
        tenant.save(verbosity=0)
    assert caller.patch(f"{URL}/{made['id']}", {"name": "Bea"}).status_code == 428


def test_an_act_names_what_is_possible(caller: ApiCaller) -> None:
    made = caller.post(URL, VALID).json()
    answer = caller.post(f"{URL}/{made['id']}/refuse")
    assert answer.status_code == 409
    assert answer.json()["allowed"] == ["open"]
    assert caller.post(f"{URL}/{made['id']}/refuse", {"x": 1}).status_code == 400


def test_a_repeated_post_has_one_effect_and_one_answer(caller: ApiCaller) -> None:
    first = caller.post(URL, VALID, idempotency_key="k-1")
    second = caller.post(URL, VALID, idempotency_key="k-1")
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert second.headers["Idempotency-Replayed"] == "true"
    assert second.headers["ETag"] == first.headers["ETag"]
    assert second.headers["Location"] == first.headers["Location"]
    assert "Idempotency-Replayed" not in first.headers
    assert rows(caller) == 1
    other = caller.post(URL, {**VALID, "name": "Bea"}, idempotency_key="k-1")
    assert other.status_code == 422
    assert rows(caller) == 1


def test_a_refusal_releases_the_key(caller: ApiCaller) -> None:
    made = caller.post(URL, VALID).json()
    act = f"{URL}/{made['id']}/refuse"
    assert caller.post(act, idempotency_key="k-2").status_code == 409
    assert caller.post(act, idempotency_key="k-2").status_code == 409
    assert caller.post(URL, {"name": 1}, idempotency_key="k-2").status_code == 400
    assert caller.post(URL, VALID, idempotency_key="k-2").status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb", "é"])
def test_an_unusable_key_is_400(caller: ApiCaller, key: str) -> None:
    assert caller.post(URL, VALID, idempotency_key=key).status_code == 400
    assert rows(caller) == 0


def test_a_key_belongs_to_its_caller(caller: ApiCaller, stranger: ApiCaller, tenant: Tenant) -> None:
    assert caller.post(URL, VALID, idempotency_key="k").status_code == 201
    assert stranger.post(URL, {**VALID, "name": "B"}, idempotency_key="k").status_code == 201
    colleague = make_caller(tenant, "platform:read", "platform:write")
    assert colleague.post(URL, {**VALID, "name": "C"}, idempotency_key="k").status_code == 201


@pytest.mark.parametrize("address", [URL, "/api/platform/slow-profiles"])
def test_concurrent_repeats_have_one_effect_and_one_answer(
    committed: Callable[[str], Tenant], address: str
) -> None:
    caller = make_caller(committed("Race"), "platform:read", "platform:write")
    answers = []

    def call() -> None:
        mine = ApiCaller(caller.tenant, caller.raw_key, caller.key_id)
        answers.append(mine.post(address, VALID, idempotency_key="race"))
        connections.close_all()

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [a.status_code for a in answers] == [201] * 8, [a.content for a in answers]
    assert len({a.content for a in answers}) == 1
    assert sum("Idempotency-Replayed" in a.headers for a in answers) == 7
    assert rows(caller) == 1


def test_a_body_in_chunks_is_read_and_limited(caller: ApiCaller) -> None:
    import io

    def chunked(body: bytes) -> Any:
        return caller.client.generic(
            "POST",
            URL,
            b"",
            content_type="application/json",
            headers={"Authorization": f"Bearer {caller.raw_key}", "Transfer-Encoding": "chunked"},
            CONTENT_TYPE="application/json",
            **{"wsgi.input": io.BytesIO(body), "wsgi.input_terminated": True},
        )

    assert chunked(orjson.dumps(VALID)).status_code == 201
    assert chunked(b'{"name": "' + b"x" * 2_000_000).status_code == 413
    assert rows(caller) == 1


def test_an_unknown_format_is_named(caller: ApiCaller) -> None:
    answer = caller.get(f"{URL}?format=xml")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameter"] == "format"
    assert caller.get(f"{URL}?format=json").status_code == 200
