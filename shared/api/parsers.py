"""Reads bodies: strict JSON of at most one megabyte."""

from __future__ import annotations

import re
from typing import IO, Any

import orjson
from django.conf import settings
from rest_framework.parsers import BaseParser, FormParser, MultiPartParser

from shared.api.problems import ProblemError

MAX_DEPTH = 32
_LARGE_NUMBER = re.compile(rb"[0-9]{19}|[0-9][eE]")  # a large number cannot be written without


def max_body_bytes() -> int:
    """The largest body that is read."""
    return settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 1024 * 1024


def body_too_large() -> ProblemError:
    """The 413 answer."""
    return ProblemError(
        413, "body_too_large", f"The body is too large: send at most {max_body_bytes():,} bytes."
    )


class StrictJSONParser(BaseParser):
    """JSON as RFC 8259 has it: no NaN, no half surrogates, no NUL in texts or names, at most 32 levels deep."""

    media_type = "application/json"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> Any:
        raw = read_limited(stream, parser_context)
        return loads(raw)


class StaffFormParser(FormParser):
    """Forms of the browsable API."""


class StaffMultiPartParser(MultiPartParser):
    """Forms of the browsable API."""


def read_limited(stream: IO[bytes], parser_context: Any) -> bytes:
    """The body; a 413 problem when it is larger than allowed."""
    limit = max_body_bytes()
    raw = stream.read(limit + 1)
    if len(raw) > limit:
        raise body_too_large()
    request = (parser_context or {}).get("request")
    if request is not None:
        request._request.raw_body = raw  # the idempotency key's hash is over it
    return raw


def loads(raw: bytes | str) -> Any:
    """Parse JSON strictly; raises a 400 problem that says where the fault lies."""
    if isinstance(raw, str):
        raw = raw.encode("utf-8", "surrogatepass")
    if not raw.strip():
        return {}
    if raw.count(b"[") + raw.count(b"{") > MAX_DEPTH and _depth(raw) > MAX_DEPTH:
        raise malformed(f"The JSON is nested more than {MAX_DEPTH} levels deep: send a flatter document.")
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise malformed(f"The body is not valid JSON: {error}.") from error
    if b"\\u0000" in raw:
        refuse_nul(value)
    if _LARGE_NUMBER.search(raw):
        refuse_large_numbers(value)
    return value


def malformed(detail: str, pointer: str = "") -> ProblemError:
    """A 400 for a body that cannot be read."""
    field = {"field": pointer.strip("/").replace("/", ".")} if pointer else {}
    error = {**field, "pointer": pointer, "code": "malformed", "detail": detail}
    return ProblemError(400, "malformed", detail, errors=[error])


def refuse_nul(value: Any, pointer: str = "") -> None:
    """Raise a 400 problem naming the place of a NUL character; PostgreSQL cannot store one."""
    if isinstance(value, str):
        if "\x00" in value:
            raise malformed("A text holds the character NUL, which cannot be stored: remove it.", pointer)
    elif isinstance(value, dict):
        for key, below in value.items():
            if "\x00" in key:
                raise malformed(
                    "A name holds the character NUL, which cannot be stored: remove it.", pointer or "/"
                )
            refuse_nul(below, f"{pointer}/{key}")
    elif isinstance(value, list):
        for index, below in enumerate(value):
            refuse_nul(below, f"{pointer}/{index}")


def refuse_large_numbers(value: Any, pointer: str = "") -> None:
    """Raise a 400 problem naming the place of a number beyond 64 bits: PostgreSQL would store it, few could read it."""
    if isinstance(value, (int, float)) and abs(value) >= 2**63:
        raise malformed("This number is too large: send one below 2^63, or a text.", pointer)
    if isinstance(value, dict):
        for key, below in value.items():
            refuse_large_numbers(below, f"{pointer}/{key}")
    elif isinstance(value, list):
        for index, below in enumerate(value):
            refuse_large_numbers(below, f"{pointer}/{index}")


def _depth(raw: bytes) -> int:
    """How deep arrays and objects are nested, without recursion; brackets within texts do not count."""
    deepest = depth = 0
    in_text = escaped = False
    for byte in raw:
        if in_text:
            if escaped:
                escaped = False
            elif byte == 0x5C:
                escaped = True
            elif byte == 0x22:
                in_text = False
        elif byte == 0x22:
            in_text = True
        elif byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
            if deepest > MAX_DEPTH:
                return deepest
        elif byte in b"]}":
            depth -= 1
    return deepest
