"""Query parameters: each known, each once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from shared.api.problems import ProblemError, bad_parameter

CONTROL = frozenset({"format"})
"""Parameters that any address takes: ``?format=json`` for a person's browser."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Which fields an answer has, and which related records."""

    fields: tuple[str, ...] | None = None
    expand: tuple[str, ...] = ()


def read_parameters(given: Any, known: Collection[str], *, beginning: str = "") -> dict[str, str]:
    """The query parameters of a request as a plain dictionary; a 400 problem names unknown and repeated ones.

    ``beginning``: names that begin so are known as well; who asked for it looks at them later.
    """
    values: dict[str, str] = {}
    errors: list[dict[str, str]] = []
    for name, several in given.lists():
        if name not in known and name not in CONTROL and not (beginning and name.startswith(beginning)):
            detail = f"There is no such parameter here; there are: {', '.join(sorted(known)) or 'none'}."
            errors.append({"parameter": name[:100], "code": "unknown_parameter", "detail": detail})
        elif len(several) > 1:
            detail = "Send this parameter once; separate several values by commas."
            errors.append({"parameter": name, "code": "repeated_parameter", "detail": detail})
        elif "\x00" in several[0]:
            errors.append(
                {"parameter": name, "code": "invalid", "detail": "The value holds the character NUL."}
            )
        else:
            values[name] = several[0]
    if errors:
        raise ProblemError(400, "invalid_parameter", "Some query parameters were refused.", errors=errors)
    return values


def parse_shape(values: dict[str, str], fields: Collection[str], expandable: Collection[str]) -> Shape:
    """``?fields=a,b`` and ``?expand=c,d``."""
    return Shape(_names(values, "fields", fields), _names(values, "expand", expandable) or ())


def _names(values: dict[str, str], parameter: str, known: Collection[str]) -> tuple[str, ...] | None:
    raw = values.get(parameter)
    if raw is None:
        return None
    names = tuple(dict.fromkeys(part.strip() for part in raw.split(",")))
    for name in names:
        if name not in known:
            raise bad_parameter(
                parameter, f"There is no {name[:100]!r} here; there are: {', '.join(sorted(known))}."
            )
    return names
