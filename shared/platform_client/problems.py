"""Problem documents of the platform, as the errors that they were before they were sent."""

from __future__ import annotations

from typing import Any

from shared.errors import Conflict, DomainError, InvalidInput
from shared.platform_client.protocol import CustomerNotFound

_TYPE = "urn:trellis:problem:"


def refusal_of(status: int, document: Any) -> DomainError | None:
    """What the platform refuses, or None where the document tells of no refusal that the protocol knows.

    A 404 counts only if it speaks of the customer: another one means that there is no platform at the address. Raises
    ValueError, TypeError, KeyError or AttributeError for what is no problem document.
    """
    kind = str(document["type"])
    if not kind.startswith(_TYPE):
        raise ValueError("a problem of a kind that is not the platform's")
    code, detail = kind.removeprefix(_TYPE), str(document["detail"])
    if status == 404 and code == CustomerNotFound.code:
        return CustomerNotFound(detail)
    if status == 400:
        return InvalidInput(_by_field(document), message=detail, code=code)
    if status == 409:
        return Conflict(detail, errors=_by_field(document), code=code)
    return None


def _by_field(document: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for error in document["errors"]:
        name = str(error.get("field") or error.get("parameter") or "")
        found.setdefault(name, []).append(str(error["detail"]))
    return found
