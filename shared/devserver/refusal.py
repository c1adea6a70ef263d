"""The one exception whose text people read."""

from __future__ import annotations


class Refusal(Exception):
    """This machine cannot do what was asked; the message is one sentence that says what to do."""
