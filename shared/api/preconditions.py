"""ETags: the version of a record, asked for before a change."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from rest_framework.request import Request

from shared.api.problems import ProblemError
from shared.errors import StaleVersion

REQUIRE_IF_MATCH = "require_if_match"
"""Key of a tenant's settings: PATCH and DELETE without If-Match answer 428."""

_TAG = re.compile(r'(?:W/)?"([^"]*)"')


def etag_of(version: int) -> str:
    """The ETag of a record's version."""
    return f'"{version}"'


def _tags(raw: str, header: str) -> set[str] | None:
    """The tags of a header; None stands for ``*``."""
    if raw.strip() == "*":
        return None
    tags = _TAG.findall(raw)
    if not tags:
        detail = f'{header} must hold ETags in double quotes, such as "3", or *.'
        raise ProblemError(
            400, "invalid_header", detail, errors=[{"header": header, "code": "invalid", "detail": detail}]
        )
    return set(tags)


def expected_versions(request: Request, settings: Mapping[str, Any]) -> set[str] | None:
    """What If-Match demands: versions as texts, or None for any.

    Raises a 428 problem when the tenant demands the header and it is missing.
    """
    raw = request.META.get("HTTP_IF_MATCH")
    if raw is None:
        if settings.get(REQUIRE_IF_MATCH):
            detail = "Your organization demands If-Match on every change: send the ETag that you read."
            raise ProblemError(428, "precondition_required", detail)
        return None
    return _tags(raw, "If-Match")


def check_version(record: Any, expected: set[str] | None) -> None:
    """Raise StaleVersion unless the (locked) record still has a version that the caller knows."""
    if expected is not None and str(record.version) not in expected:
        raise StaleVersion(version=record.version)


def is_unchanged(request: Request, version: int) -> bool:
    """Whether If-None-Match names this version, so that 304 is the answer."""
    raw = request.META.get("HTTP_IF_NONE_MATCH")
    if raw is None:
        return False
    tags = _tags(raw, "If-None-Match")
    return tags is None or str(version) in tags
