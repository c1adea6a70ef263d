"""Errors of the services: what went wrong, in a sentence for the person who asked.

Services and selectors raise these; every edge translates them (the API into problem documents, the admin into form
errors and messages, tasks into log lines). They know nothing of HTTP but the number that the API answers with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar


class DomainError(Exception):
    """Something the caller asked for cannot be done. ``str(error)`` is one sentence that says what to do."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "invalid"
    default_message: ClassVar[str] = "The request cannot be carried out."

    def __init__(self, message: str = "", *, code: str = "", **extra: Any) -> None:
        self.message = message or self.default_message
        self.reason = code or self.code
        self.extra = extra  # members added to the problem document, for example allowed=[…]
        super().__init__(self.message)


class InvalidInput(DomainError):  # named as the catalogue of answers names it
    """Values that the rules refuse, by field: ``InvalidInput({"customer_id": "There is no such customer."})``.

    The key ``""`` stands for the request as a whole. A value may be one message or several.
    """

    code = "invalid_input"
    default_message = "Some values were refused: correct the fields listed in errors."

    def __init__(
        self,
        errors: Mapping[str, str | Sequence[str]] | str = "",
        *,
        message: str = "",
        code: str = "",
        **extra: Any,
    ) -> None:
        if isinstance(errors, str):
            errors = {"": errors} if errors else {}
        self.errors: dict[str, list[str]] = {
            field: [found] if isinstance(found, str) else list(found) for field, found in errors.items()
        }
        super().__init__(message, code=code, **extra)


class NotFound(DomainError):
    """There is no such record, or none that this caller may know of."""

    status = 404
    code = "not_found"
    default_message = "There is no such record, or it belongs to someone else: check the identifier."


class Forbidden(DomainError):
    """The caller may not do this."""

    status = 403
    code = "forbidden"
    default_message = "You may not do this: ask an administrator of your organization for the permission."


class Conflict(DomainError):
    """The state of things does not allow it: a duplicate, or a transition that is not possible now.

    ``errors`` names fields as InvalidInput does; ``allowed`` lists what would be possible.
    """

    status = 409
    code = "conflict"
    default_message = "This conflicts with the present state of the record: read it again and decide anew."

    def __init__(
        self,
        message: str = "",
        *,
        errors: Mapping[str, str | Sequence[str]] | None = None,
        code: str = "",
        **extra: Any,
    ) -> None:
        self.errors = {
            field: [found] if isinstance(found, str) else list(found)
            for field, found in (errors or {}).items()
        }
        super().__init__(message, code=code, **extra)


class StaleVersion(DomainError):
    """The record has changed since the caller read it."""

    status = 412
    code = "stale_version"
    default_message = "The record has changed since you read it: read it again and repeat the change."


class Unavailable(DomainError):
    """Something that is needed does not answer at the moment; the same request may succeed later."""

    status = 503
    code = "unavailable"
    default_message = "The service is busy or restarting: repeat the request in a moment."
