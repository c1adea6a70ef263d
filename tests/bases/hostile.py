"""Input that no endpoint may stumble over."""

from __future__ import annotations

import orjson

DEEP = b"[" * 20_000 + b"]" * 20_000

LIST_QUERIES = (
    "limit=0",
    "limit=201",
    "limit=1000000000000000000000000000000",
    "limit=-1",
    "limit=1.5",
    "limit=NaN",
    "limit=",
    "cursor=x",
    "cursor=AAAA",
    "cursor=%00",
    "cursor=%F0%9F%98%80",
    "cursor=" + "A" * 4000,
    "ordering=password",
    "ordering=organization__name",
    "ordering=",
    "fields=nope",
    "fields=id%00",
    "expand=organization.tenants",
    "count=yes",
    "no_such_parameter=1",
    "limit=1&limit=2",
    "organization_id=00000000-0000-0000-0000-000000000000",
    "%00=1",
)

BODIES: dict[str, tuple[bytes, set[int]]] = {
    "not json": (b"{", {400}),
    "not utf-8": (b'{"a": "\xff"}', {400}),
    "an array": (b"[]", {400}),
    "a text": (b'"x"', {400}),
    "null": (b"null", {400}),
    "a number": (b"1", {400}),
    "true": (b"true", {400}),
    "NaN": (b'{"a": NaN}', {400}),
    "Infinity": (b'{"a": [Infinity]}', {400}),
    "a number out of range": (b'{"custom_fields": {"a": 1e999}}', {400}),
    "20,000 arrays": (DEEP, {400}),
    "20,000 arrays in a field": (b'{"custom_fields": {"a": ' + DEEP + b"}}", {400}),
    "NUL in a key": (b'{"a\\u0000": 1}', {400}),
    "NUL in a field of custom fields": (b'{"custom_fields": {"a": ["\\u0000"]}}', {400}),
    "NUL in a key of custom fields": (b'{"custom_fields": {"a\\u0000": 1}}', {400}),
    "half a surrogate in a field": (b'{"custom_fields": {"a": "\\ud800"}}', {400}),
    "half a surrogate in a key": (b'{"custom_fields": {"\\udfff": 1}}', {400}),
    "1.1 MB": (orjson.dumps({"a": "x" * 1_100_000}), {413}),
    "10 MB": (orjson.dumps({"a": "x" * 10_000_000}), {413}),
}
"""Bodies that every write refuses, with the answers that are right."""

HOSTILE_TEXTS = (
    b'"a\\u0000b"',
    b'"\\ud800"',
    b'"\\udfff\\ud800"',
    b"1",
    b"true",
    b"[]",
    b"{}",
    b"null",
    b"1e400",
)
"""Values that no required text takes, as JSON."""
