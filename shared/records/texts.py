"""What a text must be before it is kept: something to see, and a line that reads in the order in which it is written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from typing import Final

from django.core.exceptions import ValidationError
from django.db import models

BLANK: Final = "This text shows nothing: write something that can be seen, or leave it out."
TURNED: Final = (
    "Remove the characters that turn the direction of writing (U+202A to U+202E, U+2066 to U+2069)."
)

_TURNING: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
_UNSEEN_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Zs", "Zl", "Zp", "Mn", "Me"})
_UNSEEN_LETTERS: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # fillers, and the empty Braille cell


def refusal_of_text(value: str, *, line: bool) -> str | None:
    """Why a text cannot be kept, or None. An empty one can; the field says whether it may be left out.

    Joiners stay legal inside of a text: Persian words and emoji are written with them. ``line`` is a text of one line,
    such as a name or a subject; longer ones may embed a quotation in the other direction."""
    if not value or (value.isascii() and not value.isspace()):
        return None
    if not shows_something(value):
        return BLANK
    return TURNED if line and _TURNING.search(value) else None


def shows_something(value: str) -> bool:
    """Whether any character of the text can be seen."""
    return any(
        unicodedata.category(character) not in _UNSEEN_CATEGORIES and character not in _UNSEEN_LETTERS
        for character in value
    )


def tidy_line(value: str) -> str:
    """A line from a file, where nobody can be asked to correct it: without what turns it, '' if nothing shows."""
    if value.isascii():
        return value.strip()
    value = _TURNING.sub("", value).strip()
    return value if shows_something(value) else ""


def check_texts(record: models.Model, exclude: Collection[str] | None = None) -> None:
    """Raise a ValidationError that names each text of a record that cannot be kept."""
    errors = {}
    for field in record._meta.concrete_fields:
        if not isinstance(field, (models.CharField, models.TextField)) or field.name in (exclude or ()):
            continue
        value = getattr(record, field.attname)
        if isinstance(value, str) and not (field.blank and not value.strip()):
            refusal = refusal_of_text(value, line=isinstance(field, models.CharField))
            if refusal is not None:
                errors[field.name] = ValidationError(refusal, code="blank" if refusal == BLANK else "invalid")
    if errors:
        raise ValidationError(errors)
